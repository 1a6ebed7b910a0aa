import * as assert from 'uvu/assert';
import type { LabDeviceWords } from '../../../../src/generated/lab.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { encodeFixedSense } from '../../../../src/scsi/sense.ts';
import type { SenseFields } from '../../../../src/scsi/sense.ts';
import { startUnit } from '../../../../src/scsi/start-stop-unit.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { outcomeOf } from '../../../../src/transport/transport.ts';
import { outcomeFor } from '../../../support/scripted-transport.ts';
import { suite } from '../../../support/suite.ts';
import { playOf, sectionOf } from '../builders.ts';
import { runLab, sentTo } from '../lab-run.ts';
import { sesSectionOf } from '../ses-plays.ts';
import type { LabRunEnd } from '../lab-run.ts';

const test = suite('run/ready');

const NO_MEDIUM: SenseFields = { key: 2, asc: 0x3a, ascq: 0x00 };
const STOPPED: SenseFields = { key: 2, asc: 0x04, ascq: 0x02 };

/** TEST UNIT READY ends so from now on, and REQUEST SENSE says so. */
function answersWith(device: SimulatedDevice, sense: SenseFields, from: () => boolean = () => true): void {
  device.putInFront(({ cdb }) => {
    if (!from()) return undefined;
    if (cdb[0] === OperationCode.testUnitReady) return device.ready ? device.refuse(sense) : undefined;
    if (cdb[0] !== OperationCode.requestSense) return undefined;
    return outcomeOf({ dataIn: encodeFixedSense(sense) });
  });
}

const LTO: Partial<LabDeviceWords> = { persona: 'tape', vendor: 'HP', product: 'Ultrium 5-SCSI' };
const LTO_PLAY = playOf({
  match: { type: 'tape', deviceType: 0x01, product: 'Ultrium 5-SCSI' },
  download: [sectionOf({ mode: 'dmc', endWith: 'dmc_save' })],
  activate: [{ step: 'wait-ready', withinMs: 60_000 }],
});

const DISK: Partial<LabDeviceWords> = { persona: 'disk', vendor: 'HP', product: 'DISK' };
const DISK_PLAY = playOf({ match: { type: 'disk', deviceType: 0x00, product: 'DISK' } });

const noticesOf = ({ events }: LabRunEnd): string[] =>
  events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));

test('a tape drive without a cartridge is updated', async () => {
  const end = await runLab({
    devices: [LTO],
    plays: [LTO_PLAY],
    prepare: ([drive]) => answersWith(drive!, NO_MEDIUM),
  });
  assert.is(end.outcomes, 'updated', end.results[0]!.reason ?? '');
  assert.is(end.exit.code, 0);
  // Nothing was waited for: it is as ready as it will ever be.
  assert.ok(end.clock.nowMs() < 20_000, `${end.clock.nowMs()} ms`);
});

test('a disk that says that it has no medium is refused before the first byte', async () => {
  const end = await runLab({
    devices: [DISK],
    plays: [DISK_PLAY],
    prepare: ([disk]) => answersWith(disk!, NO_MEDIUM),
  });
  assert.is(end.outcomes, 'refused');
  assert.equal(sentTo(end.devices[0]!), []);
});

test('a disk that was stopped before may be stopped afterwards, and that is told', async () => {
  const end = await runLab({
    devices: [DISK],
    plays: [DISK_PLAY],
    prepare: ([disk]) => answersWith(disk!, STOPPED),
  });
  assert.is(end.outcomes, 'updated', end.results[0]!.reason ?? '');
  assert.ok(noticesOf(end).some((message) => message.includes('is stopped (2/04/02)')));
});

test('a disk that is stopped by the new code alone is degraded', async () => {
  const end = await runLab({
    devices: [DISK],
    plays: [DISK_PLAY],
    prepare: ([disk]) => answersWith(disk!, STOPPED, () => disk!.shownRevision === '2.10'),
  });
  assert.is(end.outcomes, 'degraded');
});

