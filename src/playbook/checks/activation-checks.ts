import type { SectionWords, StepWithAValue } from '../../generated/playbook.ts';
import { MAX_DURATION_MS, parseDuration } from '../../base/units.ts';
import { isDeferred, isSaved } from '../modes.ts';
import { endsOf, ordinaryEnd, sectionsOf } from '../sections.ts';
import type { PlacedSection } from '../sections.ts';
import { isPersonStep, isStepWord, ACTIVATION_STEPS } from '../steps.ts';
import type { PlayCheck, Tell } from './check.ts';

/** Types of which operation code 1Bh is START STOP UNIT (SBC, ZBC); it loads a tape, and opens a door of a changer. */
const STARTABLE: readonly string[] = ['disk', 'host-managed-zoned'];

export const ACTIVATION_CHECKS: readonly PlayCheck[] = [
  {
    reads: ['/activate'],
    check: (play, pointer, tell) => {
      const steps = play.activate ?? [];
      for (const [index, step] of steps.entries()) {
        const path = `${pointer}/activate/${index}`;
        if (typeof step === 'object') checkValuedStep(step, path, tell);
        else if (isPersonStep(step) && index < steps.length - 1) {
          tell(path, 'last-step', `${step} ends the run as pending; no step can follow it`, {
            hint: 'make it the last step',
          });
        } else if (step === 'activate_mc' && steps.indexOf(step) < index) {
          tell(path, 'activation', 'activate_mc appears twice; the second one would activate nothing');
        }
      }
    },
  },
  {
    reads: ['/activate', '/match'],
    check: ({ activate = [], match }, pointer, tell) => {
      if (STARTABLE.includes(match.type)) return;
      for (const [index, step] of activate.entries()) {
        if (typeof step !== 'object' || step['start-unit'] === undefined) continue;
        const message = `start-unit is for disks: on a unit of type ${match.type} the same command does something else, or nothing`;
        tell(`${pointer}/activate/${index}/start-unit`, 'activation', message, { hint: 'remove the step' });
      }
    },
  },
  {
    reads: ['/activate', '/download'],
    check: (play, pointer, tell) => {
      const sections = sectionsOf(play, pointer);
      const steps = play.activate ?? [];
      const last = sections.at(-1);
      if (last === undefined) {
        if (steps.length > 0) return;
        tell(pointer, 'nothing-to-do', 'this play neither downloads nor activates anything', {
          hint: 'add download, or activate',
          at: 'key',
        });
        return;
      }
      if (mayEndDeferred(last.section)) return;
      const modes = [...new Set(finalModes(last.section))].join(', ');
      const which = sections.length === 1 ? modes : `the last section (${modes})`;
      const at = steps.indexOf('activate_mc');
      if (at >= 0) {
        const message = `nothing waits for activate_mc: ${which} activates by itself`;
        tell(`${pointer}/activate/${at}`, 'activation', message, {
          hint: 'remove activate_mc, or use dmc_offs_defer',
        });
      } else if (!steps.some((step) => typeof step === 'string' && isPersonStep(step))) {
        checkEarlierWaits(sections.slice(0, -1), which, tell);
      }
    },
  },
  {
    reads: ['/activate', '/download'],
    check: (play, pointer, tell) => {
      const steps = play.activate ?? [];
      const at = steps.indexOf('power-cycle');
      if (at < 0) return;
      for (const { section } of sectionsOf(play, pointer)) {
        const why =
          section.via === 'external' ? null : whyNotAtPowerOn(section, steps.includes('activate_mc'));
        if (why === null) continue;
        tell(`${pointer}/activate/${at}`, 'activation', why.message, { hint: why.hint });
        return;
      }
    },
  },
];

/** MODE SPECIFIC of dmc_offs_ev_defer: the image starts at power on (SPC). */
const AT_POWER_ON = 4;

