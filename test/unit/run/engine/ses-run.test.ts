import * as assert from 'uvu/assert';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { encodeFixedSense } from '../../../../src/scsi/sense.ts';
import { outcomeOf } from '../../../../src/transport/transport.ts';
import { suite } from '../../../support/suite.ts';
import { IMAGE } from '../builders.ts';
import { holds, pagesOf, runShelf } from '../ses-plays.ts';
import type { ShelfRun } from '../ses-plays.ts';

const test = suite('run: SES enclosures');

const DEFERRED: ShelfRun = {
  section: { mode: 'dmc_offs_defer' },
  play: { activate: [{ step: 'activate_mc' }, { step: 'wait-ready', withinMs: 60_000 }] },
};

// ---- what an error says ----

test('a device that readings disturb names the key where the playbook insists on them', async () => {
  const { results } = await runShelf({ persona: 'ses-shelf-non', section: { statusReads: 'between' } });
  assert.is(results[0]!.error!.code, 'drops-when-read');
});

test('a device that starts unread names the key', async () => {
  const { results } = await runShelf({ persona: 'ses-shelf-ealsd' });
  assert.match(results[0]!.error!.next, /`final-status: skip`/);
});

test('a device that hung ends in bounded time, and says what to try', async () => {
  const { clock, results, device } = await runShelf({
    persona: 'ses-shelf-chunk-lockup',
    section: { bpw: 8192 },
  });
  assert.ok(clock.nowMs() < 300_000, `${clock.nowMs()} ms`);
  assert.match(results[0]!.error!.next, /try `bpw: 4096`/);
  assert.equal(pagesOf(device).filter((page) => page !== 'R').length, 1, 'one page was sent, once');
});

// ---- before the first byte ----

test('a download that somebody else has in progress stops the run, and nothing is sent', async () => {
  const { outcomes, exit, device, results } = await runShelf({
    prepare: ([shelf]) => {
      shelf!.enclosure!.primary.take(
        {
          nexus: 'other',
          mode: 7,
          bufferId: 0,
          offsetBytes: 0,
          imageBytes: 10_000,
          data: IMAGE.subarray(0, 4),
        },
        0,
      );
    },
  });
  assert.equal([outcomes, exit.code], ['refused', 4]);
  assert.is(results[0]!.error!.code, 'foreign-download');
  assert.equal(pagesOf(device), ['R']);
});

test('a deferred image that waits already stops the run, also when its status was read long ago', async () => {
  const { outcomes, exit, device, results, events } = await runShelf({
    ...DEFERRED,
    persona: 'ses-shelf-deferred',
    prepare: ([shelf]) => {
      shelf!.microcode.waiting.set(0, {
        image: shelf!.microcode.known[0]!,
        events: new Set(['activate']),
        deferred: true,
      });
    },
  });
  assert.equal([outcomes, exit.code], ['refused', 4]);
  assert.is(results[0]!.error!.code, 'foreign-image');
  assert.equal(pagesOf(device), [], 'not even its status was read');
  assert.is(
    events.some(({ type }) => type === 'notice'),
    false,
    'nobody says that it is replaced',
  );
});

test('an image that is too large is refused with both numbers', async () => {
  const { outcomes, results } = await runShelf({ section: { totalLengthBytes: 17 * 1024 * 1024 } });
  assert.is(outcomes, 'refused');
  assert.is(results[0]!.error!.code, 'image-too-large');
  assert.match(results[0]!.reason!, /17825792 bytes, and the unit takes at most 16777216/);
});

test('buffer ids that run over are refused before the first page', async () => {
  const { outcomes, results, device } = await runShelf({ section: { bpw: 4, bufferIdStep: 1 } });
  assert.is(outcomes, 'refused');
  assert.match(results[0]!.reason!, /BUFFER ID is/);
  assert.equal(pagesOf(device), []);
});

// ---- pages and time-outs ----

test('pages wait for two hours, readings for a minute, unless the playbook says otherwise', async () => {
  const times = async (section: ShelfRun['section']): Promise<string> => {
    const seen: number[] = [];
    await runShelf({
      section: section!,
      prepare: ([shelf]) =>
        shelf!.putInFront(({ cdb, timeoutMs }) => {
          if (cdb[0] === OperationCode.sendDiagnostic || (cdb[0] === 0x1c && cdb[2] === 0x0e))
            seen.push(timeoutMs);
          return undefined;
        }),
    });
    return seen.slice(0, 6).join(' ');
  };
  assert.is(await times({}), '60000 7200000 60000 7200000 60000 7200000');
  const timeouts = { firstMs: 1000, chunkMs: 2000, lastMs: 3000, activateMs: null };
  assert.is(await times({ timeouts }), '60000 1000 60000 2000 60000 3000');
});

// ---- the verdict ----

test('10h with a revision that does not change is unverified', async () => {
  const { outcomes, exit } = await runShelf({
    persona: 'ses-shelf-immediate',
    prepare: ([shelf]) => {
      const { shownRevision } = shelf!;
      shelf!.putInFront(() => {
        shelf!.shownRevision = shownRevision;
        return undefined;
      });
    },
  });
  assert.equal([outcomes, exit.code], ['unverified', 12]);
});

