import type { DiagnosticCode } from './diagnostic-codes.ts';
import { ACTIVATION_STEPS } from './steps.ts';

/** What a text or number must look like, in words; found by the `title` that the schema gives the value. */
export interface Form {
  readonly code: DiagnosticCode;
  /** Follows "must be". */
  readonly wanted: string;
  readonly hint: string | null;
}

const SIZE: Form = {
  code: 'size',
  wanted: 'a size',
  hint: 'write 4096, 0x1000, 4k, 4KiB or 1MiB; units are powers of 1024',
};

const DURATION: Form = {
  code: 'duration',
  wanted: 'a time with its unit',
  hint: 'write 500ms, 300s, 2m or 1h',
};

export const FORMS: Readonly<Record<string, Form>> = {
  Size: SIZE,
  'Buffer offset': SIZE,
  'Bytes to skip': SIZE,
  'Bytes to send': SIZE,
  'Total length': SIZE,
  'Image size': SIZE,
  'Bytes per write': { ...SIZE, wanted: 'a size, auto or whole' },
  'Header to strip': { ...SIZE, wanted: 'a size or the name of a known header' },
  Duration: DURATION,
  'Time for verification': DURATION,
  'Time for the program': DURATION,
  'Time to start': DURATION,
  'Time-outs': { ...DURATION, wanted: 'a time, or times for first, chunk, last and activate' },
  'Expected units': { code: 'expect', wanted: 'N, A..B or A..', hint: 'write 4, 1..4 or 1..' },
  'SHA-256': { code: 'format', wanted: '64 hex digits', hint: '`sha256sum FILE` shows them' },
  Word: { code: 'format', wanted: 'one word', hint: 'use letters, digits, dot, dash and underscore' },
  'Kernel module': {
    code: 'format',
    wanted: 'the name of a kernel module',
    hint: 'write mpt3sas, for example',
  },
  'Download words': {
    code: 'type',
    wanted: 'a section or a list of sections',
    hint: 'a section begins with `via:`',
  },
  'Activation step words': {
    code: 'type',
    wanted: 'a step',
    hint: `one of ${Object.values(ACTIVATION_STEPS)
      .map(({ example }) => example)
      .join(', ')}`,
  },
  'SAS address': { code: 'format', wanted: '16 hex digits after 0x', hint: 'write "0x50014380032e4c00"' },
  Node: { code: 'format', wanted: 'the name of an sg node', hint: 'write sg1' },
  'Node of a path': { code: 'format', wanted: 'the name of an sg node', hint: 'write sg1' },
  Persona: { code: 'format', wanted: 'the name of a persona', hint: 'write hp-sas-expander, for example' },
  Sense: { code: 'format', wanted: 'key/asc/ascq in hex', hint: 'write "5/24/00"' },
};

/** What a missing key is for. */
export const MISSING_HINTS: Readonly<Record<string, string>> = {
  runbook: 'the file begins with `runbook: v1`',
  lab: 'the file begins with `lab: v1`',
  via: 'write via: write-buffer, ses or external',
  sha256: '`sha256sum FILE` shows it',
  type: 'write type: enclosure, disk, tape, processor, array-controller or host-managed-zoned',
  when: 'write when: mode-not-supported',
};

export const VIA_WORDS = ['write-buffer', 'ses', 'external'] as const;

/** Modes by number, as the tools of the command line take them (scsi-microcode: WRITE BUFFER and SES page 0Eh). */
const MODE_NAMES: Readonly<Record<number, string>> = {
  0x04: 'dmc',
  0x05: 'dmc_save',
  0x06: 'dmc_offs',
  0x07: 'dmc_offs_save',
  0x0d: 'dmc_offs_ev_defer',
  0x0e: 'dmc_offs_defer',
  0x0f: 'activate_mc',
};

/** Null: no download mode has this number. */
export const modeName = (mode: number): string | null => MODE_NAMES[mode] ?? null;
