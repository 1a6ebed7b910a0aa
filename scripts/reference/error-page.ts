import { hex } from '../../src/base/bytes.ts';
import type { ErrorLayer, RefusalEntries } from '../../src/base/refusals/entry.ts';
import { REFUSAL_GROUPS } from '../../src/base/refusals/list.ts';
import { judge } from '../../src/device/judge.ts';
import {
  SENSE_RULES,
  senseRule,
  type Action,
  type Moment,
  type SenseRule,
} from '../../src/device/sense-table.ts';
import { adviceFor } from '../../src/microcode/ses/status.ts';
import { additionalSenseText } from '../../src/scsi/additional-sense.ts';
import { senseKeyName } from '../../src/scsi/sense.ts';
import { HostStatus, hostStatusName, ScsiStatus, scsiStatusName } from '../../src/scsi/status.ts';
import { testUnitReady } from '../../src/scsi/test-unit-ready.ts';
import { microcodeStatusFacts } from '../../src/ses/microcode-status.ts';
import { outcomeOf, type CommandOutcome } from '../../src/transport/transport.ts';
import { code, page, table } from './markdown.ts';

const LAYERS: Readonly<Record<ErrorLayer, string>> = {
  open: 'the sg node: opening it, its lock, permissions',
  kernel: 'the kernel refused the command or lost its answer (errno)',
  'host-adapter': 'the adapter or its driver gave up the command (host or driver status)',
  transport: 'the path to the device: cables, expanders, a missing device, bytes that did not arrive',
  device: 'the device rejected the command (status, sense data, page 0Eh)',
  procedure: 'a rule of runbook: a check, a limit, the playbook, the state directory',
};

const ACTIONS: Readonly<Record<Action, string>> = {
  accept: 'executed',
  'accept-then-wait': 'executed; nothing more is sent before the device is ready',
  'send-again': 'not executed: sent again at once, a few times',
  'send-later': 'not executed: sent again after a pause, a few times',
  recheck: 'not executed; the revision is read again first, then it is sent again',
  wait: 'not executed: sent again when TEST UNIT READY is good',
  restart: 'not executed, and what was sent before is gone: once more from offset 0',
  verify: 'the device restarts or runs new code: the revision decides',
  unclear: 'unknown whether it was executed: runbook asks the device, and never simply sends a chunk again',
  stop: 'the unit ends as `failed`; nothing is activated',
  freeze: 'the unit ends as `frozen`: no reset, no activation, keep its power on',
};

const MOMENTS: readonly Moment[] = ['probe', 'first', 'during', 'last'];

export function errorsPage(): string {
  return page(
    'Errors',
    'src/device/sense-table.ts, src/device/judge.ts, src/microcode/ses/status.ts and src/base/refusals/',
    'Why something was not done, or did not go well: `error` of a unit and of a JSON document. It names its code, its layer, what was seen, and one next step. This is the list of the codes, then what the program knows about answers, and what it does with each.',
    '## Layers',
    table(
      ['layer', 'where'],
      Object.entries(LAYERS).map(([name, text]) => [code(name), text]),
    ),
    '## Codes',
    'A code is a stable word for programs: match `error.code`, and never a message. Words in braces are filled in.',
    ...Object.entries(REFUSAL_GROUPS).flatMap(([heading, codes]) => [`### ${heading}`, codesTable(codes)]),
    '## What runbook does with a failed command',
    'It depends on the moment: `probe` for commands that change nothing, `first` for the first chunk, `during` for the chunks after it, `last` for the last chunk and for the activation. A single action is the same at every moment.',
    table(
      ['action', 'meaning'],
      Object.entries(ACTIONS).map(([name, text]) => [code(name), text]),
    ),
    '## Sense data',
    'Sense key, additional sense code and qualifier in hex, `*` for any. The first row that fits counts; else 0 and 1 are accepted, 2/04 waits, 6 is sent again, and everything else stops.',
    table(['sense', 'meaning', 'action', 'next step'], SENSE_RULES.map(senseRow)),
    '## No answer from the device: host status',
    table(
      ['status', 'action', 'next step'],
      Object.values(HostStatus)
        .filter((status) => status !== HostStatus.ok && status !== HostStatus.passthrough)
        .map((hostStatus) => outcomeRow(hostStatusName(hostStatus), outcomeOf({ hostStatus }))),
    ),
    '## Answers without sense data: SCSI status',
    table(
      ['status', 'action', 'next step'],
      Object.values(ScsiStatus)
        .filter((status) => status !== ScsiStatus.good)
        .map((status) => outcomeRow(scsiStatusName(status), outcomeOf({ status }))),
    ),
    '## Enclosures: status of page 0Eh',
    table(
      ['status', 'meaning', 'next step'],
      [0x80, 0x81, 0x82, 0x83, 0x84, 0x85].map((status) => [
        hex(status),
        microcodeStatusFacts(status).text,
        adviceFor({ ...NO_ENTRY, status }),
      ]),
    ),
  );
}

