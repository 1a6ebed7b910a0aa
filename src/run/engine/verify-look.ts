import type { Device } from '../../device/device.ts';
import type { AttachedDevice, Host } from '../../host/host.ts';
import type { Verification } from '../../microcode/verification.ts';
import { meaningOf } from '../facts/revision.ts';
import { lookAtEnclosure } from '../../microcode/ses/look.ts';
import type { ToldStatuses } from '../../microcode/ses/look.ts';
import { witnessOf } from '../facts/goal.ts';
import type { Proof } from '../facts/goal.ts';
import { witnessAgrees } from '../facts/witness.ts';

/** Completes a look as the run itself would have done: the right descriptor, the words of the playbook, the witness. */
export async function completeLook(
  { subenclosure, aliases, unchanged, witness }: Proof,
  target: string,
  {
    device,
    host,
    path,
    told,
  }: {
    readonly device: Device;
    readonly host: Host;
    readonly path: AttachedDevice;
    readonly told: ToldStatuses;
  },
  first: Verification,
): Promise<Verification> {
  const isNew = (revision: string): boolean => meaningOf({ aliases }, revision) === target;
  const seen =
    subenclosure === null
      ? first
      : await lookAtEnclosure(device, first, { subenclosureId: subenclosure, isNew, told });
  if (seen.revision === null) return seen;
  const look = { ...seen, revision: meaningOf({ aliases }, seen.revision), shown: seen.revision };
  if (witness === null || (!unchanged && look.revision !== target)) return look;
  return { ...look, witness: await witnessAgrees(witnessOf(witness), { device, host, path }) };
}
