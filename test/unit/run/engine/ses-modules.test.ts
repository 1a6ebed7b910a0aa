import * as assert from 'uvu/assert';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { configuration } from '../../../../src/ses/configuration.ts';
import { enclosureStatus } from '../../../../src/ses/enclosure-status.ts';
import { supportedDiagnosticPages } from '../../../../src/ses/supported-diagnostic-pages.ts';
import { checkCondition } from '../../../../src/simulator/answers.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { suite } from '../../../support/suite.ts';
import { playOf } from '../builders.ts';
import { runLab } from '../lab-run.ts';
import { pagesOf, runShelf, sesPlayOf } from '../ses-plays.ts';
import type { ShelfRun } from '../ses-plays.ts';

const test = suite('run: subenclosures and modules');

// ---- subenclosures ----

const IOM: ShelfRun = {
  persona: 'ses-shelf-triple',
  section: { subenclosureId: 1 },
  play: { match: { revision: ['0200'] } },
};

test('another subenclosure: start revision and verdict come from its descriptor', async () => {
  const { results, device, exit } = await runShelf(IOM);
  const [result] = results;
  assert.equal([result!.outcome, result!.before, result!.after], ['updated', '0200', '2.10']);
  assert.is(exit.code, 0);
  assert.is(device.shownRevision, '2.08', 'INQUIRY speaks of the primary one');
  assert.is(device.enclosure!.withId(1)!.microcode.running.revision, '2.10');
  assert.is(device.enclosure!.withId(2)!.microcode.running.revision, '0030');
});

test('another subenclosure in another buffer', async () => {
  const { outcomes, device } = await runShelf({
    ...IOM,
    section: { subenclosureId: 2, bufferId: 1 },
    play: { match: { revision: ['0030'] } },
  });
  assert.is(outcomes, 'updated');
  assert.is(device.enclosure!.withId(2)!.microcode.flash.has(1), true);
});

test('match.revision guards the descriptor, not what INQUIRY shows', async () => {
  const { outcomes, results } = await runShelf({ ...IOM, play: { match: { revision: ['2.08'] } } });
  assert.is(outcomes, 'refused');
  assert.match(results[0]!.reason!, /runs "0200", which match\.revision \("2\.08"\) does not list/);
});

test('a subenclosure that runs the target is current, whatever the unit runs', async () => {
  const { outcomes, exit, device } = await runShelf({
    ...IOM,
    play: { match: { revision: ['0100'] }, verify: { ...playOf().verify, revision: '0200' } },
  });
  assert.equal([outcomes, exit.code], ['current', 0]);
  assert.equal(pagesOf(device), []);
});

test('a subenclosure that the unit does not have is refused by the plan', async () => {
  const { outcomes, exit, results } = await runShelf({ ...IOM, section: { subenclosureId: 7 } });
  assert.equal([outcomes, exit.code], ['refused', 4]);
  assert.match(results[0]!.reason!, /does not show subenclosure 7/);
});

test('a subenclosure that changed since the plan is refused by the check', async () => {
  const { outcomes, results } = await runShelf({
    ...IOM,
    prepare: ([shelf]) => {
      const { microcode } = shelf!.enclosure!.withId(1)!;
      microcode.running = { ...microcode.running, revision: '0201' };
    },
  });
  assert.is(outcomes, 'refused');
  assert.is(results[0]!.error!.code, 'changed-since-plan');
});

// ---- pages that the unit does not have, and then has; or the other way round ----

const REFUSED = checkCondition({ key: 5, asc: 0x24, ascq: 0x00 });

function refusePages(device: SimulatedDevice, pages: readonly number[], answer = REFUSED): void {
  device.putInFront(({ cdb }) =>
    cdb[0] === OperationCode.receiveDiagnosticResults && pages.includes(cdb[2]!) ? answer : undefined,
  );
}

for (const [fact, { pageCode }] of [
  ['ses-00h', supportedDiagnosticPages],
  ['ses-01h', configuration],
  ['ses-02h', enclosureStatus],
] as const) {
  test(`page ${fact} that was read by the plan, and is refused (5/24/00) right before the first byte, is unreadable`, async () => {
    const { outcomes, results, device } = await runShelf({
      prepare: ([shelf]) => refusePages(shelf!, [pageCode]),
      strategy: { health: 'required' },
    });
    assert.is(outcomes, 'refused');
    assert.is(results[0]!.error!.code, 'fact-unreadable');
    assert.match(results[0]!.error!.next, `proceed-without: [${fact}]`);
    assert.equal(pagesOf(device), []);
  });
}

