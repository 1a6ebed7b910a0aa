import * as assert from 'uvu/assert';
import { SENSE_RULES, senseRule } from '../../../src/device/sense-table.ts';
import type { Action, Moment } from '../../../src/device/sense-table.ts';
import { ADDITIONAL_SENSE } from '../../../src/scsi/additional-sense.ts';
import { suite } from '../../support/suite.ts';
import { at, SENSE_ROWS } from './sense-rows.ts';

const table = suite('device/sense-table');

const codesOf = (codes: string): [key: number, asc: number, ascq: number][] =>
  codes.split(' ').map((code) => {
    const [key = 0, asc = 0, ascq = 0] = code.split('/').map((part) => Number.parseInt(part, 16));
    return [key, asc, ascq];
  });
/** From here on a qualifier is the vendor's. */
const VENDOR = 0x80;

for (const [title, codes, expected] of SENSE_ROWS) {
  table(`${title} (${codes})`, () => {
    const wanted = typeof expected === 'string' ? at(expected, expected, expected, expected) : expected;
    for (const [key, asc, ascq] of codesOf(codes)) {
      const actionAt = (moment: Moment): Action => senseRule({ key, asc, ascq }, moment).action;
      const found = at(actionAt('probe'), actionAt('first'), actionAt('during'), actionAt('last'));
      assert.equal(found, wanted, `${key}/${asc.toString(16)}/${ascq.toString(16)}`);
    }
  });
}

table('each code that a rule names has a row above, and a text', () => {
  const rows = SENSE_ROWS.flatMap(([, codes]) => codesOf(codes));
  const lacking = SENSE_RULES.flatMap(({ key, asc, ascq }) => {
    if (asc === null) return [];
    const named = (ascq ?? []).filter((qualifier) => qualifier < VENDOR);
    const hasRow = (qualifier: number | null): boolean =>
      rows.some(
        (row) =>
          (key === null || row[0] === key) && row[1] === asc && (qualifier === null || row[2] === qualifier),
      );
    const wanted = named.length > 0 ? named : [null];
    return wanted
      .filter(
        (qualifier) =>
          !hasRow(qualifier) || (qualifier !== null && !(asc * 256 + qualifier in ADDITIONAL_SENSE)),
      )
      .map((qualifier) => [key, asc, qualifier].map((code) => code?.toString(16) ?? 'any').join('/'));
  });
  assert.equal(lacking, []);
});

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
