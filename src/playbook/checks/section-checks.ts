import type { SesSectionWords } from '../../generated/playbook.ts';
import { parseSize } from '../../base/units.ts';
import { isSaved, usesOffset } from '../modes.ts';
import { endsOf, isOneCommand, bufferOf, modeChoicesOf } from '../sections.ts';
import type { ChunkedSection } from '../sections.ts';
import { MAX_24_BITS, sesProblem, writeBufferProblem } from '../transfer.ts';
import { checkDuration } from './activation-checks.ts';
import { checkWitness } from './verify-checks.ts';
import type { SectionCheck, Tell } from './check.ts';

export const SECTION_CHECKS: readonly SectionCheck<ChunkedSection>[] = [
  {
    reads: ['/mode', '/bpw', '/end-with'],
    check: (section, pointer, tell) => checkBytesPerWrite(section.mode, section.bpw, section, pointer, tell),
  },
  {
    reads: ['/mode', '/bpw', '/otherwise', '/last-mode', '/end-with'],
    check: (section, pointer, tell) => {
      const { mode, bpw, otherwise } = section;
      if (otherwise === undefined) return;
      const path = `${pointer}/otherwise`;
      if (otherwise.mode === mode) {
        tell(`${path}/mode`, 'otherwise', `${mode} is the mode that was not supported`, {
          hint: 'name another mode',
        });
      }
      if (section['last-mode'] !== undefined) {
        tell(`${path}/mode`, 'otherwise', 'with last-mode it is not clear how the fallback would end', {
          hint: 'write two plays',
        });
      }
      const inherited = usesOffset(otherwise.mode) ? (otherwise.bpw ?? bpw) : otherwise.bpw;
      checkBytesPerWrite(otherwise.mode, inherited, section, path, tell);
    },
  },
  {
    reads: ['/mode', '/bpw', '/last-mode'],
    check: (section, pointer, tell) => {
      const last = section['last-mode'];
      if (last === undefined) return;
      const path = `${pointer}/last-mode`;
      if (isOneCommand(section))
        tell(path, 'no-effect', `${section.mode} sends a single command, so it has no other last one`);
      else if (!usesOffset(last))
        tell(path, 'no-effect', `${last} takes a whole image, not the last chunk of one`, {
          hint: 'name a mode with offsets',
        });
      else if (last === section.mode)
        tell(path, 'no-effect', `${last} is the mode of all chunks`, { hint: 'remove it' });
    },
  },
  {
    reads: ['/mode', '/last-mode', '/end-with', '/otherwise', '/mode-specific'],
    check: (section, pointer, tell) => {
      if (section.via !== 'write-buffer') return;
      const { mode, 'mode-specific': events } = section;
      const end = section['end-with']?.mode;
      const modes = [mode, section['last-mode'], end, section.otherwise?.mode];
      const byEvent = modes.includes('dmc_offs_ev_defer');
      if (byEvent && events === undefined) {
        const message =
          'dmc_offs_ev_defer starts the image at the events of mode-specific, and it is missing';
        const hint =
          'write mode-specific: 4 (power on), 2 (hard reset), 1 (a vendor event), or a sum of them; 0: activate_mc alone';
        tell(`${pointer}/mode-specific`, 'missing-key', message, { hint, at: 'key' });
      } else if (!byEvent && events !== undefined && events !== 0) {
        const message = `mode-specific has a meaning only with dmc_offs_ev_defer, not with ${mode}`;
        tell(`${pointer}/mode-specific`, 'no-effect', message, { hint: 'remove it' });
      }
    },
  },
  {
    reads: ['/mode', '/last-mode', '/end-with', '/otherwise', '/not-saved'],
    check: (section, pointer, tell) => {
      const unsaved = endsOf(section).find(({ mode }) => !isSaved(mode));
      const isAccepted = section['not-saved'] !== undefined;
      if (unsaved !== undefined && !isAccepted) {
        const message = `${unsaved.mode} does not save the image: the unit loses it at its next power cycle`;
        tell(`${pointer}/${unsaved.key}`, 'not-saved', message, {
          hint: `use ${unsaved.mode}_save; if it is meant, add not-saved: accepted`,
        });
      } else if (unsaved === undefined && isAccepted) {
        tell(`${pointer}/not-saved`, 'no-effect', 'the command that ends this download saves the image', {
          hint: 'remove it',
        });
      }
    },
  },
  {
    reads: ['/mode', '/bpw', '/offset', '/buffer-id-step'],
    check: (section, pointer, tell) => {
      for (const key of ['offset', 'buffer-id-step'] as const) {
        const value = section[key];
        if (value === undefined || parseSize(value) === 0 || !isOneCommand(section)) continue;
        tell(
          `${pointer}/${key}`,
          'no-effect',
          `${section.mode} sends a single command without an offset: ${key} has no effect`,
          { hint: 'remove it' },
        );
      }
    },
  },
  {
    reads: ['/bpw', '/buffer-id-step', '/mode'],
    check: (section, pointer, tell) => {
      if (!section['buffer-id-step'] || (section.bpw !== 'auto' && section.bpw !== 'whole')) return;
      const message = `with bpw: ${section.bpw} the number of steps of the buffer id is unknown`;
      tell(`${pointer}/buffer-id-step`, 'no-effect', message, { hint: 'write bpw as a number' });
    },
  },
  {
    reads: ['/length', '/fill'],
    check: ({ length, fill }, pointer, tell) => {
      if (fill === undefined || length !== undefined) return;
      tell(`${pointer}/fill`, 'no-effect', 'fill fills up to length, but there is no length', {
        hint: 'add length, or remove fill',
      });
    },
  },
  {
    reads: ['/region', '/acknowledge'],
    check: ({ region, acknowledge }, pointer, tell) => {
      if (region === 'manufacturing' && acknowledge === undefined) {
        const message = 'manufacturing data contains the serial number and the addresses of the device';
        tell(`${pointer}/region`, 'acknowledge', message, {
          hint: 'if you mean it, add acknowledge: manufacturing-data',
        });
      } else if (acknowledge !== undefined && region !== 'manufacturing') {
        tell(`${pointer}/acknowledge`, 'no-effect', 'nothing here touches manufacturing data', {
          hint: 'remove it',
        });
      }
    },
  },
  {
    reads: ['/revision', '/witness'],
    check: (section, pointer, tell) => {
      const { witness } = section;
      if (witness !== undefined) checkWitness(witness, `${pointer}/witness`, tell);
      if (witness === undefined || section.via !== 'ses' || section.revision === undefined) return;
      tell(
        `${pointer}/revision`,
        'no-effect',
        'the witness proves this section: its revision has no effect',
        {
          hint: 'remove one of the two',
        },
      );
    },
  },
  {
    reads: ['/timeout'],
    check: ({ timeout }, pointer, tell) => {
      if (typeof timeout === 'string') checkDuration(timeout, `${pointer}/timeout`, tell);
      else if (timeout !== undefined) {
        for (const key of ['first', 'chunk', 'last', 'activate'] as const) {
          const duration = timeout[key];
          if (duration !== undefined) checkDuration(duration, `${pointer}/timeout/${key}`, tell);
        }
      }
    },
  },
  {
    reads: [
      '/mode',
      '/bpw',
      '/offset',
      '/length',
      '/buffer-id',
      '/buffer-id-step',
      '/otherwise',
      '/total-length',
      '/skip',
    ],
    check: checkSizes,
  },
];

