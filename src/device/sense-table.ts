import { ANSWERS } from '../base/refusals/answers.ts';

/**
 * What an answer means for the command that got it.
 *
 * - `accept`: executed.
 * - `accept-then-wait`: executed; the device is busy with it, nothing more is sent until it is ready.
 * - `send-again`: not executed; may be sent again at once, a few times.
 * - `send-later`: not executed; may be sent again after a pause, a few times.
 * - `recheck`: not executed; somebody changed the code before we began: read the revision again, then send again.
 * - `wait`: not executed; poll TEST UNIT READY, then send again.
 * - `restart`: not executed, and what was sent so far is gone: once more from offset 0.
 * - `verify`: the device restarts or runs new code: the revision tells.
 * - `unclear`: nobody knows whether it was executed: ask the device, never simply send again.
 * - `stop`: end as failed, never activate.
 * - `freeze`: end; no reset, no activation, keep the power on.
 */
export type Action =
  | 'accept'
  | 'accept-then-wait'
  | 'send-again'
  | 'send-later'
  | 'recheck'
  | 'wait'
  | 'restart'
  | 'verify'
  | 'unclear'
  | 'stop'
  | 'freeze';

/**
 * Where in a procedure a command stands: `probe` for every command that changes nothing, `first` for a chunk while nothing
 * of the image was accepted in this sequence, `during` for the chunks after it, `last` for the last chunk and for activation.
 */
export type Moment = 'probe' | 'first' | 'during' | 'last';

export interface SenseRule {
  /** null: any sense key. */
  readonly key: number | null;
  /** null: any. */
  readonly asc: number | null;
  /** null: any; otherwise the listed ones. */
  readonly ascq: readonly number[] | null;
  /** One action, or one per moment. */
  readonly action: Action | Readonly<Record<Moment, Action>>;
  /** Where the code of the sense key says too little. */
  readonly code?: keyof typeof ANSWERS;
  /** One next step for a person, where the general one for the key would not help. */
  readonly next?: string;
}

const at = (first: Action, during: Action, last: Action, probe: Action = first): Record<Moment, Action> => ({
  probe,
  first,
  during,
  last,
});
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

const CHANGED = at('recheck', 'stop', 'verify');

/**
 * The first rule that fits counts. Source: the table of SPC additional sense codes as scsi-microcode.md#answers
 * judges them, with the decisions of decisions.md#sending on top.
 */
export const SENSE_RULES: readonly SenseRule[] = [
  // Signature failures come with any key, recovered error included.
  { key: null, asc: 0x0b, ascq: [0x13], action: 'stop', code: 'image-rejected' },
  { key: null, asc: 0x74, ascq: null, action: 'stop', code: 'image-rejected' },
  // LTO drives refuse an image so (invalid field in parameter list): the command was judged, its answer not lost.
  { key: 0xb, asc: 0x26, ascq: null, action: 'stop', code: 'image-rejected' },
  // ABORTED COMMAND before the rules for any key: nobody knows how far it came, whatever the code adds.
  { key: 0xb, asc: 0x55, ascq: null, action: 'send-later' },
  { key: 0xb, asc: null, ascq: null, action: 'unclear' },
  // 08/xx (logical unit communication failure): the answer was lost, not necessarily the command.
  { key: null, asc: 0x08, ascq: null, action: 'unclear' },

  { key: 0x0, asc: 0x00, ascq: [0x16], action: 'accept-then-wait' },
  { key: 0x0, asc: 0x00, ascq: [0x22], action: 'accept' },

  // NOT READY
  { key: 0x2, asc: 0x04, ascq: [0x00, 0x01, 0x07, 0x09, 0x0a, 0x11, 0x1a, 0x1d], action: 'wait' },
  {
    key: 0x2,
    asc: 0x04,
    ascq: [0x02],
    action: 'stop',
    next: 'The unit needs a START STOP UNIT command, which runbook does not send unasked: add the step `start-unit: 1m` to activate, or send it by hand (sg_start --start).',
  },
  {
    key: 0x2,
    asc: 0x04,
    ascq: [0x03, 0x12],
    action: 'stop',
    next: 'Go to the unit: it needs manual intervention, which its manual describes.',
  },
  {
    key: 0x2,
    asc: 0x04,
    ascq: [0x04, 0x05, 0x06, 0x08, 0x14, 0x1b, 0x24],
    action: 'stop',
    next: 'The unit is busy with a long operation. Do not reset it; run the playbook again when it has finished.',
  },
  {
    key: 0x2,
    asc: 0x04,
    ascq: [0x0b, 0x0c],
    action: 'stop',
    next: 'Find out why no path of the unit is active (its controllers decide; sg_rtpg shows their states), then run the playbook again.',
  },
  {
    key: 0x2,
    asc: 0x04,
    ascq: [0x1e],
    action: at('stop', 'stop', 'verify'),
    next: 'A microcode image waits for activation on the unit: activate it first, with a playbook that lists activate_mc.',
  },
  {
    key: 0x2,
    asc: 0x04,
    ascq: [0x1f],
    action: at('stop', 'stop', 'verify'),
    next: 'The unit has no good microcode: send it a good image now and keep its power on.',
  },
  {
    key: 0x2,
    asc: 0x04,
    ascq: [0x20, 0x21, 0x22],
    action: at('stop', 'stop', 'verify'),
    next: 'The unit waits for a reset or a power cycle: do that first, then run the playbook again.',
  },
  { key: 0x2, asc: 0x3e, ascq: [0x00], action: 'wait' },

  // HARDWARE ERROR
  {
    key: 0x4,
    asc: 0x44,
    ascq: null,
    action: at('freeze', 'freeze', 'freeze', 'stop'),
    code: 'internal-failure',
  },
  { key: 0x4, asc: 0x3e, ascq: [0x03], action: 'stop' },
  { key: 0x4, asc: 0x40, ascq: null, action: 'stop' },
  { key: 0x4, asc: 0x42, ascq: null, action: 'stop' },
  {
    key: 0x4,
    asc: 0x3f,
    ascq: range(0x80, 0x8f),
    action: 'stop',
    next: 'The unit could not write its flash memory: keep its power on and ask the vendor before the next step.',
  },

  // ILLEGAL REQUEST
  {
    key: 0x5,
    asc: 0x20,
    ascq: [0x00],
    action: 'stop',
    next: 'The unit does not support this command: this model may need another `via` or `mode`.',
  },
  {
    key: 0x5,
    asc: 0x1a,
    ascq: [0x00],
    action: 'stop',
    next: 'The unit rejects this length: try a smaller `bpw`, or the one that the vendor names.',
  },
  {
    key: 0x5,
    asc: 0x25,
    ascq: [0x00],
    action: 'stop',
    next: 'The target has no such logical unit: check the path.',
  },
  { key: 0x5, asc: 0x26, ascq: [0x98, 0x99], action: 'stop', code: 'image-rejected' },
  {
    key: 0x5,
    asc: 0x2c,
    ascq: [0x00],
    action: 'stop',
    next: 'The sequence was interrupted, or the unit rejected the whole image: check whether another program uses the unit, and check the image.',
  },
  { key: 0x5, asc: 0x35, ascq: [0x01], action: 'stop', next: 'Try `via: write-buffer`.' },
  { key: 0x5, asc: 0x55, ascq: null, action: 'send-later' },

  // UNIT ATTENTION: the command was not executed. What it says about earlier commands differs.
  { key: 0x6, asc: 0x29, ascq: null, action: at('send-again', 'restart', 'verify') },
  {
    key: 0x6,
    asc: 0x2f,
    ascq: [0x00],
    action: 'stop',
    next: 'Another initiator cleared our commands: find out which host is using this unit.',
  },
  { key: 0x6, asc: 0x3f, ascq: [0x01, 0x02, 0x03, 0x05, 0x16], action: CHANGED },

  // Enclosure services (35/xx) and power conditions (5E/xx) come with several keys.
  { key: null, asc: 0x35, ascq: [0x02], action: 'send-later' },
  { key: null, asc: 0x35, ascq: [0x03, 0x05], action: 'unclear' },
  { key: null, asc: 0x35, ascq: [0x00, 0x04], action: 'stop' },
  { key: null, asc: 0x67, ascq: null, action: 'stop' },
];