/** Why a power cycle cannot bring about what a section has sent: whoever waits for that waits forever. null: it can, or need not. */
function whyNotAtPowerOn(
  section: Exclude<SectionWords, { via: 'external' }>,
  isActivated: boolean,
): { readonly message: string; readonly hint: string } | null {
  for (const { mode } of endsOf(section)) {
    if (!isSaved(mode)) {
      return {
        message: `power-cycle cannot start this image: ${mode} does not save it, so the unit runs it at once and loses it at the power cycle`,
        hint: `remove power-cycle, or use ${mode}_save`,
      };
    }
    const events = section.via === 'write-buffer' ? section['mode-specific'] : undefined;
    if (mode !== 'dmc_offs_ev_defer' || isActivated || events === undefined) continue;
    if ((events & AT_POWER_ON) !== 0) continue;
    return {
      message: `power-cycle does not start this image: mode-specific ${events} leaves out power on`,
      hint: `write mode-specific: ${events + AT_POWER_ON}, or put activate_mc in its place`,
    };
  }
  return null;
}

/** An image that waits behind one that has started: only an event that people bring about makes it run. */
function checkEarlierWaits(earlier: readonly PlacedSection[], which: string, tell: Tell): void {
  for (const { section, pointer } of earlier) {
    if (section.via === 'external' || !isDeferred(ordinaryEnd(section).mode)) continue;
    const message = `this section would wait for an activation that never comes: ${which} activates by itself`;
    tell(`${pointer}/mode`, 'activation', message, {
      hint: 'put it last, use one mode for all sections, or end with power-cycle',
    });
  }
}

/** Modes with which a section can end. */
function finalModes(section: SectionWords): readonly string[] {
  return section.via === 'external' ? [] : endsOf(section).map(({ mode }) => mode);
}

/** What a vendor's program leaves behind is not known. */
const mayEndDeferred = (section: SectionWords): boolean =>
  section.via === 'external' || finalModes(section).some(isDeferred);

function checkValuedStep(step: StepWithAValue, path: string, tell: Tell): void {
  const words = Object.keys(step).filter((key) => !key.startsWith('x-'));
  if (words.length !== 1) {
    const message =
      words.length === 0 ? 'this step is empty' : `a step has one key; this one has ${words.join(' and ')}`;
    tell(path, 'activation', message, { hint: 'begin each step with its own dash' });
  }
  for (const [key, value] of Object.entries(step)) {
    if (!isStepWord(key)) continue;
    const at = `${path}/${key}`;
    if (ACTIVATION_STEPS[key].value === 'duration') checkDuration(value as string, at, tell);
    if (ACTIVATION_STEPS[key].value === 'argv') checkArgv(value as readonly string[], at, tell);
  }
}

/** A time that a timer can hold, and that is not nothing. */
export function checkDuration(duration: string, path: string, tell: Tell): void {
  const ms = parseDuration(duration);
  if (ms === null) {
    const hours = Math.floor(MAX_DURATION_MS / 3_600_000);
    tell(path, 'duration', `${duration} is too long; the limit is ${hours}h`);
  } else if (ms === 0) tell(path, 'duration', `${duration} is zero`, { hint: 'write at least 1ms' });
}

/** ARG_MAX that every Linux system has, whatever its stack limit is; one argument alone may not be longer either. */
const ARG_MAX_BYTES = 128 * 1024;
/** For the environment, which has a few short values, and for the name of the program once more. */
const SPARE_BYTES = 8 * 1024;
/** Each string has an end mark and a pointer. */
const OVERHEAD_BYTES = 1 + 8;

/** Whether the system can start a program with these words: after all chunks were sent it is too late to learn that. */
export function checkArgv(argv: readonly string[], path: string, tell: Tell): void {
  const bytes = argv.reduce((sum, word) => sum + Buffer.byteLength(word) + OVERHEAD_BYTES, 0);
  const limit = ARG_MAX_BYTES - SPARE_BYTES;
  if (bytes <= limit) return;
  tell(path, 'argv', `the arguments have ${bytes} bytes; a program can be given ${limit}`, {
    hint: 'put them into a file, and give the program its path',
  });
}
