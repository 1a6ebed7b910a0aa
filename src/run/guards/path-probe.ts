import { constants } from 'node:os';
import type { Clock } from '../../base/clock.ts';
import { TransportError } from '../../base/errors.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import { DeviceError } from '../../device/device.ts';
import { identifyPath } from '../../device/find.ts';
import { contradicts, identityChanged } from '../../device/identity.ts';
import type { UnitIdentity } from '../../device/identity.ts';
import type { AttachedDevice, Host } from '../../host/host.ts';
import { nodeOfPath } from '../facts/nodes.ts';

/**
 * What a path said when the unit was asked for over it. `another`: another unit answered. `unknown`: it could not be asked, or not who it
 * is; that is not the same as silence.
 */
export type PathAnswer =
  | { readonly kind: 'answers'; readonly path: AttachedDevice }
  | {
      readonly kind: 'silent' | 'another' | 'unknown';
      readonly path: AttachedDevice;
      readonly why: Refusal;
      /** What was seen, with the node. */
      readonly what: string;
    };

/**
 * Asks over each of these paths, at the same time, whether this unit, which has just said who it is over another one, answers there: by INQUIRY alone, which leaves unit attentions waiting
 * and is answered in standby, over a descriptor that only reads. A path on which the unit itself is open must not be among them.
 */
export const askPaths = (
  paths: readonly AttachedDevice[],
  unit: UnitIdentity,
  around: { readonly host: Host; readonly clock: Clock },
): Promise<readonly PathAnswer[]> => Promise.all(paths.map((path) => askPath(path, unit, around)));

async function askPath(
  path: AttachedDevice,
  unit: UnitIdentity,
  { host, clock }: { readonly host: Host; readonly clock: Clock },
): Promise<PathAnswer> {
  const node = nodeOfPath(path);
  if (path.sgNode === null) {
    const why = refusal('no-sg-node');
    return { kind: 'unknown', path, why, what: `${node}: ${why.message}` };
  }
  try {
    const { identity, unreadable } = await identifyPath(host, path, clock, unit);
    if (contradicts(unit, identity)) {
      const why = identityChanged(unit, identity, `at ${node}`);
      return { kind: 'another', path, why, what: why.message };
    }
    const [unread] = unreadable;
    if (unread === undefined) return { kind: 'answers', path };
    return { kind: 'unknown', path, why: unread.why, what: `${node}: ${unread.why.message}` };
  } catch (error) {
    if (error instanceof DeviceError) {
      const why = error.failure;
      // Who answers that it cannot answer is there.
      const kind = why.layer === 'device' ? 'unknown' : 'silent';
      return { kind, path, why, what: `${node}: ${why.message}` };
    }
    if (!(error instanceof TransportError)) throw error;
    const kind = isWithoutDevice(error) ? 'silent' : 'unknown';
    return { kind, path, why: error.refusal, what: error.message };
  }
}

/** The kernel has the node, and nothing behind it; any other error of opening says nothing of the path. */
const isWithoutDevice = ({ context: { errno } }: TransportError): boolean =>
  errno === constants.errno.ENXIO || errno === constants.errno.ENODEV;