/** 4/44: no reset and no power cycle before a good image is in (scsi-microcode.md#answers). */
export function isInternalFailure(
  sense: { readonly key: number; readonly asc: number; readonly deferred: boolean } | null,
): boolean {
  return sense !== null && !sense.deferred && sense.key === 0x4 && sense.asc === 0x44;
}

/** 29/xx: power on or reset; 3F/01: the microcode has been changed (SPC-6, additional sense codes). */
export const tellsOfStart = ({ asc, ascq }: { readonly asc: number; readonly ascq: number }): boolean =>
  asc === 0x29 || (asc === 0x3f && ascq === 0x01);

/** The same, and 3F/16: the microcode has been changed without a reset. */
export const tellsOfNewCode = (sense: { readonly asc: number; readonly ascq: number }): boolean =>
  tellsOfStart(sense) || (sense.asc === 0x3f && sense.ascq === 0x16);

/** What counts where no rule fits (decisions.md#sending: key 6 again with a limit, 2/04 wait, else stop). */
function defaultAction(key: number, asc: number): Action {
  switch (key) {
    case 0x0:
    case 0x1:
      return 'accept';
    case 0x2:
      return asc === 0x04 ? 'wait' : asc === 0x5e ? 'send-later' : 'stop';
    case 0x6:
      return 'send-again';
    default:
      return asc === 0x5e ? 'send-later' : 'stop';
  }
}

/** The code of a sense key; what a rule says of it is more exact. */
const CODES_BY_KEY: Readonly<Record<number, keyof typeof ANSWERS>> = {
  0x0: 'no-sense',
  0x1: 'recovered-error',
  0x2: 'not-ready',
  0x3: 'medium-error',
  0x4: 'hardware-error',
  0x5: 'illegal-request',
  0x6: 'unit-attention',
  0x7: 'data-protect',
  0xb: 'aborted-command',
};

/** Action, code and next step for one sense code at one moment. */
export function senseRule(
  sense: { readonly key: number; readonly asc: number; readonly ascq: number },
  moment: Moment,
): { readonly action: Action; readonly code: keyof typeof ANSWERS; readonly next: string } {
  const rule = SENSE_RULES.find(
    ({ key, asc, ascq }) =>
      (key === null || key === sense.key) &&
      (asc === null || asc === sense.asc) &&
      (ascq === null || ascq.includes(sense.ascq)),
  );
  const code = rule?.code ?? CODES_BY_KEY[sense.key] ?? 'other-sense';
  const next = rule?.next ?? ANSWERS[code].next;
  // A recovered error was executed: there is nothing to send again. The other rules for any key stand.
  const action =
    rule === undefined || (rule.key === null && sense.key <= 1 && rule.action === 'send-later')
      ? defaultAction(sense.key, sense.asc)
      : typeof rule.action === 'string'
        ? rule.action
        : rule.action[moment];
  return { action, code, next };
}
