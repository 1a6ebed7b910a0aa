import { fromHex } from '../../base/bytes.ts';
import type { Device } from '../../device/device.ts';
import type { Host } from '../../host/host.ts';
import type { Verification } from '../../microcode/verification.ts';
import { meaningOf } from '../facts/revision.ts';
import { lookAtEnclosure } from '../../microcode/ses/look.ts';
import type { ToldStatuses } from '../../microcode/ses/look.ts';
import type { Proof } from '../facts/goal.ts';
import { witnessAgrees } from '../facts/witness.ts';

/** Completes a look as the run itself would have done: the right descriptor, the words of the playbook, the witness. */
export async function completeLook(
  { subenclosure, aliases, unchanged, witness }: Proof,
  target: string,
  { device, host, told }: { readonly device: Device; readonly host: Host; readonly told: ToldStatuses },
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
  const asked = witness.kind === 'vpd' ? { ...witness, equals: fromHex(witness.equals) } : witness;
  return { ...look, witness: await witnessAgrees(asked, device, host) };
}
