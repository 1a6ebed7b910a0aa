import type { Refusal } from '../../base/refusal.ts';
import { Device } from '../../device/device.ts';
import { isOnPassivePath } from '../../microcode/ready-enough.ts';
import type { PlannedUnit } from '../guards/world.ts';
import { checkDevice } from './check.ts';
import type { CheckEnd } from './check.ts';
import type { HeldUnit } from './held-unit.ts';
import type { DeviceRunOptions } from './run-options.ts';
import type { UnitMessages } from './unit-messages.ts';

/**
 * Opens the unit and checks it: over the planned path, and over the others where that is in standby (asymmetric access). A
 * refusal: it cannot be opened.
 */
export async function checkOverPaths(
  held: HeldUnit,
  unit: PlannedUnit,
  {
    host,
    health = 'ignore',
    proceedWithout = [],
  }: Pick<DeviceRunOptions, 'host' | 'health' | 'proceedWithout'>,
  messages: UnitMessages,
): Promise<{ readonly device: Device; readonly end: CheckEnd } | Refusal> {
  const planned = held.path();
  const others = unit.facts.paths.filter(({ hctl, sgNode }) => sgNode !== null && hctl !== planned.hctl);
  let device = await held.open();
  for (;;) {
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
    const isPassive = end.kind === 'refused' && isOnPassivePath(end.failure.sense);
    const next = isPassive ? others.shift() : undefined;
    if (next === undefined) return { device, end };
    messages.notice(`${held.path().sgNode} is in standby: ${next.sgNode} is used instead`);
    device = await held.openOver(next);
  }
}
