import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { programText } from '../../../src/base/program-facts.ts';
import { diagnosticOfFile } from '../../../src/playbook/diagnostics.ts';
import { documentOf } from '../../../src/report/documents.ts';
import { junitText } from '../../../src/report/junit.ts';
import { xml, xmlDocument } from '../../../src/report/xml.ts';
import type { Outcome } from '../../../src/run/facts/outcome.ts';
import { refusal } from '../../../src/base/refusal.ts';
import { suite } from '../../support/suite.ts';
import { parseJunit, parseXml, type XmlElement } from './junit-document.ts';
import { resultOf } from './run-events.ts';
import { FAILURE, PROGRAM, recordOf, rehearsalDocument, reportDocument, TROUBLED } from './run-records.ts';

const casesOf = (suite: XmlElement): XmlElement[] => suite.children.filter(({ name }) => name === 'testcase');

const test = suite('JUnit report');

test('a run is a suite with its time, host, playbook and exit', () => {
  const { attributes, children } = parseJunit(junitText(recordOf(reportDocument([resultOf(1)]))));
  assert.equal(attributes, {
    name: 'HP cards to 2.10',
    tests: '1',
    failures: '0',
    errors: '0',
    skipped: '0',
    time: '12.300',
    timestamp: '2024-01-01T10:20:30',
    hostname: 'host1',
  });
  const properties = children[0]!.children.map(({ attributes: { name, value } }) => [name, value]);
  assert.equal(Object.fromEntries(properties), {
    runbook: programText(PROGRAM),
    run: '20240101-000000-abcd',
    playbook: 'upgrade.yml',
    'playbook.sha256': 'f'.repeat(64),
    exit: '0 (OK)',
  });
});

test('a suite of simulated devices says so', () => {
  const { children } = parseJunit(junitText(recordOf(reportDocument([resultOf(1)]), 'three.lab.yml')));
  const properties = children[0]!.children.map(({ attributes: { name, value } }) => [name, value]);
  assert.is(new Map(properties as [string, string][]).get('simulated by'), 'three.lab.yml');
});

test('a unit is a case of its play, whose name stays from run to run', () => {
  const [one] = casesOf(parseJunit(junitText(recordOf(reportDocument([resultOf(1)])))));
  assert.equal(one!.attributes, {
    classname: 'hp-sas-expander',
    name: 'HP SAS EXP Card naa.5001438000000001',
    time: '12.300',
  });
  assert.is(one!.children[0]!.text, 'updated: 2.08 → 2.10\npaths: /dev/sg1\n1 MiB in 256 commands, 12.3 s');
});