test('13h after mode 07h is followed by the activation that the playbook lists', async () => {
  const { outcomes, device } = await runShelf({
    persona: 'ses-shelf-deferred',
    section: { mode: 'dmc_offs_save', otherwise: { mode: 'dmc_offs_defer', bpw: 4096 } },
    play: { activate: [{ step: 'activate_mc' }] },
  });
  assert.is(outcomes, 'updated');
  assert.is(holds(device), 'runs');
});

test('a deferred download without activation waits for any of its events', async () => {
  const { results, exit, device } = await runShelf({
    persona: 'ses-shelf-deferred',
    section: { mode: 'dmc_offs_defer' },
  });
  assert.is(exit.code, 6);
  assert.equal(results[0]!.pending, ['activation', 'hard-reset', 'power-cycle']);
  assert.is(holds(device), 'waits');
});

for (const [status, pending] of [
  [0x11, ['hard-reset', 'power-cycle']],
  [0x12, ['power-cycle']],
] as const) {
  test(`status ${status.toString(16)}h after the activation: pending with its events`, async () => {
    let sent = false;
    const { results, exit } = await runShelf({
      ...DEFERRED,
      persona: 'ses-shelf-deferred',
      prepare: ([shelf]) =>
        shelf!.putInFront(({ cdb, dataOut }) => {
          if (cdb[0] !== OperationCode.sendDiagnostic || dataOut![8] !== 0x0f) return undefined;
          sent = true;
          shelf!.enclosure!.primary.wait(status);
          return outcomeOf();
        }),
    });
    assert.ok(sent);
    assert.is(exit.code, 6);
    assert.equal(results[0]!.pending, pending);
  });
}

test('an activation that is refused is a failure, and the reason names 85h', async () => {
  const { outcomes, results } = await runShelf({
    ...DEFERRED,
    persona: 'ses-shelf-deferred',
    prepare: ([shelf]) =>
      shelf!.putInFront(({ cdb, dataOut }) => {
        if (cdb[0] === OperationCode.sendDiagnostic && dataOut![8] === 0x0f) shelf!.microcode.waiting.clear();
        return undefined;
      }),
  });
  assert.is(outcomes, 'failed');
  assert.match(results[0]!.reason!, /85h/);
});

test('what was not read during the download is asked for once before the verdict', async () => {
  for (const [persona, outcome] of [
    ['ses-shelf', 'pending'],
    ['ses-shelf-status-81', 'failed'],
    ['ses-shelf-status-83', 'frozen'],
    ['ses-shelf-immediate', 'updated'],
  ] as const) {
    const { outcomes, device } = await runShelf({ persona, section: { statusReads: 'none' } });
    assert.is(outcomes, outcome, persona);
    const pages = pagesOf(device);
    assert.is(pages.slice(4).includes('R'), true, persona);
    assert.is(pages.slice(1, 4).includes('R'), false, `${persona}: nothing between the pages`);
  }
});

test('a device that still writes its flash is asked until it has done', async () => {
  const { outcomes, results } = await runShelf({
    section: { statusReads: 'none' },
    prepare: ([shelf]) => {
      const { primary } = shelf!.enclosure!;
      const settle = primary.settle.bind(primary);
      primary.settle = (nowMs) => {
        if (nowMs > 600_000) settle(nowMs);
      };
    },
  });
  assert.is(outcomes, 'pending');
  assert.equal(results[0]!.pending, ['power-cycle']);
});

test('a power cycle turns pending into the new revision', async () => {
  const { device } = await runShelf();
  device.powerCycle();
  assert.is(device.shownRevision, '2.10');
  assert.is(holds(device), 'runs');
});

test('the target alone is not enough: page 01h has to be readable', async () => {
  const { outcomes, results } = await runShelf({
    persona: 'ses-shelf-immediate',
    prepare: ([shelf]) =>
      shelf!.putInFront(({ cdb }) =>
        shelf!.shownRevision === '2.10' && cdb[0] === 0x1c && cdb[2] === 0x01
          ? outcomeOf({ status: 2, sense: encodeFixedSense({ key: 5, asc: 0x24, ascq: 0 }) })
          : undefined,
      ),
  });
  assert.is(outcomes, 'degraded');
  assert.match(results[0]!.reason!, /page 01h/);
});

test('the target alone is not enough: nothing matches in progress', async () => {
  const { outcomes } = await runShelf({
    persona: 'ses-shelf-immediate',
    prepare: ([shelf]) =>
      shelf!.putInFront(() => {
        if (shelf!.shownRevision === '2.10') shelf!.enclosure!.primary.wait(0x02);
        return undefined;
      }),
  });
  assert.is(outcomes, 'degraded');
});

test('83h: no step of the playbook is done any more', async () => {
  const { host, device, outcomes } = await runShelf({
    persona: 'ses-shelf-status-83',
    play: { activate: [{ step: 'rescan' }] },
  });
  assert.is(outcomes, 'frozen');
  assert.equal(host.recorded, []);
  assert.is(device.enclosure!.silent, null, 'it was not reset');
});

test.run();
