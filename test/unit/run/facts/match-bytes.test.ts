import * as assert from 'uvu/assert';
import type { MatchPage, MatchBytes } from '../../../../src/playbook/resolved.ts';
import { isNamed, writtenName } from '../../../../src/run/facts/device-name.ts';
import { matchPagesOf, whyNotMatched } from '../../../../src/run/facts/match-bytes.ts';
import { outcomeOf } from '../../../../src/transport/transport.ts';
import { suite } from '../../../support/suite.ts';
import { factsOf, playOf } from '../builders.ts';
import { runLab, sentTo } from '../lab-run.ts';
import { ENCLOSURE, isModule } from '../modules.ts';

const test = suite('run/proof');

const proofOf = (text: string, fields: Partial<MatchBytes> = {}): MatchBytes => ({
  page: 0x80,
  offset: 4,
  equals: Uint8Array.from(Buffer.from(text, 'latin1')),
  text,
  ...fields,
});

const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

for (const [title, proofs, expected] of [
  ['no proof is asked for', [], null],
  ['the bytes are there', [proofOf('REV A')], null],
  ['all of them', [proofOf('REV A'), proofOf('V A', { offset: 6 })], null],
  ['one of them is not', [proofOf('REV A'), proofOf('REV B')], 'proof-differs'],
  ['the page ends before', [proofOf('REV A!')], 'proof-differs'],
  ['they lie behind the page', [proofOf('R', { offset: 99 })], 'proof-differs'],
  ['the page is not there', [proofOf('R', { page: 0xc0 })], 'proof-unreadable'],
  ['INQUIRY', [proofOf('HP', { page: 'standard', offset: 8 })], null],
  ['other INQUIRY data', [proofOf('LSI', { page: 'standard', offset: 8 })], 'proof-differs'],
] as const satisfies readonly (readonly [string, readonly MatchBytes[], string | null])[]) {
  test(`${title}: ${expected ?? 'proven'}`, () => {
    const pages = new Map<MatchPage, Uint8Array | null>([
      [0x80, bytes('\x0d\x80\x00\x05REV A')],
      [0xc0, null],
      ['standard', bytes('\x0d\x00\x06\x02\x5b\x00\x00\x00HP      ')],
    ]);
    assert.is(whyNotMatched(proofs, pages)?.code ?? null, expected);
  });
}

test('every page is asked for once', () => {
  const play = playOf({ match: { proof: [proofOf('a'), proofOf('b'), proofOf('c', { page: 'standard' })] } });
  assert.equal([...matchPagesOf([play, play])], [0x80, 'standard', 0x86]);
});

test('a unit without the proof is not selected, and expect does not count it', async () => {
  const { results, exit, devices } = await runLab({
    devices: [{ serial: 'REV A 1' }, { serial: 'REV B 2' }],
    plays: [playOf({ match: { proof: [proofOf('REV A')] }, expect: { min: 1, max: 1 } })],
  });
  assert.equal(
    results.map(({ outcome }) => outcome),
    ['updated'],
  );
  assert.is(exit.code, 0);
  assert.equal(sentTo(devices[1]!), []);
});

test('proof in the standard INQUIRY data', async () => {
  const { outcomes } = await runLab({
    plays: [playOf({ match: { proof: [proofOf('HP SAS EXP', { page: 'standard', offset: 16 })] } })],
  });
  assert.is(outcomes, 'updated');
});

test('a proof that has gone since the plan refuses the unit before its first byte', async () => {
  const { outcomes, results, devices } = await runLab({
    devices: [{ serial: 'REV A 1' }],
    plays: [playOf({ match: { proof: [proofOf('HP SAS', { page: 'standard', offset: 16 })] } })],
    prepare: ([card]) => {
      const inquiry = bytes(`\x0d\x00\x06\x02\x1f\x00\x00\x00HP      ${'X'.repeat(16)}2.08`);
      card!.putInFront(({ cdb }) =>
        cdb[0] === 0x12 && (cdb[1]! & 1) === 0 && cdb[4] === 0xff
          ? outcomeOf({ dataIn: inquiry })
          : undefined,
      );
    },
  });
  assert.is(outcomes, 'refused');
  assert.match(results[0]!.reason!, /the standard INQUIRY data at byte 16 does not show "HP SAS"/);
  assert.equal(sentTo(devices[0]!), []);
});

test('another module of the enclosure than planned refuses the unit before its first byte', async () => {
  const { outcomes, results, devices } = await runLab({
    arrange: ([card]) => isModule(card!, { process: 1, of: 1 }),
    prepare: ([card]) => isModule(card!, { process: 2, of: 1 }),
  });
  assert.is(outcomes, 'refused');
  assert.match(
    results[0]!.reason!,
    /was process 1 of enclosure \w+ when the plan was made, and is process 2/,
  );
  assert.equal(sentTo(devices[0]!), []);
});

test('the logical identifier of an enclosure names its modules, in every way that it is written', () => {
  const enclosures = [{ logicalIdentifier: ENCLOSURE }] as unknown as NonNullable<
    ReturnType<typeof factsOf>['enclosures']
  >;
  const module = factsOf(1, { enclosures });
  for (const name of [ENCLOSURE, `0x${ENCLOSURE.toUpperCase()}`, `naa.${ENCLOSURE}`])
    assert.ok(isNamed(module, writtenName(name)));
  assert.not.ok(isNamed(factsOf(2), writtenName(ENCLOSURE)));
});

test.run();