const VERDICTS: Readonly<Record<Outcome, string | null>> = {
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
for (const [outcome, verdict] of Object.entries(VERDICTS)) {
  test(`${outcome} ${verdict === null ? 'passes' : `is told as ${verdict}`}`, () => {
    const result = resultOf(1, { outcome: outcome as Outcome, reason: 'because' });
    const [one] = casesOf(parseJunit(junitText(recordOf(reportDocument([result])))));
    const told = one!.children.filter(({ name }) => name !== 'system-out');
    assert.equal(
      told.map(({ name, attributes }) => [name, attributes]),
      verdict === null ? [] : [[verdict, { type: outcome, message: 'because' }]],
    );
  });
}

test('a failure says layer, command, offset, sense and the next step', () => {
  const suite = parseJunit(junitText(recordOf(reportDocument(TROUBLED, 'HALTED'))));
  const textOf = (verdict: string): string =>
    casesOf(suite).flatMap(({ children }) =>
      children.filter(({ attributes }) => attributes['type'] === verdict).map(({ text }) => text),
    )[0]!;
  assert.equal(textOf('failed').split('\n'), [
    'the device refused the chunk',
    'code: illegal-request',
    'layer: device',
    'CDB: 3b 0e 00 00 10 00 00 10 00',
    'offset: 4096 (001000h)',
    'sense: ILLEGAL REQUEST: Invalid field in parameter list',
    'next: compare the image with the model of the card',
  ]);
  assert.match(textOf('pending'), /^code: event-pending$/m);
  assert.match(textOf('pending'), /^next: Power-cycle it, then: runbook verify$/m);
});

test('failures stand last, and what many units say is said once', () => {
  const skipped = [2, 3, 4].map((n) => resultOf(n, { outcome: 'skipped', reason: 'halted', error: FAILURE }));
  const failed = resultOf(1, { outcome: 'failed', reason: 'refused', error: FAILURE });
  const cases = casesOf(parseJunit(junitText(recordOf(reportDocument([failed, ...skipped, resultOf(5)])))));
  assert.equal(
    cases.map(({ attributes }) => attributes['name']!.slice(-1)),
    ['5', '2', '3', '4', '1'],
  );
  const full = cases.filter(({ children }) => children[0]!.text.includes('next: '));
  assert.is(full.length, 2);
  assert.is(cases[3]!.children[0]!.text, `the same as for ${skipped[0]!.id}`);
});

test('what ended the command before its devices is a case of its own', () => {
  const error = {
    ...refusal('unit-refused', { units: '' }),
    message: 'nothing was written: no device matches',
    next: 'See runbook plan.',
  };
  const refused = parseJunit(junitText(recordOf(reportDocument([], 'NOMATCH', { error }))));
  assert.equal(
    casesOf(refused).map(({ attributes, children }) => [attributes['name'], children[0]!.attributes]),
    [['apply', { type: 'NOMATCH', message: error.message }]],
  );
  const diagnostics = [
    diagnosticOfFile('a.yml', { code: 'no-file', message: 'there is no such file' }),
    diagnosticOfFile('a.yml', { code: 'any-revision', message: 'every one', severity: 'warning' }),
  ];
  const invalid = documentOf('runbook.diagnostics/1', 'apply', 'INVALID', { diagnostics });
  const [one] = casesOf(parseJunit(junitText(recordOf(invalid))));
  assert.equal(one!.children[0]!.attributes, {
    type: 'INVALID',
    message: 'a.yml: there is no such file [no-file]',
  });
});

test('a command with nothing to do is one case that passes', () => {
  const [one] = casesOf(parseJunit(junitText(recordOf(reportDocument([])))));
  assert.equal(one!.children, []);
});

test('a rehearsal is a case, which fails when a verdict was not true', () => {
  const suite = parseJunit(junitText(recordOf(rehearsalDocument())));
  assert.is(suite.attributes['name'], 'HP cards to 2.10');
  const [good, bad] = casesOf(suite);
  assert.equal([good!.attributes['classname'], good!.attributes['name']], ['rehearsal', 'as-expected']);
  assert.equal(
    good!.children.map(({ name, text }) => [name, text]),
    [['system-out', 'does what the playbook expects\nsg1 updated: 2.08 → 2.10']],
  );
  assert.equal(bad!.children[0]!.attributes, { type: 'problem', message: 'sg1: updated is not true' });
  assert.is(bad!.children[0]!.text, 'sg1: updated is not true\nand more');
  assert.is(casesOf(suite).length, 2);
});

test('whatever a device or a playbook says, the report stays XML', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) }),
      (reason, product) => {
        const result = resultOf(1, { outcome: 'failed', reason, product: `x${product}` });
        const [one] = casesOf(parseJunit(junitText(recordOf(reportDocument([result])))));
        const readable = reason.replaceAll(
          /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]|(?![\t\n\r])[\p{C}\p{Default_Ignorable_Code_Point}]/gu,
          (found) =>
            /[\p{Cn}\p{Co}]/u.test(found) && !/\p{Default_Ignorable_Code_Point}/u.test(found)
              ? found
              : '\ufffd',
        );
        assert.is(one!.children[0]!.attributes['message'], readable);
      },
    ),
    { numRuns: 200 },
  );
});

test('text and values come back as they were, line breaks and tabs too', () => {
  const text = 'a\r\nb\tc ]]> <&"\'> 😀 end';
  const read = parseXml(xmlDocument(xml('a', { value: text }, text)));
  assert.is(read.attributes['value'], text);
  assert.is(read.text, text);
});

test('the check finds a report that counts wrong, or has what readers do not know', () => {
  const good = junitText(recordOf(reportDocument(TROUBLED, 'HALTED')));
  assert.throws(() => parseJunit(good.replaceAll('failures="1"', 'failures="0"')), /failures is not 1/);
  assert.throws(() => parseJunit(good.replace('classname=', 'class=')), /"wrong":\["class"\]/);
  assert.throws(() => parseJunit(good.replace('→', '\u0001')), /disallowed character/);
});

test.run();