function checkBytesPerWrite(
  mode: string,
  bpw: number | string | undefined,
  section: ChunkedSection,
  pointer: string,
  tell: Tell,
): void {
  if (usesOffset(mode)) {
    if (bpw !== undefined) return;
    const hint = 'write a size (4096 if the vendor names none), auto or whole';
    tell(`${pointer}/bpw`, 'missing-key', `${mode} sends chunks: bpw is missing`, { hint, at: 'key' });
  } else if (bpw !== undefined && bpw !== 'whole') {
    // Some tape drives take dmc in chunks nevertheless; the empty command at the end tells them that it is the end.
    if (section['end-with'] !== undefined && bpw !== 'auto') return;
    const message = `${mode} takes the whole image in one command, not chunks of ${bpw}`;
    tell(`${pointer}/bpw`, 'bpw', message, { hint: 'remove bpw, or use a mode with offsets' });
  }
}

/** Arithmetic that needs no image; with `length` it is the same as with one. */
function checkSizes(section: ChunkedSection, pointer: string, tell: Tell): void {
  for (const key of ['bpw', 'offset', 'skip', 'length'] as const) {
    const value = section[key];
    if (value === undefined || value === 'auto' || value === 'whole' || parseSize(value) !== null) continue;
    tell(`${pointer}/${key}`, 'size', `${key} ${value} is too large`);
    return;
  }
  const length = section.length === undefined ? null : parseSize(section.length);
  for (const { mode, bpw, pointers } of modeChoicesOf(section, pointer)) {
    if (bpw === null) continue;
    const problem =
      section.via === 'ses'
        ? sesProblem(bpw, length)
        : writeBufferProblem({
            mode,
            bpw,
            ...bufferOf(section),
            // Without a length: as little as a chunk can be, which leaves only what no image could fix.
            imageBytes: length ?? (typeof bpw === 'number' && bpw > MAX_24_BITS ? bpw : 1),
          });
    if (problem === null) continue;
    tell(pointers[problem.key], problem.code, problem.message, { hint: problem.hint });
    return;
  }
  if (section.via === 'ses') checkSesSizes(section, length, pointer, tell);
}

function checkSesSizes(section: SesSectionWords, length: number | null, pointer: string, tell: Tell): void {
  const offset = parseSize(section.offset ?? 0)!;
  if (offset % 4 !== 0) {
    tell(`${pointer}/offset`, 'ses-page', `offsets in page 0Eh must be multiples of 4; ${offset} is not`);
  }
  if (section['total-length'] === undefined) return;
  const total = parseSize(section['total-length']);
  if (total === null || total > 0xffff_ffff) {
    tell(
      `${pointer}/total-length`,
      'transfer-limit',
      'MICROCODE IMAGE LENGTH has 32 bits: the limit is 4294967295',
    );
  } else if (length !== null && total < offset + length) {
    tell(
      `${pointer}/total-length`,
      'transfer-limit',
      `total-length ${total} is less than offset and length, ${offset + length}`,
    );
  }
}
