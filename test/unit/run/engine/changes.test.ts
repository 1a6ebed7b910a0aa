import * as assert from 'uvu/assert';
import { runMarkdown } from '../../../../src/report/run-markdown.ts';
import { documentOf } from '../../../../src/report/documents.ts';
import { junitText } from '../../../../src/report/junit.ts';
import { noInk } from '../../../../src/report/ink.ts';
import { reportText } from '../../../../src/report/report-text.ts';
import type { ResolvedFirmware, ResolvedPlay } from '../../../../src/playbook/resolved.ts';
import { suite } from '../../../support/suite.ts';
import { playOf } from '../builders.ts';
import { runLab } from '../lab-run.ts';
import type { LabRun, LabRunEnd } from '../lab-run.ts';

const test = suite('run: what new code changes');

function play(firmware: Partial<ResolvedFirmware>, fields: Parameters<typeof playOf>[0] = {}): ResolvedPlay {
  const whole = playOf(fields);
  return { ...whole, firmware: { ...whole.firmware, ...firmware } };
}

const RENAMED: LabRun = {
  devices: [{ serial: 'S1', 'new-serial': 'S2' }],
  brings: { vendor: 'HPE', product: 'NEW CARD' },
};
const DECLARED = { vendor: 'HPE', product: 'NEW CARD', serialMayChange: true };
const CHANGED = [
  { what: 'vendor', before: 'HP', after: 'HPE' },
  { what: 'product', before: 'HP SAS EXP Card', after: 'NEW CARD' },
  { what: 'serial-number', before: 'S1', after: 'S2' },
];

const codeOf = ({ results: [result] }: LabRunEnd): string | undefined => result!.error?.code;

test('what the playbook declares is updated, and told in every report, old and new', async () => {
  const { results, exit } = await runLab({ ...RENAMED, plays: [play(DECLARED)] });
  assert.is(results[0]!.outcome, 'updated', results[0]!.reason ?? '');
  assert.equal(results[0]!.changed, CHANGED);
  const document = documentOf('runbook.report/1', 'apply', exit.name, {
    body: { run: null, playbook: null, devices: results, notes: [] },
  });
  const record = { document, startedAt: new Date(0), hostname: 'h', version: '1', lab: null };
  const texts = [reportText(results, exit, noInk), runMarkdown(record), junitText(record)];
  for (const text of texts) {
    for (const words of ['HP', 'HPE', 'HP SAS EXP Card', 'NEW CARD', 'S1', 'S2']) assert.match(text, words);
  }
});

for (const [title, firmware, code] of [
  ['vendor', { ...DECLARED, vendor: null }, 'vendor-changed'],
  ['product', { ...DECLARED, product: null }, 'product-changed'],
  ['serial number', { ...DECLARED, serialMayChange: false }, 'serial-changed'],
] as const) {
  test(`a ${title} that changes without being declared is degraded, with both and a next step`, async () => {
    const end = await runLab({ ...RENAMED, plays: [play(firmware)] });
    const [result] = end.results;
    assert.equal([result!.outcome, codeOf(end)], ['degraded', code]);
    assert.equal(result!.changed, CHANGED);
    const change = CHANGED.find(({ what }) => what.startsWith(title.split(' ')[0]!))!;
    assert.match(result!.reason!, `"${change.before}"`);
    assert.match(result!.reason!, `"${change.after}"`);
    assert.match(result!.error!.next, /--accept/);
    // One worry is the reason, and all that changed is told with it.
    for (const { after } of CHANGED) assert.match(result!.reason!, `"${after}"`);
  });
}

test('a vendor that should change and does not is degraded', async () => {
  const end = await runLab({ plays: [play({ vendor: 'HPE' })] });
  assert.is(codeOf(end), 'vendor-changed');
  assert.match(end.results[0]!.reason!, 'its vendor (INQUIRY) is "HP" still, not "HPE"');
  assert.match(end.results[0]!.error!.next, 'remove `firmware.vendor`');
});

test('a blank vendor is matched, and may be what the new code shows', async () => {
  const blank = await runLab({ devices: [{ vendor: '' }], plays: [play({}, { match: { vendor: '' } })] });
  assert.is(blank.outcomes, 'updated');
  const emptied = await runLab({ brings: { vendor: '' }, plays: [play({ vendor: '' })] });
  assert.is(emptied.outcomes, 'updated', emptied.results[0]!.reason ?? '');
  const other = await runLab({ plays: [play({}, { match: { vendor: '' } })] });
  assert.is(other.exit.name, 'NOMATCH');
});

test('a unit that shows the new vendor and product already is selected, and current', async () => {
  const there = { revision: '2.10', vendor: 'HPE', product: 'NEW CARD' };
  const { outcomes } = await runLab({ devices: [there], plays: [play(DECLARED)] });
  assert.is(outcomes, 'current');
});

test('a later play starts from the vendor and product that the earlier one left', async () => {
  const first = play(DECLARED, { name: 'first' });
  const then = play({ vendor: 'HPE', product: 'NEW CARD' }, { name: 'then', after: 'first' });
  const { results } = await runLab({
    ...RENAMED,
    plays: [first, { ...then, match: { ...then.match, vendor: 'HPE', product: 'NEW CARD' } }],
  });
  assert.equal(
    results.map(({ outcome }) => outcome),
    ['updated', 'current'],
  );
});

test('only the unit that was written is degraded', async () => {
  const { outcomes } = await runLab({
    devices: [{ serial: 'S1', 'new-serial': 'S2' }, { revision: '2.10' }],
    strategy: { maxFailures: 5 },
    plays: [play({})],
  });
  assert.is(outcomes, 'degraded current');
});

test.run();
