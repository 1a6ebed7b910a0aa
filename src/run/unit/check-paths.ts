import type { Refusal } from '../../base/refusal.ts';
import { Device } from '../../device/device.ts';
import type { AttachedDevice } from '../../host/host.ts';
import { isOnPassivePath } from '../../microcode/ready-enough.ts';
import type { PlannedUnit } from '../guards/world.ts';
import { checkDevice } from './check.ts';
import type { CheckEnd } from './check.ts';
import type { HeldUnit } from './held-unit.ts';
import type { DeviceRunOptions } from './run-options.ts';
import type { UnitMessages } from './unit-messages.ts';

type Hooks = Pick<DeviceRunOptions, 'host' | 'health' | 'proceedWithout'>;
type Checked = { readonly device: Device; readonly end: CheckEnd } | Refusal;

/** The other paths of the unit, beside the one that is used now. */
export const otherPaths = (held: HeldUnit, { facts }: PlannedUnit): AttachedDevice[] => {
  const now = held.path();
  return facts.paths.filter(({ hctl, sgNode }) => sgNode !== null && hctl !== now.hctl);
};

/**
 * Opens the unit and checks it: over the planned path, and over the others where that is in standby (asymmetric access). A
 * refusal: it cannot be opened.
 */
export async function checkOverPaths(
  held: HeldUnit,
  unit: PlannedUnit,
  options: Hooks,
  messages: UnitMessages,
): Promise<Checked> {
  const others = otherPaths(held, unit);
  let checked = await checkOpened(await held.open(), held, unit, options, messages);
  for (;;) {
    const isPassive =
      'end' in checked && checked.end.kind === 'refused' && isOnPassivePath(checked.end.failure.sense);
    const next = isPassive ? others.shift() : undefined;
    if (next === undefined) return checked;
    checked = await checkOver(next, held, unit, options, messages);
  }
}

/** The path in use is in standby: the unit is opened over another one, and checked there. */
export async function checkOver(
  path: AttachedDevice,
  held: HeldUnit,
  unit: PlannedUnit,
  options: Hooks,
  messages: UnitMessages,
): Promise<Checked> {
  messages.notice(`${held.path().sgNode} is in standby: ${path.sgNode} is used instead`);
  return checkOpened(await held.openOver(path), held, unit, options, messages);
}

async function checkOpened(
  device: Device | Refusal,
  held: HeldUnit,
  unit: PlannedUnit,
  { host, health = 'ignore', proceedWithout = [] }: Hooks,
  messages: UnitMessages,
): Promise<Checked> {
  if (!(device instanceof Device)) return device;
  const end = await checkDevice(device, unit, {
    host,
    path: held.path,
    lockDescriptors: held.lockDescriptors,
    health,
    onNotice: messages.notice,
    onWaiting: messages.waiting,
    proceedWithout,
    onWithout: messages.goOnWithout,
  });
  return { device, end };
}
