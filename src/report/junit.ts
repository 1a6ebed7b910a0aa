import { programText } from '../base/program-facts.ts';
import type { DeviceResult, Outcome } from '../run/facts/outcome.ts';
import type { Document } from './documents.ts';
import { attentions, needsAttention, saysMore } from './attention.ts';
import { failureFacts } from './failure-text.ts';
import { modelText } from './quantities.ts';
import { workText } from './report-text.ts';
import { runOf, troubleOf, type RunDocument } from './run-record.ts';
import { labelOf } from './run-view.ts';
import { xml, xmlDocument, type Xml } from './xml.ts';
import type { RehearsalEnd } from '../rehearsal/rehearsal-end.ts';

/** How a test report names the result of a device; null: it passed. */
type Verdict = 'failure' | 'error' | 'skipped' | null;

/** `pending` is neither proven nor wrong: test reports have `skipped` for it. */
const VERDICTS: Readonly<Record<Outcome, Verdict>> = {
  updated: null,
  current: null,
  pending: 'skipped',
  skipped: 'skipped',
  refused: 'error',
  unverified: 'failure',
  failed: 'failure',
  degraded: 'failure',
  lost: 'failure',
  frozen: 'failure',
};

interface Case {
  readonly verdict: Verdict;
  readonly seconds: number;
  readonly element: Xml;
}

/**
 * A test report in the form that Jenkins reads (junit-10.xsd of its xUnit plugin): one test case per unit and play, or per
 * rehearsal, and one for the command where there is something to say beside them, so that a report is never empty.
 */
export function junitText(record: RunDocument): string {
  const { document, startedAt, hostname, lab } = record;
  const { playbook, planFile, run, devices, rehearsals } = runOf(document);
  const cases = [
    ...attentionsLast(devices).map(({ result, saidBy }) => caseOfDevice(result, saidBy)),
    ...rehearsals.map(caseOfRehearsal),
  ];
  // The error of a rehearsal says what its cases say.
  const trouble = rehearsals.length > 0 ? [] : troubleOf(document);
  if (trouble.length > 0 || cases.length === 0) cases.push(caseOfCommand(document, trouble));
  const count = (verdict: Verdict): number => cases.filter((one) => one.verdict === verdict).length;
  const counts = { tests: cases.length, failures: count('failure'), errors: count('error') };
  const time = timeText(cases.reduce((sum, { seconds }) => sum + seconds, 0));
  const properties = {
    runbook: programText(document.program),
    ...(lab === null ? {} : { 'simulated by': lab }),
    ...(run === null ? {} : { run }),
    ...(playbook === null ? {} : { playbook: playbook.file, 'playbook.sha256': playbook.sha256 }),
    ...(planFile === null ? {} : { plan: planFile.file, 'plan.digest': planFile.digest }),
    exit: `${document.exit.code} (${document.exit.name})`,
  };
  const suite = xml(
    'testsuite',
    {
      name: playbook?.name ?? `runbook ${document.command ?? ''}`.trim(),
      ...counts,
      skipped: count('skipped'),
      time,
      timestamp: startedAt.toISOString().slice(0, 19),
      hostname,
    },
    [
      xml(
        'properties',
        {},
        Object.entries(properties).map(([name, value]) => xml('property', { name, value })),
      ),
      ...cases.map(({ element }) => element),
    ],
  );
  return xmlDocument(xml('testsuites', { name: 'runbook', ...counts, time }, [suite]));
}

/** Failures last, where they are seen, and each reason in full once: `saidBy` is the unit whose case has it already. */
function attentionsLast(
  devices: readonly DeviceResult[],
): { readonly result: DeviceResult; readonly saidBy: DeviceResult | null }[] {
  const quiet = devices
    .filter((result) => !needsAttention(result))
    .map((result) => ({ result, saidBy: null }));
  const others = attentions(devices).flatMap(([first, ...alike]) => [
    { result: first, saidBy: null },
    ...alike.map((result) => ({ result, saidBy: first })),
  ]);
  return [...quiet, ...others];
}

function caseOfDevice(result: DeviceResult, saidBy: DeviceResult | null): Case {
  const { id, play, before, after, outcome, reason, paths, seconds } = result;
  const verdict = VERDICTS[outcome];
  const out = [
    `${outcome}: ${before ?? '?'} → ${after ?? '?'}${reason === null ? '' : `: ${reason}`}`,
    `paths: ${paths.join(' ')}`,
    workText(result),
  ].filter((line) => line !== '');
  const element = xml(
    'testcase',
    // Without revisions: a reader follows a case from run to run by its name.
    { classname: play, name: `${modelText(result)} ${id}`, time: timeText(seconds) },
    [
      ...(verdict === null
        ? []
        : [
            xml(
              verdict,
              { type: outcome, message: reason ?? result.error?.message ?? outcome },
              saidBy === null ? detailLines(result).join('\n') : `the same as for ${saidBy.id}`,
            ),
          ]),
      xml('system-out', {}, out.join('\n')),
    ],
  );
  return { verdict, seconds, element };
}

/** Passed: every verdict was true, whatever became of the devices. */
function caseOfRehearsal({ name, what, devices, refusals, problems }: RehearsalEnd): Case {
  const [first] = problems;
  const verdict = first === undefined ? null : 'failure';
  const out = [what, ...devices.map(deviceLine), ...refusals].join('\n');
  const element = xml('testcase', { classname: 'rehearsal', name, time: timeText(0) }, [
    ...(first === undefined
      ? []
      : [xml('failure', { type: 'problem', message: first }, problems.join('\n'))]),
    xml('system-out', {}, out),
  ]);
  return { verdict, seconds: 0, element };
}

const deviceLine = ({ paths, outcome, before, after, reason }: DeviceResult): string =>
  `${paths.map(labelOf).join(' ')} ${outcome}: ${before ?? '?'} → ${after ?? '?'}${reason === null ? '' : `: ${reason}`}`;

function detailLines(result: DeviceResult): string[] {
  if (result.error === null) return [];
  return [...(saysMore(result) ? [result.error.message] : []), ...failureFacts(result.error, '')];
}

function caseOfCommand({ command, exit, error }: Document, trouble: readonly string[]): Case {
  const [first, ...more] = trouble;
  const details = [...more, ...(error === null ? [] : failureFacts(error, ''))].join('\n');
  const said = first === undefined ? [] : [xml('error', { type: exit.name, message: first }, details)];
  const element = xml('testcase', { classname: 'runbook', name: command ?? 'runbook', time: '0.000' }, said);
  return { verdict: first === undefined ? null : 'error', seconds: 0, element };
}

/** Seconds with three digits and no grouping. */
const timeText = (seconds: number): string => seconds.toFixed(3);
