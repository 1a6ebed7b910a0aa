import * as assert from 'uvu/assert';
import type { LabDeviceWords } from '../../../../src/generated/lab.ts';
import type { ResolvedStrategy } from '../../../../src/playbook/resolved.ts';
import type { SenseFields } from '../../../../src/scsi/sense.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { deviceIdentification } from '../../../../src/scsi/vpd-device-identification.ts';
import { configuration } from '../../../../src/ses/configuration.ts';
import { checkCondition } from '../../../../src/simulator/answers.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { outcomeOf } from '../../../../src/transport/transport.ts';
import { suite } from '../../../support/suite.ts';
import { runLab } from '../lab-run.ts';
import type { LabRunEnd } from '../lab-run.ts';
import { sesPlayOf } from '../ses-plays.ts';

const test = suite('run/unit/partner-look');

const module = (process: number): LabDeviceWords => ({
  persona: 'ses-shelf-immediate',
  revision: '2.08',
  enclosure: { id: '0x3000000e0100003f', process, of: 2 },
});

/** Two modules; what happens to the second one after the plan was made, and what then becomes of the first. */
async function after(
  happens: (partner: SimulatedDevice) => void,
  strategy: Partial<ResolvedStrategy> = {},
): Promise<LabRunEnd & { readonly reason: string; readonly pages: number }> {
  const end = await runLab({
    devices: [module(1), module(2)],
    plays: [sesPlayOf()],
    strategy: { maxFailures: 9, ...strategy },
    prepare: ([, partner]) => happens(partner!),
  });
  const pages = end.devices[0]!.log.filter(({ cdb }) => cdb[0] === OperationCode.sendDiagnostic).length;
  return { ...end, reason: end.results[0]!.reason ?? '', pages };
}

const answers =
  (operationCode: number, sense: SenseFields, page: number | null = null) =>
  (device: SimulatedDevice): void =>
    device.putInFront(({ cdb }) =>
      cdb[0] === operationCode && (page === null || cdb[2] === page) ? checkCondition(sense) : undefined,
    );

for (const [title, happens, reason] of [
  [
    'a partner that failed its self-test',
    answers(OperationCode.testUnitReady, { key: 2, asc: 0x04, ascq: 0x03 }),
    /its partner naa\.\w+ in enclosure 3000000e0100003f is not ready: .*\(2\/04\/03\)/,
  ],
  [
    'a partner that is still starting after 20 s',
    (partner: SimulatedDevice) => void (partner.readyAtMs = Infinity),
    /its partner .* is not ready: .*\(2\/04\/01\)/,
  ],
  [
    'a partner that does not answer any more',
    (partner: SimulatedDevice) => partner.putInFront(() => outcomeOf({ hostStatus: 0x01 })),
    /its partner .* does not answer$/,
  ],
  [
    'a partner that answers with hardware errors alone',
    answers(OperationCode.inquiry, { key: 4, asc: 0x3e, ascq: 0x01 }),
    /its partner .* cannot be asked: INQUIRY: HARDWARE ERROR.*\(4\/3E\/01\)/,
  ],
  [
    'a partner that refuses the page of its designator',
    answers(OperationCode.inquiry, { key: 5, asc: 0x24, ascq: 0x00 }, deviceIdentification.pageCode),
    /its partner .* answers, but VPD page 83h .* cannot be read, and it says which unit this is: .*\(5\/24\/00\)/,
  ],
  [
    'a partner whose enclosure services do not answer',
    answers(
      OperationCode.receiveDiagnosticResults,
      { key: 2, asc: 0x35, ascq: 0x02 },
      configuration.pageCode,
    ),
    /its partner .* cannot be asked: .*\(2\/35\/02\)/,
  ],
  [
    'a partner that somebody gave another revision',
    (partner: SimulatedDevice) => void (partner.shownRevision = '9.99'),
    /its partner .* runs "9\.99", which the playbook does not know/,
  ],
] as const) {
  test(`${title} since the plan was made keeps a module from its first byte`, async () => {
    const end = await after(happens);
    assert.is(end.results[0]!.outcome, 'refused');
    assert.match(end.reason, reason);
    assert.is(end.pages, 0);
  });
}

test('proceed-without: a partner that does not say who it is is known by its place', async () => {
  const refuses = answers(
    OperationCode.inquiry,
    { key: 5, asc: 0x24, ascq: 0x00 },
    deviceIdentification.pageCode,
  );
  const { results } = await after(refuses, { proceedWithout: ['vpd-83h'] });
  assert.is(results[0]!.outcome, 'updated');
});

test('a unit attention of the partner is taken, and is not an obstacle', async () => {
  const { outcomes } = await after((partner) => partner.hardReset());
  assert.is(outcomes, 'updated updated');
});

test('a partner that waits for its event is well where the playbook says partner-after: pending', async () => {
  const waits = answers(OperationCode.testUnitReady, { key: 2, asc: 0x04, ascq: 0x22 });
  assert.is((await after(waits, { partnerAfter: 'pending' })).results[0]!.outcome, 'updated');
  assert.is((await after(waits)).results[0]!.outcome, 'refused');
});

const follows = (more: Partial<LabDeviceWords>): LabDeviceWords[] => [
  module(1),
  { ...module(2), enclosure: { id: '0x3000000e0100003f', process: 2, of: 2, follows: '5s' }, ...more },
];

test('a partner that follows and comes back as another node is found there', async () => {
  const { outcomes, devices } = await runLab({
    devices: follows({ restart: { leaves: { for: '10s', node: 'sg40' } } }),
    plays: [sesPlayOf()],
    strategy: { partnerSync: 'both' },
  });
  assert.is(outcomes, 'updated current');
  assert.is(devices[1]!.shownRevision, '2.10');
});

test('a partner that follows and does not get ready again leaves the module degraded', async () => {
  const { outcomes, results } = await runLab({
    devices: follows({ restart: { 'ready-after': '24h' } }),
    plays: [sesPlayOf()],
    strategy: { partnerSync: 'both' },
  });
  assert.is(outcomes, 'degraded skipped');
  assert.match(results[0]!.reason!, /its partner .* is not ready: .*`partner-sync: both` expects 2\.10/);
});

test.run();
