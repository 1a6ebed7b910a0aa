import * as assert from 'uvu/assert';
import type { ResolvedVerify, ResolvedWitness } from '../../../../src/playbook/resolved.ts';
import { vpdPageOf } from '../../../../src/scsi/vpd.ts';
import { outcomeOf } from '../../../../src/transport/transport.ts';
import { showsBytes } from '../../../../src/simulator/behaviors/shown-bytes.ts';
import { suite } from '../../../support/suite.ts';
import { playOf } from '../builders.ts';
import { runLab } from '../lab-run.ts';

const proofs = suite('run/second-proof');

const verifyOf = (fields: Partial<ResolvedVerify>): ResolvedVerify => ({
  revision: '2.10',
  unchanged: false,
  aliases: {},
  witness: null,
  paths: 'same',
  withinMs: 30_000,
  ...fields,
});

const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

/** VPD 80h holds the serial number behind its 4 header bytes. */
const serialIs = (serial: string): Extract<ResolvedWitness, { kind: 'vpd' }> => ({
  kind: 'vpd',
  pageCode: 0x80,
  offset: 4,
  equals: ascii(serial),
});

const devices = [{ serial: 'PADCP0B8SZY01A' }];

proofs('an alias makes what the device shows the revision of the playbook', async () => {
  const play = playOf({ verify: verifyOf({ revision: '2.1.0', aliases: { '2.10': '2.1.0' } }) });
  const { results } = await runLab({ devices, plays: [play] });
  assert.is(results[0]!.outcome, 'updated');
  assert.is(results[0]!.after, '2.10');
  const again = await runLab({ devices: [{ revision: '2.10' }], plays: [play] });
  assert.is(again.results[0]!.outcome, 'current');
});

proofs('a witness that agrees lets a unit be called updated', async () => {
  const play = playOf({ verify: verifyOf({ witness: serialIs('PADCP0B8SZY01A') }) });
  const { results } = await runLab({ devices, plays: [play] });
  assert.is(results[0]!.outcome, 'updated');
});

for (const [title, witness] of [
  ['disagrees', serialIs('PADCP0B8SZY01B')],
  ['lies behind the end of its page', { ...serialIs('X'), offset: 200 }],
  ['is a page that the device does not have', { ...serialIs('X'), pageCode: 0xc7 }],
  [
    'is page 01h of a unit without enclosure pages',
    { kind: 'ses-revision', subenclosureId: 0, equals: '2.10' },
  ],
  ['is a file that is not there', { kind: 'sysfs', path: 'class/none', equals: '1' }],
] as const) {
  proofs(`a witness that ${title} makes the target degraded`, async () => {
    const play = playOf({ verify: verifyOf({ witness }) });
    const { results, exit } = await runLab({ devices, plays: [play] });
    assert.is(results[0]!.outcome, 'degraded');
    assert.is(results[0]!.after, '2.10');
    assert.match(results[0]!.reason ?? '', 'the witness disagrees');
    assert.is(exit.name, 'FAILED');
  });
}

proofs('with a revision that never changes the witness alone decides', async () => {
  const mute = [{ persona: 'hp-sas-expander-mute', serial: 'PADCP0B8SZY01A' }];
  const unchanged = (serial: string): ReturnType<typeof playOf> =>
    playOf({ verify: verifyOf({ unchanged: true, witness: serialIs(serial) }) });
  // Nothing in this persona moves the witness: it agrees before, or never.
  const before = await runLab({ devices: mute, plays: [unchanged('PADCP0B8SZY01A')] });
  assert.is(before.results[0]!.outcome, 'current');
  assert.is(before.results[0]!.bytes, 0);
  const never = await runLab({ devices: mute, plays: [unchanged('PADCP0B8SZY01B')] });
  assert.is(never.results[0]!.outcome, 'unverified');
  assert.is(never.exit.name, 'UNVERIFIED');
});

proofs('a witness that moves with the code makes a unit updated under its old revision', async () => {
  const witness: ResolvedWitness = { kind: 'vpd', pageCode: 0xc0, offset: 4, equals: ascii('NEW') };
  const play = playOf({ verify: verifyOf({ unchanged: true, witness }) });
  const { results } = await runLab({
    devices: [{ persona: 'hp-sas-expander-mute' }],
    plays: [play],
    prepare: ([device]) =>
      device!.putInFront(({ cdb }, { microcode }) => {
        if (cdb[0] !== 0x12 || cdb[2] !== 0xc0) return undefined;
        return outcomeOf({ dataIn: vpdPageOf(0xc0, ascii(microcode.flash.size > 0 ? 'NEW' : 'OLD'), 0x0d) });
      }),
  });
  assert.is(results[0]!.outcome, 'updated');
  assert.is(results[0]!.after, '2.08');
});

proofs('a product that the playbook expects and that does not come is degraded', async () => {
  const play = playOf();
  const renamed = { ...play, firmware: { ...play.firmware, product: 'HP SAS EXP Card2' } };
  const { results } = await runLab({ devices, plays: [renamed] });
  assert.is(results[0]!.outcome, 'degraded');
  assert.match(results[0]!.reason ?? '', 'is "HP SAS EXP Card" still, not "HP SAS EXP Card2"');
});

const witnessed = (witness: ResolvedWitness): ReturnType<typeof playOf> =>
  playOf({ verify: verifyOf({ witness }) });

for (const [title, rate, outcome] of [
  ['comes up to', '6.0 Gbit', 'updated'],
  ['stays below', '3.0 Gbit', 'degraded'],
] as const) {
  proofs(`a link rate that ${title} the witness: ${outcome}`, async () => {
    const { outcomes } = await runLab({
      devices: [{ 'link-rate': '1.5 Gbit' }],
      brings: { 'link-rate': rate },
      plays: [witnessed({ kind: 'link-rate', atLeast: '6.0 Gbit' })],
    });
    assert.is(outcomes, outcome);
  });
}

proofs('a link rate that the host does not show proves nothing', async () => {
  const { outcomes } = await runLab({ plays: [witnessed({ kind: 'link-rate', atLeast: '1.5 Gbit' })] });
  assert.is(outcomes, 'degraded');
});

proofs('an attribute of the unit itself is asked of each unit', async () => {
  const { outcomes } = await runLab({
    devices: [{ sysfs: { fw: 'new' } }, { sysfs: { fw: 'old' } }],
    strategy: { maxFailures: 5 },
    plays: [witnessed({ kind: 'sysfs', path: '{device}/fw', equals: 'new' })],
  });
  assert.is(outcomes, 'updated degraded');
});

proofs('bytes of the INQUIRY data behind the revision are a witness', async () => {
  const witness: ResolvedWitness = { kind: 'inquiry', offset: 36, equals: ascii('2.10.0.0') };
  for (const [shown, outcome] of [
    ['2.10.0.0', 'updated'],
    ['2.10.0.1', 'degraded'],
  ] as const) {
    const { outcomes } = await runLab({
      plays: [witnessed(witness)],
      prepare: ([device]) => device!.putInFront(showsBytes({ page: null, offset: 36, bytes: ascii(shown) })),
    });
    assert.is(outcomes, outcome);
  }
});

proofs.run();