for (const [fact, { pageCode }] of [
  ['ses-00h', supportedDiagnosticPages],
  ['ses-01h', configuration],
] as const) {
  test(`proceed-without: [${fact}] is enough where that page cannot be read, and says that health is not judged`, async () => {
    const unread = (shelf: SimulatedDevice): void =>
      refusePages(shelf, [pageCode], checkCondition({ key: 4, asc: 0x3e, ascq: 0x01 }));
    const asked = { health: 'required', proceedWithout: [fact] } as const;
    const { results, device, events } = await runShelf({
      arrange: ([shelf]) => unread(shelf!),
      strategy: asked,
    });
    assert.ok(pagesOf(device).length > 0, results[0]!.reason ?? '');
    assert.equal(results[0]!.without, [fact]);
    const notices = events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));
    assert.match(notices.join('\n'), /failed part/);
  });
}

test('a module that shows only after the plan that it is one is refused: nobody has looked for its partners', async () => {
  let isPlanned = false;
  const { outcomes, results, device } = await runShelf({
    arrange: ([shelf]) =>
      shelf!.putInFront(({ cdb }) =>
        !isPlanned && cdb[0] === OperationCode.receiveDiagnosticResults && cdb[2] === configuration.pageCode
          ? REFUSED
          : undefined,
      ),
    prepare: () => void (isPlanned = true),
  });
  assert.equal([outcomes, results[0]!.error!.code], ['refused', 'module-changed']);
  assert.equal(pagesOf(device), []);
});

test('an enclosure that has no page 01h before and after the plan is begun', async () => {
  const { device } = await runShelf({
    persona: 'ses-shelf-immediate',
    arrange: ([shelf]) => refusePages(shelf!, [configuration.pageCode]),
  });
  assert.ok(pagesOf(device).length > 0);
});

// ---- a frozen enclosure beside others ----

/** Two modules of one chassis, or two enclosures; the first one ends frozen. */
async function beside(
  chassis: 'one' | 'two' | 'unknown',
  play = {},
): Promise<{ outcomes: string; exit: number; reason: string | null; device: SimulatedDevice }> {
  const address = (n: number): string => `0x3000000e83000${chassis === 'two' ? n : 0}0${n}`;
  const mute = chassis === 'unknown';
  const end = await runLab({
    devices: [1, 2].map((n) => ({
      persona: n === 1 ? 'ses-shelf-status-83' : 'ses-shelf',
      serial: `SN${n}`,
      'sas-address': address(n),
    })),
    arrange: (devices) => {
      if (mute) for (const device of devices) refusePages(device, [configuration.pageCode]);
    },
    plays: [sesPlayOf({}, play)],
    strategy: { maxFailures: 5 },
  });
  const { outcomes, exit, results, devices } = end;
  return { outcomes, exit: exit.code, reason: results[1]!.reason, device: devices[1]! };
}

test('no other module of a frozen enclosure is begun, whatever max-failures says', async () => {
  const { outcomes, exit, reason, device } = await beside('one');
  assert.equal([outcomes, exit], ['frozen skipped', 9]);
  assert.match(reason!, /ended frozen/);
  assert.equal(pagesOf(device), []);
});

test('another enclosure goes on', async () => {
  const { outcomes, exit } = await beside('two');
  assert.equal([outcomes, exit], ['frozen pending', 9]);
});

test('where the enclosures are not known, no other enclosure is begun', async () => {
  const { outcomes, reason } = await beside('unknown');
  assert.is(outcomes, 'frozen skipped');
  assert.match(reason!, /may be another module of the same enclosure/);
});

test('nothing reloads the driver beside a frozen enclosure', async () => {
  const { outcomes, reason } = await beside('two', {
    activate: [{ step: 'reload-driver', driver: 'mpt3sas' }],
  });
  assert.is(outcomes, 'frozen skipped');
  assert.match(reason!, /reload-driver would reset naa/);
});

test.run();
