import type { ScsiCommand } from '../../scsi/command.ts';
import type { WriteBufferCdb } from '../../scsi/write-buffer.ts';
import { WRITE_BUFFER_MODES, modeFacts } from '../../scsi/write-buffer.ts';
import type { CommandOutcome } from '../../transport/transport.ts';
import { COMMAND_SEQUENCE_ERROR, good } from '../answers.ts';
import type { LabImage } from '../incoming-image.ts';
import type { ActivationEvent, WaitingImage } from '../microcode.ts';
import type { SimulatedDevice } from '../simulated-device.ts';

/** Events of MODE SPECIFIC in mode 0Dh: PO_ACT, HR_ACT, VSE_ACT. */
const EVENT_BITS: readonly (readonly [mask: number, event: ActivationEvent])[] = [
  [4, 'power-on'],
  [2, 'hard-reset'],
  [1, 'vendor'],
];

/** WRITE BUFFER mode 0Fh: what waits runs now, or, on devices that want a reset for it, from the next reset on. */
export function activate(command: ScsiCommand, device: SimulatedDevice, nexus: string): CommandOutcome {
  const { microcode } = device;
  const due = [...microcode.waiting].filter(([, { events }]) => events.has('activate'));
  if (due.length === 0) return device.refuse(COMMAND_SEQUENCE_ERROR);
  const later = laterEvents(device);
  if (later === null) {
    microcode.happen('activate');
    device.startNewCode(nexus);
  } else {
    for (const [bufferId, waiting] of due) microcode.waiting.set(bufferId, { ...waiting, events: later });
  }
  return good(command);
}

/** The last byte came and the image is one that the device knows. */
export function complete(
  image: LabImage,
  { mode, modeSpecific, bufferId }: WriteBufferCdb,
  device: SimulatedDevice,
  nexus: string,
): void {
  const waiting = waitsFor(image, mode, modeSpecific, device);
  if (waiting !== null) {
    device.microcode.waiting.set(bufferId, waiting);
    return;
  }
  device.microcode.run(bufferId, image, modeFacts(mode).saved);
  device.startNewCode(nexus);
}

function waitsFor(
  image: LabImage,
  mode: number,
  modeSpecific: number,
  device: SimulatedDevice,
): WaitingImage | null {
  const { saved, deferred } = modeFacts(mode);
  if (mode === WRITE_BUFFER_MODES.dmc_offs_ev_defer) {
    const chosen = EVENT_BITS.filter(([mask]) => (modeSpecific & mask) !== 0).map(([, event]) => event);
    return { image, events: new Set<ActivationEvent>(['activate', ...chosen]), deferred };
  }
  if (deferred) return { image, events: new Set(['activate', 'hard-reset', 'power-on']), deferred };
  // Unsaved code has nowhere to wait: it runs at once.
  if (!saved) return null;
  if (device.persona.takesEffect === 'after-activate') {
    return { image, events: new Set(['activate', 'hard-reset', 'power-on']), deferred };
  }
  const events = laterEvents(device);
  return events === null ? null : { image, events, deferred };
}

/** The events that a device waits for although it was told to activate; null: it does not wait. */
function laterEvents({ persona }: SimulatedDevice): ReadonlySet<ActivationEvent> | null {
  switch (persona.takesEffect) {
    case 'hard-reset':
      return new Set<ActivationEvent>(['hard-reset', 'power-on']);
    case 'power-cycle':
      return new Set<ActivationEvent>(['power-on']);
    default:
      return null;
  }
}
