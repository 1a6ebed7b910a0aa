import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { problemsOf } from './sample.ts';

const test = suite('playbook/after');

interface PlayWords {
  readonly name: string;
  readonly after?: string;
  readonly type?: string;
  readonly from: string;
  readonly to: string;
  readonly verify?: string;
  readonly subenclosure?: number;
}

const playText = ({ name, after, type = 'enclosure', from, to, verify, subenclosure }: PlayWords): string =>
  [
    `  - name: ${name}`,
    ...(after === undefined ? [] : [`    after: ${after}`]),
    `    match: {type: ${type}, vendor: HP, product: CARD, revision: ${from}}`,
    `    firmware: {file: ${name}.bin, revision: "${to}", sha256: ${'0a'.repeat(32)}}`,
    subenclosure === undefined
      ? '    download: {via: write-buffer, mode: dmc_offs_save, bpw: 4096}'
      : `    download: {via: ses, mode: dmc_offs_save, bpw: 4096, subenclosure: ${subenclosure}}`,
    ...(verify === undefined ? [] : [`    verify: ${verify}`]),
  ].join('\n');

const problems = (...plays: readonly PlayWords[]): string[] =>
  problemsOf(`runbook: v1\nname: steps\nplays:\n${plays.map(playText).join('\n')}\n`);

const A = { name: 'a', from: '["2.08"]', to: '2.10' };
const B = { name: 'b', after: 'a', from: '["2.10"]', to: '2.12' };
const C = { name: 'c', after: 'b', from: '["2.12"]', to: '2.14' };

test('three steps, each from where the one before it leads', () => {
  assert.equal(problems(A, B, C), []);
});

test('a play that cannot start from what the earlier one leaves', () => {
  assert.equal(problems(A, { ...B, from: '["2.08"]' }), [
    '10:67 after: play a leaves "2.10", which is not listed: this play would never start | add "2.10"',
  ]);
});

test('any revision, a revision between, and an alias of what is left are places to start from', () => {
  assert.equal(
    problems(A, { ...B, from: '["*"]' }).filter((text) => !text.includes('any-revision')),
    [],
  );
  assert.equal(problems(A, { ...B, from: '["2.10", "2.11"]' }), []);
  assert.equal(
    problems({ ...A, to: '4.3.0', verify: '{aliases: {"0430": 4.3.0}}' }, { ...B, from: '["0430"]' }),
    [],
  );
});

test('a sibling between may bring the unit to where a play starts', () => {
  assert.equal(problems(A, B, { ...C, after: 'a' }), []);
});

test('an earlier play that starts from a later target would send a unit back', () => {
  assert.equal(problems({ ...A, from: '["2.08", "2.14"]' }, B, C), [
    '5:76 after: "2.14" is the target of play c, which comes after this one: a unit would go back | remove it',
  ]);
});

test('another type of device is never what the earlier play updated', () => {
  assert.equal(problems(A, { ...B, type: 'disk' }), [
    '10:19 after: the units of play a are of type enclosure | write enclosure, or remove after',
  ]);
});

test('another subenclosure has revisions of its own', () => {
  assert.equal(
    problems({ ...A, subenclosure: 0 }, { ...B, from: '["0100"]', to: '0101', subenclosure: 1 }),
    [],
  );
});

test('a play after one that does not come earlier, or after itself', () => {
  assert.equal(problems({ ...B, after: 'b' }), [
    '5:12 play-name: a play cannot come after itself | this is the first play',
  ]);
  assert.equal(problems({ ...B, from: '["2.08"]' }, A), [
    '5:12 play-name: no play before this one is called a | this is the first play',
  ]);
});

test.run();
