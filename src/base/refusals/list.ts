import { ANSWERS, MICROCODE_STATUS, STEPS } from './answers.ts';
import { IMAGES, LABS } from './files.ts';
import { FIT } from './fit.ts';
import { HEALTH } from './health.ts';
import { COMMANDS, NODES, STATE } from './host.ts';
import { IDENTITY } from './identity.ts';
import { JOBS } from './jobs.ts';
import { MACHINE } from './machine.ts';
import { MEMORY } from './memory.ts';
import { OUTAGE, PARTNERS } from './outage.ts';
import { RUN } from './run.ts';
import { VERDICTS } from './verdicts.ts';

/**
 * Groups of codes, with their headings in the reference.
 *
 * @internal for the page of errors
 */
export const REFUSAL_GROUPS = {
  'What this machine lacks': MACHINE,
  'Which unit it is': IDENTITY,
  'Does the playbook fit the unit': FIT,
  'Who would be without a disk': OUTAGE,
  'Other modules of the enclosure': PARTNERS,
  'Health of the enclosure': HEALTH,
  'What is left from before': MEMORY,
  'The run as a whole': RUN,
  'The verdict on a unit': VERDICTS,
  'Answers to commands': ANSWERS,
  'Microcode status of an enclosure': MICROCODE_STATUS,
  'Programs and steps of the host': STEPS,
  'Nodes and locks': NODES,
  'What runbook keeps': STATE,
  'Jobs in the background': JOBS,
  'The command line': COMMANDS,
  'Firmware files': IMAGES,
  Labs: LABS,
} as const;

/** Every code, with its wording: the one list of why something is not done, or did not go well. */
export const REFUSALS = {
  ...MACHINE,
  ...IDENTITY,
  ...FIT,
  ...OUTAGE,
  ...PARTNERS,
  ...HEALTH,
  ...MEMORY,
  ...RUN,
  ...VERDICTS,
  ...ANSWERS,
  ...MICROCODE_STATUS,
  ...STEPS,
  ...NODES,
  ...STATE,
  ...JOBS,
  ...COMMANDS,
  ...IMAGES,
  ...LABS,
} as const;

/** A stable word: programs match it, and never a message. */
export type RefusalCode = keyof typeof REFUSALS;