test('a unit that becomes ready is waited for as long as the playbook says, with a picture', async () => {
  const end = await runLab({
    prepare: ([card]) => (card!.readyAtMs = card!.clock.nowMs() + 40_000),
  });
  assert.is(end.outcomes, 'updated', end.results[0]!.reason ?? '');
  const waits = end.events.flatMap((event) => (event.type === 'waiting' ? [event] : []));
  assert.equal(
    waits.slice(0, 1).map(({ what, withinMs }) => [what, withinMs]),
    [['ready', 60_000]],
  );
});

test('a disk that needs START STOP UNIT after its restart gets it by start-unit, and is updated', async () => {
  const devices = [{ ...DISK, persona: 'disk-mode-7', restart: { stopped: true } }];
  const download = [sectionOf({ mode: 'dmc_offs_save' })];
  const play = playOf({ ...DISK_PLAY, download, activate: [{ step: 'start-unit', withinMs: 60_000 }] });
  const end = await runLab({ devices, plays: [play] });
  assert.is(end.outcomes, 'updated', end.results[0]!.reason ?? '');
  const started = end.devices[0]!.log.filter(({ cdb }) => cdb[0] === OperationCode.startStopUnit);
  assert.is(started.filter(({ outcome }) => outcome.status === 0).length, 1);
});

test('without the step it is updated where it was stopped before, and degraded where it ran', async () => {
  const download = [sectionOf({ mode: 'dmc_offs_save' })];
  const play = playOf({ ...DISK_PLAY, download, activate: [] });
  for (const ran of [true, false]) {
    const end = await runLab({
      devices: [{ ...DISK, persona: 'disk-mode-7', restart: { stopped: true } }],
      plays: [play],
      prepare: ([disk]) => {
        if (ran) disk!.execute(startUnit(), 'another initiator');
      },
    });
    assert.is(end.outcomes, ran ? 'degraded' : 'updated', end.results[0]!.reason ?? '');
    if (ran) assert.match(end.results[0]!.error!.next, 'start-unit');
  }
});

for (const activate of [[], [{ step: 'wait-ready', withinMs: 60_000 }]] as const) {
  const step = activate.length === 0 ? 'without a step' : 'in wait-ready';
  test(`a path that goes into standby with the restart: another path of the unit is taken, ${step}`, async () => {
    for (const [passive, outcome] of [
      [['6:0:0:0'], 'updated'],
      [['6:0:0:0', '6:0:1:0'], 'degraded'],
    ] as const) {
      const end = await runLab({
        devices: [{ paths: [{ node: 'sg0' }, { node: 'sg1' }] }],
        plays: [playOf({ download: [sectionOf({ mode: 'dmc_offs_save' })], activate })],
        prepare: ([card]) => {
          card!.putInFront(({ cdb }, device, nexus) =>
            device.shownRevision === '2.10' &&
            cdb[0] !== OperationCode.inquiry &&
            (passive as readonly string[]).includes(nexus)
              ? device.refuse({ key: 2, asc: 0x04, ascq: 0x0b })
              : undefined,
          );
        },
      });
      assert.is(end.outcomes, outcome, end.results[0]!.reason ?? '');
      const moved = noticesOf(end).some((message) => message.includes('came back as /dev/sg1'));
      assert.ok(moved, 'the other path was used');
    }
  });
}

test('an attention that waits on another path since before the run does not say that the image has started', async () => {
  // A staged revision, and a device that does not say that an image waits: only a restart would prove it.
  for (const [answers, outcome] of [
    [['6/29/01'], 'pending'],
    [['6/29/01', 'good', '6/29/01'], 'updated'],
  ] as const) {
    const left = [...answers];
    const end = await runLab({
      devices: [{ paths: [{ node: 'sg0' }, { node: 'sg1' }] }],
      plays: [playOf({ activate: [] })],
      prepare: ([card]) => {
        let isSent = false;
        card!.putInFront(({ cdb }, device, nexus) => {
          if (cdb[0] === OperationCode.writeBuffer) isSent = cdb[4]! >= 0x20;
          if (!isSent) return undefined;
          device.shownRevision = '2.10';
          if (cdb[0] === OperationCode.requestSense)
            return outcomeOf({ dataIn: encodeFixedSense({ key: 0, asc: 0, ascq: 0 }) });
          if (cdb[0] !== OperationCode.testUnitReady) return undefined;
          if (nexus === '6:0:0:0') return device.refuse({ key: 2, asc: 0x04, ascq: 0x0b });
          const answer = left.shift() ?? 'good';
          return answer === 'good' ? undefined : outcomeFor(answer);
        });
      },
    });
    assert.is(end.outcomes, outcome, end.results[0]!.reason ?? '');
  }
});

