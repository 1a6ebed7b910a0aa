import { hex } from '../base/bytes.ts';
import type { MicrocodeEvent } from '../scsi/microcode-event.ts';

/** What one DOWNLOAD MICROCODE STATUS code says. */
export interface MicrocodeStatusFacts {
  /** `idle`: no download. `interim`: not done yet. `success`: all received and proven. `error`: dropped. */
  readonly kind: 'idle' | 'interim' | 'success' | 'error';
  readonly text: string;
  /** With `success`: any one of these makes the new microcode run; none: it needs no event, or the code does not say. */
  readonly startsAt: readonly MicrocodeEvent[];
  /** 83h: without a good image first, a reset or power cycle may leave a dead device. */
  readonly keepPower: boolean;
}

const idle = (text: string): MicrocodeStatusFacts => ({ kind: 'idle', text, startsAt: [], keepPower: false });
const interim = (text: string): MicrocodeStatusFacts => ({
  kind: 'interim',
  text,
  startsAt: [],
  keepPower: false,
});
const success = (text: string, ...startsAt: MicrocodeEvent[]): MicrocodeStatusFacts => ({
  kind: 'success',
  text,
  startsAt,
  keepPower: false,
});
const error = (text: string, keepPower = false): MicrocodeStatusFacts => ({
  kind: 'error',
  text,
  startsAt: [],
  keepPower,
});

/** Page 0Eh (SES). */
const SES_STATUS: Readonly<Record<number, MicrocodeStatusFacts>> = {
  0x00: idle('no download in progress'),
  0x01: interim('download in progress, more data is expected'),
  0x02: interim('all data received, writing to non-volatile storage'),
  0x03: interim('writing to non-volatile storage with deferred microcode'),
  0x10: success('complete, the new microcode starts now'),
  0x11: success('complete, starts at hard reset or power on', 'hard-reset', 'power-cycle'),
  0x12: success('complete, starts at power on', 'power-cycle'),
  0x13: success(
    'complete, starts at activation, hard reset or power on',
    'activation',
    'hard-reset',
    'power-cycle',
  ),
  0x80: error('a field of the control page is wrong, the download was dropped'),
  0x81: error('error in the image, the download was dropped'),
  0x82: error('too much time between two pages, the download was dropped'),
  0x83: error('internal error, new microcode is needed before the next hard reset or power on', true),
  0x84: error('internal error, hard reset and power on are safe'),
  0x85: error('activation without deferred microcode'),
};

/** Status of page 0Eh. A code that is reserved or the vendor's keeps its number and the kind of its range. Never throws. */
export function microcodeStatusFacts(status: number): MicrocodeStatusFacts {
  const known = SES_STATUS[status];
  if (known !== undefined) return known;
  const code = hex(status);
  if (status < 0x10) return interim(`unknown interim status ${code}`);
  if (status < 0x70) return success(`unknown status without error ${code}`);
  if (status < 0x80) return success(`vendor specific status without error ${code}`);
  if (status < 0xf0) return error(`unknown error status ${code}`);
  return error(`vendor specific error status ${code}`);
}

/** `complete, starts at power on (12h)` */
export function microcodeStatusText(status: number): string {
  return `${microcodeStatusFacts(status).text} (${hex(status)})`;
}