const codesTable = (codes: RefusalEntries): string =>
  table(
    ['code', 'layer', 'what it means', 'what is said', 'next step'],
    Object.entries(codes).map(([name, { layer, cause, message, next }]) => [
      code(name),
      code(layer),
      cause,
      message === '{what}' ? '' : message,
      next,
    ]),
  );

const NO_ENTRY = {
  subenclosureId: 0,
  additionalStatus: 0,
  maximumImageBytes: 0,
  expectedBufferId: 0,
  expectedOffsetBytes: 0,
};

/** One action, or each action behind the moments that have it. */
function actionsText(actionAt: (moment: Moment) => Action): string {
  const actions = [...new Set(MOMENTS.map(actionAt))];
  if (actions.length === 1) return code(actions[0]!);
  const momentsOf = (action: Action): string =>
    MOMENTS.filter((moment) => actionAt(moment) === action).join(', ');
  return actions.map((action) => `${momentsOf(action)}: ${code(action)}`).join('; ');
}

function senseRow(rule: SenseRule): string[] {
  // A sense code that this rule is the first to fit; no rule of HARDWARE ERROR stands before one for any key.
  const sense = { key: rule.key ?? 0x4, asc: rule.asc ?? 0xff, ascq: rule.ascq?.[0] ?? 0 };
  const isOwn = rule.key !== null || rule.next !== undefined || rule.code !== undefined;
  return [
    code(sensePattern(rule)),
    senseMeaning(rule),
    actionsText((moment) => senseRule(sense, moment).action),
    isOwn ? senseRule(sense, 'during').next : 'What its sense key says.',
  ];
}

/** `2/04/20, 21`, `4/44/*` */
function sensePattern({ key, asc, ascq }: SenseRule): string {
  const digits = (value: number | null, width: number): string =>
    value === null ? '*' : hex(value, width).slice(0, -1);
  const isRange = ascq !== null && ascq.length > RANGE;
  const codes = (ascq ?? [null]).map((value) => digits(value, 2));
  return `${digits(key, 1)}/${digits(asc, 2)}/${isRange ? `${codes[0]!}–${codes.at(-1)!}` : codes.join(', ')}`;
}

function senseMeaning({ key, asc, ascq }: SenseRule): string {
  if (asc === null) return key === null ? 'any' : senseKeyName(key);
  if (ascq === null) return ASC_NAMES[asc] ?? additionalSenseText(asc, 0);
  const meanings = ascq.map((value) => additionalSenseText(asc, value));
  // The members of a long range differ in their number alone.
  return ascq.length > RANGE ? meanings[0]!.replace(/ [0-9A-F]{2}h/, '') : meanings.join('; ');
}

/** More qualifiers than this stand in a row. */
const RANGE = 8;

/** Where a whole additional sense code is meant, the words of its first qualifier would say too little. */
const ASC_NAMES: Readonly<Record<number, string>> = {
  0x08: 'communication with the logical unit failed',
  0x29: 'power on, or a reset',
  0x40: 'a component failed its diagnostics',
  0x42: 'power-on or self-test failure',
  0x44: 'internal failure of the target',
  0x55: 'out of resources',
  0x67: 'configuration of the logical unit failed',
  0x74: 'security error',
};

function outcomeRow(name: string, outcome: CommandOutcome): string[] {
  const judged = (moment: Moment): ReturnType<typeof judge> => judge(testUnitReady(), outcome, moment);
  return [name, actionsText((moment) => judged(moment).action), judged('during').next];
}
