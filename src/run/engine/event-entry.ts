import type { RunEvent } from '../facts/events.ts';
import type { EntryBody } from '../records/journal-entry.ts';

/** The line of the journal that an event is worth; null: none, or not by itself. */
export function entryOfEvent(event: RunEvent): EntryBody | null {
  switch (event.type) {
    case 'notice':
      return { type: 'notice', device: event.device, message: event.message };
    case 'stop-requested':
      return { type: 'notice', device: null, message: `${event.signal} came: ${event.effect}` };
    case 'unit-attention': {
      const { device, asc, ascq, text } = event;
      return { type: 'unit-attention', device, asc, ascq, text };
    }
    case 'phase-finished': {
      const { device, phase, durationMs } = event;
      return { type: 'phase-finished', device, phase, durationMs };
    }
    case 'progress': // a state of the device
    case 'device-finished': // its verdict, with the record of the unit
    case 'device-planned': // its unit says more
    case 'run-started': // its header says more
    case 'phase-started':
    case 'waiting':
    case 'run-finished': // the last line
      return null;
  }
}
