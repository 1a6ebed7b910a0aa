import type { PlainStep, StepWithAValue } from '../generated/playbook.ts';

/** Each step that `activate` may list, by its word. */
export type StepWord = PlainStep | keyof StepWithAValue;

/** A step without a value. */
export type PlainStepWord = Exclude<StepWord, keyof StepWithAValue>;

/** What is true of a step whatever its value is. */
export interface StepFacts {
  /** As a person writes it. */
  readonly example: string;
  /** How its value is checked beyond its form. */
  readonly value: 'none' | 'duration' | 'argv' | 'form-only';
  /** Behind it the unit is ready, or the run has ended. */
  readonly waitsForUnit: boolean;
  /**
   * Also done after a download with an unclear end. An unanswered last chunk may have started the new code: a step that resets or
   * activates would be a guess.
   */
  readonly onlyWaits: boolean;
  /** A person does it: the run ends there as pending. */
  readonly byPerson: boolean;
}

/** A new step gets its row here; what it does is in `src/run/unit/activation-steps.ts`. */
export const ACTIVATION_STEPS: Readonly<Record<StepWord, StepFacts>> = {
  activate_mc: step('activate_mc', { value: 'none' }),
  'wait-ready': step('wait-ready: 2m', { value: 'duration', waitsForUnit: true, onlyWaits: true }),
  'start-unit': step('start-unit: 1m', { value: 'duration', waitsForUnit: true }),
  pause: step('pause: 10s', { value: 'duration', onlyWaits: true }),
  rescan: step('rescan', { value: 'none' }),
  'reload-driver': step('reload-driver: mpt3sas', { value: 'form-only' }),
  run: step('run: [PROGRAM, ARGUMENT]', { value: 'argv' }),
  'power-cycle': step('power-cycle', { value: 'none', waitsForUnit: true, byPerson: true }),
  reboot: step('reboot', { value: 'none', waitsForUnit: true, byPerson: true }),
};

function step(example: string, facts: Pick<StepFacts, 'value'> & Partial<StepFacts>): StepFacts {
  return { example, waitsForUnit: false, onlyWaits: false, byPerson: false, ...facts };
}

export const isStepWord = (word: string): word is StepWord => Object.hasOwn(ACTIVATION_STEPS, word);

/** Steps that a person does later; the same words name the events that a unit waits for. */
export type PersonStep = Extract<StepWord, 'power-cycle' | 'reboot'>;

export const isPersonStep = (word: StepWord): word is PersonStep => ACTIVATION_STEPS[word].byPerson;
