import type { ResolvedPlay } from '../playbook/resolved.ts';
import type { DeviceResult } from '../run/facts/outcome.ts';
import { OperationCode } from '../scsi/command.ts';
import type { SimulatedDevice } from '../simulator/simulated-device.ts';
import { runsImageOf, targetOf } from './made-devices.ts';
import type { MadeDevice, PlayChain } from './made-devices.ts';

/**
 * What a verdict says that is not so, by what the simulated device holds; null: it is true.
 *
 * @param all what was said of the same device by other plays, too
 */
export function untruth(
  { outcome, play: name }: DeviceResult,
  { device, chain, isUnlike }: MadeDevice,
  all: readonly DeviceResult[],
): string | null {
  const index = Math.max(
    0,
    chain.findIndex((play) => play.name === name),
  );
  const runs = runsSince(chain[index]!, chain, device);
  const shows = showsSince(chain[index]!, chain, device) || (chain[index]!.verify.unchanged && runs);
  const well = runs && shows && device.present && device.ready && device.identity.naa === device.id;
  // What a later play did to the device speaks for this one only where that went well.
  const isLast = all.every(({ play, outcome: other }) => play === name || UNTOUCHED.includes(other));
  switch (outcome) {
    case 'updated':
    case 'current':
      return runs && (well || !isLast) ? null : `${outcome}, and the device does not run the target`;
    case 'pending':
      return runs || waits(device) ? null : 'pending, and no image waits on the device';
    case 'refused':
    case 'skipped':
      return isLast && wasWritten(device) ? `${outcome}, and bytes reached the device` : null;
    case 'lost':
      return device.present && device.ready && device.enclosure?.silent == null
        ? 'lost, and the device is there'
        : null;
    case 'degraded':
      return well && device.lostPaths === 0 && !isUnlike ? 'degraded, and the device is well' : null;
    case 'unverified':
    case 'failed':
    case 'frozen':
      return well ? `${outcome}, and the device runs the target` : null;
  }
}

const UNTOUCHED: readonly string[] = ['refused', 'skipped'];

/** It runs what the play sends, or what a play after it sent later. */
const runsSince = (play: ResolvedPlay, chain: PlayChain, device: SimulatedDevice): boolean =>
  chain.slice(chain.indexOf(play)).some((later) => runsImageOf(later, device));

const showsSince = (play: ResolvedPlay, chain: PlayChain, device: SimulatedDevice): boolean =>
  chain
    .slice(chain.indexOf(play))
    .map(targetOf)
    .some((target) => target !== null && (device.shownRevision === target || inOther(device, target)));

/** A subenclosure shows its revision in page 01h alone. */
const inOther = ({ enclosure }: SimulatedDevice, target: string): boolean =>
  enclosure?.subenclosures.some(
    ({ rules, microcode }) => rules.code !== null && microcode.running.revision === target,
  ) === true;

const waits = ({ microcode, enclosure }: SimulatedDevice): boolean =>
  microcode.waiting.size > 0 ||
  enclosure?.subenclosures.some((part) => part.microcode.waiting.size > 0) === true;

/** Bytes of an image were taken: by WRITE BUFFER, or by a page 0Eh that its status did not refuse. */
const wasWritten = ({ log, enclosure }: SimulatedDevice): boolean =>
  enclosure?.subenclosures.some(({ takenBytes }) => takenBytes > 0) === true ||
  log.some(
    ({ cdb, executed, dataOutBytes }) => executed && dataOutBytes > 0 && cdb[0] === OperationCode.writeBuffer,
  );