test('over a path in standby another one is taken, and where all are in standby nothing is written', async () => {
  for (const [passive, outcome] of [
    [['6:0:0:0'], 'updated'],
    [['6:0:0:0', '6:0:1:0'], 'refused'],
  ] as const) {
    const end = await runLab({
      devices: [{ paths: [{ node: 'sg0' }, { node: 'sg1' }] }],
      prepare: ([card]) => {
        card!.putInFront(({ cdb }, device, nexus) =>
          cdb[0] !== OperationCode.inquiry && (passive as readonly string[]).includes(nexus)
            ? device.refuse({ key: 2, asc: 0x04, ascq: 0x0b })
            : undefined,
        );
      },
    });
    assert.is(end.outcomes, outcome, end.results[0]!.reason ?? '');
    const writers = end.devices[0]!.log.filter(({ cdb }) => cdb[0] === OperationCode.writeBuffer);
    assert.equal([...new Set(writers.map(({ nexus }) => nexus))], outcome === 'updated' ? ['6:0:1:0'] : []);
    assert.ok(noticesOf(end).some((message) => message.includes('sg0 is in standby: /dev/sg1 is used')));
  }
});

for (const [via, operationCode] of [
  ['write-buffer', OperationCode.writeBuffer],
  ['ses', OperationCode.sendDiagnostic],
] as const) {
  test(`a path that says only to the first chunk that it is in standby: the others are taken, once each, ${via}`, async () => {
    const shelf = { persona: 'ses-shelf-immediate' } as const;
    const play =
      via === 'ses'
        ? playOf({
            match: { type: 'enclosure', deviceType: 0x0d, vendor: 'LAB', product: 'SES SHELF' },
            download: [sesSectionOf()],
            activate: [],
          })
        : playOf({ download: [sectionOf({ mode: 'dmc_offs_save' })], activate: [] });
    for (const [passive, outcome] of [
      [['6:0:0:0', '6:0:1:0'], 'updated'],
      [['6:0:0:0', '6:0:1:0', '6:0:2:0'], 'refused'],
    ] as const) {
      const refused: string[] = [];
      const end = await runLab({
        devices: [
          { ...(via === 'ses' && shelf), paths: [{ node: 'sg0' }, { node: 'sg1' }, { node: 'sg2' }] },
        ],
        plays: [play],
        prepare: ([card]) => {
          card!.putInFront(({ cdb }, device, nexus) => {
            if (cdb[0] !== operationCode || !(passive as readonly string[]).includes(nexus)) return undefined;
            refused.push(nexus);
            return device.refuse({ key: 2, asc: 0x04, ascq: 0x0b });
          });
        },
      });
      assert.is(end.outcomes, outcome, end.results[0]!.reason ?? '');
      assert.equal(refused, passive);
      if (outcome === 'refused') assert.not.match(end.results[0]!.error!.next, /another path/);
    }
  });
}

test('what answers in its place and cannot be identified: how it answered is reported, and not that nothing is there', async () => {
  for (const answer of ['5/24/00', '4/3e/00']) {
    let isSent = false;
    const end = await runLab({
      plays: [playOf({ download: [sectionOf({ mode: 'dmc_offs_save' })], activate: [] })],
      prepare: ([card]) =>
        card!.putInFront(({ cdb }) => {
          isSent ||= cdb[0] === OperationCode.writeBuffer && cdb[4]! >= 0x20;
          return isSent && cdb[0] === OperationCode.inquiry ? outcomeFor(answer) : undefined;
        }),
    });
    const { reason, error } = end.results[0]!;
    assert.match(reason!, new RegExp(`INQUIRY: .*${answer}`, 'i'));
    assert.is(error!.layer, 'device');
  }
});

test.run();
