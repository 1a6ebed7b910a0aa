import * as assert from 'uvu/assert';
import { readFileSync } from 'node:fs';
import { SENSE_RULES, senseRule } from '../../../src/device/sense-table.ts';
import type { Action, Moment, SenseRule } from '../../../src/device/sense-table.ts';
import { ADDITIONAL_SENSE } from '../../../src/scsi/additional-sense.ts';
import { inProject } from '../../support/paths.ts';
import { suite } from '../../support/suite.ts';
import { at, SENSE_ROWS } from './sense-rows.ts';

const table = suite('device/sense-table');

const codesOf = (codes: string): [key: number, asc: number, ascq: number][] =>
  codes.split(' ').map((code) => {
    const [key = 0, asc = 0, ascq = 0] = code.split('/').map((part) => Number.parseInt(part, 16));
    return [key, asc, ascq];
  });
const CODE_OF_KEY: Readonly<Record<number, string>> = {
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
/** From here on a qualifier is the vendor's. */
const VENDOR = 0x80;

for (const [title, codes, expected, code] of SENSE_ROWS) {
  table(`${title} (${codes})`, () => {
    const wanted = typeof expected === 'string' ? at(expected, expected, expected, expected) : expected;
    for (const [key, asc, ascq] of codesOf(codes)) {
      const actionAt = (moment: Moment): Action => senseRule({ key, asc, ascq }, moment).action;
      const found = at(actionAt('probe'), actionAt('first'), actionAt('during'), actionAt('last'));
      const what = text([key, asc, ascq]);
      assert.equal(found, wanted, what);
      assert.is(
        senseRule({ key, asc, ascq }, 'during').code,
        code ?? CODE_OF_KEY[key] ?? 'other-sense',
        what,
      );
    }
  });
}

const text = (codes: readonly (number | null)[]): string =>
  codes.map((code) => code?.toString(16).padStart(2, '0') ?? 'any').join('/');
/** The codes that a rule names; null: it goes by the key alone, or by all qualifiers of one ASC. */
const namedBy = ({ key, asc, ascq }: SenseRule): (readonly (number | null)[])[] =>
  (ascq ?? [null]).map((qualifier) => [key, asc, qualifier]);

table('each code that a rule names has a row above, and a text', () => {
  const rows = SENSE_ROWS.flatMap(([, codes]) => codesOf(codes));
  const hasRow = (wanted: readonly (number | null)[]): boolean =>
    rows.some((row) => wanted.every((code, index) => code === null || code === row[index]));
  const lacking = SENSE_RULES.flatMap((rule) => {
    const named = namedBy(rule);
    // Of a whole range of the vendor's own, its ends are enough.
    const isRange = named.length > 8 && rule.ascq!.every((ascq) => ascq >= VENDOR);
    const wanted = isRange ? [named.at(0)!, named.at(-1)!] : named;
    const hasText = ([, asc, ascq]: readonly (number | null)[]): boolean =>
      asc == null || ascq == null || isRange || asc * 256 + ascq in ADDITIONAL_SENSE;
    return wanted.filter((codes) => !hasRow(codes) || !hasText(codes)).map(text);
  });
  assert.equal(lacking, []);
});

table(
  'each code that a rule names has a row in the table of answers in docs/design/scsi-microcode.md',
  () => {
    const page = readFileSync(inProject('docs/design/scsi-microcode.md'), 'utf8');
    const answers = page.slice(page.indexOf('### Answers'), page.indexOf('## Linux pass-through'));
    const written = [...answers.matchAll(/^\| ([0-9A-Fa][^|]*\/[^|]*)\|/gm)].flatMap(([, cell]) =>
      writtenIn(cell!),
    );
    assert.ok(written.length > 50);
    const lacking = SENSE_RULES.flatMap(namedBy).filter(
      (codes) => !written.some((pattern) => codes.every((code, at) => fits(pattern[at]!, code))),
    );
    assert.equal(lacking.map(text), []);
  },
);

/** `2/04/00, 01; 4/3F/80–8F` as three parts each, where what a part leaves out is that of the one before it. */
function writtenIn(cell: string): (readonly string[])[] {
  let before: readonly string[] = [];
  return cell.split(/[,;]/).map((piece) => {
    const parts = piece.trim().split('/');
    before = parts.length === 1 ? [before[0]!, before[1]!, parts[0]!] : [...parts, 'xx', 'xx'].slice(0, 3);
    return before;
  });
}

function fits(pattern: string, code: number | null): boolean {
  if (pattern === 'xx' || pattern === 'any') return true;
  const [from, to = from] = pattern.split('–').map((end) => Number.parseInt(end, 16));
  return code !== null && code >= from! && code <= to!;
}

table('every sense code has a next step for a person, at every moment', () => {
  for (let key = 0; key < 16; key++) {
    for (const moment of ['probe', 'first', 'during', 'last'] as const) {
      for (let asc = 0; asc < 256; asc++) {
        const { next } = senseRule({ key, asc, ascq: 0 }, moment);
        assert.ok(next.length > 20, `${key}/${asc}: "${next}"`);
      }
    }
  }
});

table('no sense code makes runbook activate, accept or resend with a key of failure', () => {
  const harmless = ['stop', 'unclear', 'verify', 'freeze', 'send-later', 'wait'];
  for (const key of [2, 3, 4, 5, 7, 8, 9, 0xa, 0xb, 0xc, 0xd, 0xe, 0xf]) {
    for (let code = 0; code < 0x10000; code += 1) {
      const { action } = senseRule({ key, asc: code >> 8, ascq: code & 0xff }, 'during');
      if (!harmless.includes(action)) assert.unreachable(`${key}/${code.toString(16)}: ${action}`);
    }
  }
});

table.run();
