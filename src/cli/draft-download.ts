import { isSaved } from '../playbook/modes.ts';
import { modeSupport, unreachableMs, type Capabilities } from '../device/capabilities.ts';
import type { DraftDownload, DraftStep } from '../playbook/write-playbook.ts';
import { WRITE_BUFFER_MODES, type WriteBufferModeName } from '../scsi/write-buffer.ts';
import { downloadMicrocodeStatus } from '../ses/download-microcode-status.ts';

/** Where nobody says more: taken by every device that is known to take chunks (4 KiB). */
const CHUNK_BYTES = 4096;
const NO_BOUNDARY = 0xff;
const SHORTEST_WAIT_MS = 120_000;
const MINUTE_MS = 60_000;

/** Download modes, the most careful first. */
const BY_CARE: readonly WriteBufferModeName[] = [
  'dmc_offs_defer',
  'dmc_offs_save',
  'dmc_offs_ev_defer',
  'dmc_save',
  'dmc_offs',
  'dmc',
];

/** The way to send that the device itself speaks of. `diagnosticPages`: what page 00h lists. */
export function draftDownload(said: Capabilities, diagnosticPages: readonly number[]): DraftDownload {
  if (diagnosticPages.includes(downloadMicrocodeStatus.pageCode)) return bySes();
  const known = BY_CARE.find((mode) => modeSupport(said, WRITE_BUFFER_MODES[mode]) === 'supported');
  const mode = known ?? 'dmc_offs_defer';
  const bpw = mode.startsWith('dmc_offs') ? chunkBytes(said) : null;
  return {
    via: 'write-buffer',
    mode,
    bpw,
    modeSpecific: mode === 'dmc_offs_ev_defer' ? 4 : null,
    notes:
      known === undefined
        ? [
            'The device does not report its modes. With this mode nothing restarts before activate_mc. If the vendor confirms',
            'it, a device without this mode can get another one, which activates by itself:',
            '  otherwise: { when: mode-not-supported, mode: dmc_offs_save }',
          ]
        : [
            `The device lists ${listed(said).join(', ')}.`,
            ...(isSaved(mode)
              ? []
              : [
                  'None of them saves the image: the unit loses it at its next power cycle. If that is meant, write below:',
                  '  not-saved: accepted',
                ]),
          ],
    activate: steps(said, mode),
  };
}

const bySes = (): DraftDownload => ({
  via: 'ses',
  mode: 'dmc_offs_save',
  bpw: CHUNK_BYTES,
  modeSpecific: null,
  notes: [
    'The enclosure lists page 0Eh, which does not report its modes; most enclosures support dmc_offs_save. The new code',
    'may start by itself. With dmc_offs_defer, and activate_mc below, it waits. lint asks about this; if the vendor has',
    'no other mode, write below:',
    '  x-accept: { self-activating: the reason }',
  ],
  activate: [waitReady(SHORTEST_WAIT_MS)],
});

const listed = (said: Capabilities): readonly string[] =>
  BY_CARE.filter((mode) => modeSupport(said, WRITE_BUFFER_MODES[mode]) === 'supported');

/** Chunks are multiples of what READ BUFFER names as the boundary of offsets. */
function chunkBytes({ buffer }: Capabilities): number {
  const exponent = buffer?.offsetBoundaryExponent ?? 0;
  return exponent === NO_BOUNDARY || exponent > 20 ? CHUNK_BYTES : Math.max(CHUNK_BYTES, 2 ** exponent);
}

function steps(said: Capabilities, mode: WriteBufferModeName): readonly DraftStep[] {
  const wait = waitReady(Math.max(SHORTEST_WAIT_MS, unreachableMs(said, WRITE_BUFFER_MODES[mode])));
  if (mode === 'dmc_offs_defer') return [{ step: 'activate_mc', note: null }, wait];
  if (mode === 'dmc_offs_ev_defer')
    return [{ step: 'power-cycle', note: 'the new code waits for it (mode-specific 4); a person does it' }];
  // VPD 86h ACTIVATE MICROCODE speaks of modes 05h and 07h.
  const saves = mode === 'dmc_offs_save' || mode === 'dmc_save';
  if (saves && said.extendedInquiry?.activateMicrocode === 2)
    return [
      {
        step: 'power-cycle',
        note: 'the device reports that new code starts after it, or after a hard reset',
      },
    ];
  return [wait];
}

const waitReady = (ms: number): DraftStep => ({
  step: `wait-ready: ${Math.ceil(ms / MINUTE_MS)}m`,
  note: 'how long the device may take to restart; ask the vendor',
});
