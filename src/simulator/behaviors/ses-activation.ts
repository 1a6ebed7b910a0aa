import type { SesSubenclosure } from '../ses-subenclosure.ts';
import { SesStatus } from '../ses-subenclosure.ts';
import type { SimulatedDevice } from '../simulated-device.ts';
import { MICROCODE_CHANGED } from '../unit-attentions.ts';

/** Starts the code that only waited for its status 10h to be read; nothing happens where there is none. */
export function startSesCode(subenclosure: SesSubenclosure, device: SimulatedDevice, nexus: string): void {
  const { starting, microcode } = subenclosure;
  if (starting === null) return;
  subenclosure.starting = null;
  microcode.run(starting.bufferId, starting.image, starting.saved);
  started(subenclosure, device, nexus);
}

/** Page 0Eh mode 0Fh. False: nothing is deferred. */
export function activateDeferred(
  subenclosure: SesSubenclosure,
  device: SimulatedDevice,
  nexus: string,
): boolean {
  const { microcode } = subenclosure;
  const due = [...microcode.waiting].filter(([, { events }]) => events.has('activate'));
  if (due.length === 0) return false;
  const later = subenclosure.laterThanActivation();
  if (later === null) {
    microcode.happen('activate');
    subenclosure.wait(SesStatus.idle);
    started(subenclosure, device, nexus);
  } else {
    for (const [bufferId, waiting] of due)
      microcode.waiting.set(bufferId, { ...waiting, events: later.events });
    subenclosure.wait(later.status);
  }
  return true;
}

/** The process runs in the primary subenclosure; code of another one begins without a reset of the logical unit. */
function started(subenclosure: SesSubenclosure, device: SimulatedDevice, nexus: string): void {
  if (subenclosure.rules.code !== null) {
    device.unitAttentions.establish(MICROCODE_CHANGED, nexus);
    return;
  }
  if (device.persona.restart !== null) device.enclosure?.restart();
  device.startNewCode(nexus);
}
