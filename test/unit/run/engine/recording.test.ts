import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../../src/base/clock.ts';
import type { Host } from '../../../../src/host/host.ts';
import type { ResolvedPlay } from '../../../../src/playbook/resolved.ts';
import { DeviceRun } from '../../../../src/run/unit/device-run.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import { headerOfPlan } from '../../../../src/run/engine/run-header.ts';
import { planDigest } from '../../../../src/run/plan/digest.ts';
import { knowledgeOf } from '../../../../src/run/records/knowledge.ts';
import type { Knowledge } from '../../../../src/run/records/knowledge.ts';
import { parseJournal } from '../../../../src/run/records/journal-reader.ts';
import { recordOf } from '../../../../src/run/records/run-record.ts';
import { sentByInterrupted } from '../../../../src/run/records/sent-before.ts';
import { RecordedDownload } from '../../../../src/run/engine/recorded-download.ts';
import { WRITE_BUFFER_MODES, writeBuffer } from '../../../../src/scsi/write-buffer.ts';
import { Recording } from '../../../../src/run/engine/recording.ts';
import { exitOf } from '../../../../src/run/facts/outcome.ts';
import type { DeviceResult } from '../../../../src/run/facts/outcome.ts';
import { makePlan } from '../../../../src/run/plan/plan.ts';
import type { Plan } from '../../../../src/run/plan/plan.ts';
import { stateDirectory } from '../../../../src/run/records/state-directory.ts';
import type { StateDirectory } from '../../../../src/run/records/state-directory.ts';
import { StopSwitch } from '../../../../src/run/facts/stop.ts';
import { UnitStore } from '../../../../src/run/records/unit-store.ts';
import { createLabHost } from '../../../../src/simulator/lab-host.ts';
import type { SimulatedHost } from '../../../../src/simulator/simulated-host.ts';
import { refusal } from '../../../../src/base/refusal.ts';
import type { LineSink } from '../../../../src/run/records/journal-file.ts';
import { suite } from '../../../support/suite.ts';
import { resultOf } from '../../report/run-events.ts';
import { obeys } from '../../report/schemas.ts';
import { IMAGE, playbookOf, playOf, sectionOf } from '../builders.ts';
import { scratch } from '../records/builders.ts';

const recordings = suite('run/journal-recording');
const clock = new VirtualClock();

function labOf(persona = 'hp-sas-expander', faults: object[] = []): SimulatedHost {
  const images = [{ name: 'fw.bin', bytes: IMAGE.length, rule: 'standard' as const, revision: '2.10' }];
  const device = { persona, revision: '2.08', ...(faults.length === 0 ? {} : { faults }) };
  return createLabHost({ lab: 'v1', images, devices: [device] } as Parameters<typeof createLabHost>[0], {
    images: new Map([['fw.bin', IMAGE]]),
    clock,
    keepLog: true,
  });
}

const stateIn = (directory: string): StateDirectory =>
  stateDirectory({ stateDir: directory, env: {}, isRoot: false, home: '/' });

const planFor = async (host: Host, play: ResolvedPlay): Promise<Plan> =>
  makePlan(playbookOf([play]), await inspect(host, new Set([0x0d]), clock));

const header = (plan: Plan, run = 'r1'): ReturnType<typeof headerOfPlan> =>
  headerOfPlan(plan, { run, version: '0.1.0', hostKind: 'lab', fresh: false });

/** A host whose commands are seen from below the journal: before each is sent, and when its answer is there. */
function watched(host: SimulatedHost, look: (when: 'before' | 'after', cdb: Uint8Array) => void): Host {
  return new Proxy(host, {
    get: (target, key): unknown => {
      if (key === 'open') {
        return async (...given: Parameters<Host['open']>) => {
          const transport = await target.open(...given);
          return {
            execute: async (command: Parameters<typeof transport.execute>[0]) => {
              look('before', command.cdb);
              const answer = await transport.execute(command);
              look('after', command.cdb);
              return answer;
            },
            close: () => transport.close(),
          };
        };
      }
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** What run.ts does for one device, with a recording. */
async function workOn(plan: Plan, host: Host, recording: Recording): Promise<DeviceResult> {
  const unit = plan.work[0]!;
  const device = new DeviceRun(unit, {
    host: recording.hostFor(unit, host),
    clock,
    emit: (event) => recording.observe(event),
    stop: new StopSwitch(),
  });
  await device.check();
  const refusal = await recording.begin(unit);
  assert.is(refusal, null);
  for (let { next } = device; next !== 'over'; { next } = device) await device[next]();
  await device.close();
  await recording.settled();
  return device.result!;
}

const WAYS: readonly [string, string, ResolvedPlay, object[]][] = [
  ['a deferred download and its activation', 'hp-sas-expander', playOf(), []],
  [
    'a fallback to a mode that activates by itself',
    'hp-sas-expander-old',
    playOf({ download: [sectionOf({ otherwise: { mode: 'dmc_offs_save', bpw: 4096 } })] }),
    [],
  ],
  [
    'a restart, because the answer to a chunk was lost',
    'hp-sas-expander',
    playOf(),
    [{ command: 'write-buffer', nth: 2, 'host-status': 3, executed: true }],
  ],
  [
    'a lost answer to the last chunk',
    'hp-sas-expander',
    playOf(),
    [{ command: 'write-buffer', nth: 3, 'host-status': 3, executed: true }],
  ],
  [
    'a lost answer to the activation',
    'hp-sas-expander',
    playOf(),
    [{ command: 'write-buffer', mode: 0x0f, 'host-status': 3, executed: true }],
  ],
  ['an image in one command', 'hp-sas-expander', playOf({ download: [sectionOf({ bpw: 'whole' })] }), []],
  [
    'a step of the host after the activation',
    'hp-sas-expander',
    playOf({ activate: [{ step: 'activate_mc' }, { step: 'rescan' }] }),
    [],
  ],
];

for (const [title, persona, play, faults] of WAYS) {
  recordings(
    `killed before or after any command, the journal is never behind the device: ${title}`,
    async () => {
      const lab = labOf(persona, faults);
      const directory = scratch();
      const file = path.join(directory, 'runs/r1.jsonl');
      const seen: string[] = [];
      const host = watched(lab, (when, cdb) => {
        let text: string;
        try {
          text = readFileSync(file, 'utf8');
        } catch {
          return; // the plan is still being made
        }
        const known = knowledgeNow(text);
        seen.push(known.known);
        const device = lab.devices[0]!;
        const sent = device.log.filter(({ cdb: bytes }) => bytes[0] === 0x3b).length;
        const writes = cdb[0] === 0x3b || cdb[0] === 0x1d;
        if (sent > 0 || writes) assert.is.not(known.known, 'nothing-sent', `${when} ${sent}`);
        const { running, waiting } = device.microcode;
        if (running.revision === '2.10' || waiting.size > 0) {
          assert.is(known.verifyFirst, true, `${when}: ${known.text}`);
        }
      });
      const plan = await planFor(lab, play);
      const recording = await Recording.start(header(plan), { directory: stateIn(directory) });
      const result = await workOn(plan, host, recording);
      assert.is(result.outcome, 'updated');
      await recording.close(exitOf('OK'));
      assert.is(recording.failure, null);
      for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) obeys('journal', JSON.parse(line));
      const record = recordOf('r1', file, parseJournal(file, readFileSync(file, 'utf8')), false);
      assert.is(record.state, 'finished');
      assert.is(record.devices[0]!.result?.outcome, 'updated');
      assert.ok(seen.includes('last-chunk-in-flight'), seen.join(' '));
      const unit = await new UnitStore(path.join(directory, 'units')).read(plan.work[0]!.facts.id);
      assert.equal([unit?.outcome, unit?.after, unit?.run], ['updated', '2.10', 'r1']);
    },
  );
}

function knowledgeNow(text: string): Knowledge {
  const { devices } = recordOf('r1', 'f', parseJournal('f', text), false);
  return knowledgeOf(devices[0]!, 'r1');
}

recordings('states come in the order of the work, each before its command', async () => {
  const lab = labOf();
  const directory = scratch();
  const plan = await planFor(lab, playOf({ activate: [{ step: 'activate_mc' }, { step: 'rescan' }] }));
  const recording = await Recording.start(header(plan), { directory: stateIn(directory) });
  await workOn(plan, lab, recording);
  await recording.close(exitOf('OK'));
  const { entries } = parseJournal('f', readFileSync(path.join(directory, 'runs/r1.jsonl'), 'utf8'));
  const states = entries.flatMap((entry) =>
    entry.type === 'state' && entry.state !== 'progress' ? [[entry.state, entry.mode ?? null]] : [],
  );
  assert.equal(states, [
    ['first-chunk', null],
    ['last-chunk', 0x0e],
    ['activation', 0x0f],
    ['activated', null],
    ['step', null],
  ]);
});

recordings('a second pass is a new entry, and what the first had accepted no longer counts', async () => {
  const lab = labOf('hp-sas-expander', [
    { command: 'write-buffer', nth: 3, 'host-status': 3, executed: false },
  ]);
  const directory = scratch();
  const plan = await planFor(lab, playOf());
  const recording = await Recording.start(header(plan), { directory: stateIn(directory) });
  await workOn(plan, lab, recording);
  await recording.close(exitOf('OK'));
  const { entries } = parseJournal('f', readFileSync(path.join(directory, 'runs/r1.jsonl'), 'utf8'));
  const states = entries.flatMap((entry) =>
    entry.type === 'state' && entry.pass !== undefined ? [[entry.state, entry.pass]] : [],
  );
  assert.equal(states, [
    ['first-chunk', 1],
    ['last-chunk', 1],
    ['first-chunk', 2],
    ['last-chunk', 2],
  ]);
});

recordings('what the unit answers that decides is in the journal before anything else is sent', async () => {
  for (const [faults, kept] of [
    [{ command: 'write-buffer', nth: 2, sense: '4/44/00' }, ['frozen', 'internal-failure']],
    [{ command: 'write-buffer', moment: 'last-chunk', sense: '5/26/00' }, ['refused', 'illegal-request']],
    [
      { command: 'write-buffer', moment: 'activation', sense: '5/2c/00' },
      ['nothing-waited', 'illegal-request'],
    ],
  ] as const) {
    const lab = labOf('hp-sas-expander', [faults]);
    const directory = scratch();
    const file = path.join(directory, 'runs/r1.jsonl');
    const plan = await planFor(lab, playOf());
    const recording = await Recording.start(header(plan), { directory: stateIn(directory) });
    const answers = (): unknown[] =>
      parseJournal('f', readFileSync(file, 'utf8')).entries.flatMap((entry) =>
        entry.type === 'answer' ? [[entry.says, entry.error.code]] : [],
      );
    let before: unknown[] | null = null;
    const host = watched(lab, (when) => {
      const isSaid = lab.devices[0]!.log.some(({ cdb, outcome }) => cdb[0] === 0x3b && outcome.status !== 0);
      if (when === 'before' && isSaid) before ??= answers();
    });
    await workOn(plan, host, recording);
    await recording.close(exitOf('OK'));
    assert.equal(before, [kept]);
    assert.equal(answers(), [kept], 'once');
    for (const line of readFileSync(file, 'utf8').trim().split('\n')) obeys('journal', JSON.parse(line));
  }
});

recordings(
  'a program that brings the image in, and fails, is not taken for one that is under way',
  async () => {
    for (const [exitCode, timedOut, said] of [
      [0, false, 'last-chunk-in-flight'],
      [3, true, 'last-chunk-in-flight'],
      [3, false, 'partly-sent'],
    ] as const) {
      const lab = labOf();
      const directory = scratch();
      const plan = await planFor(lab, playOf());
      const recording = await Recording.start(header(plan), { directory: stateIn(directory) });
      const unit = plan.work[0]!;
      const program = { run: () => Promise.resolve({ exitCode, timedOut, output: '' }) } as unknown as Host;
      const about = {} as Parameters<Host['run']>[2];
      await recording.hostFor(unit, program).run(['flash', '-x'], 1000, about);
      const file = path.join(directory, 'runs/r1.jsonl');
      const journal = parseJournal('f', readFileSync(file, 'utf8'));
      const [device] = recordOf('r1', 'f', journal, false).devices;
      const { known, text } = knowledgeOf(device!, 'r1');
      assert.is(known, said);
      if (said === 'partly-sent') {
        assert.match(text, 'flash -x');
        assert.is(sentByInterrupted(device!, known).image, 'not-accepted');
      }
      await recording.close(exitOf('FAILED'));
    }
  },
);

recordings(
  'with its last chunk stands which events an image waits for, where the playbook chooses them',
  async () => {
    for (const [mode, waitsFor] of [
      ['dmc_offs_ev_defer', ['activation', 'power-cycle']],
      ['dmc_offs_defer', undefined],
      ['dmc_offs_save', undefined],
    ] as const) {
      const download = new RecordedDownload([sectionOf({ mode, modeSpecific: 4, bpw: 'whole' })]);
      const command = writeBuffer({
        ...{ mode: WRITE_BUFFER_MODES[mode], modeSpecific: 0, bufferId: 0, offsetBytes: 0 },
        ...{ data: IMAGE, timeoutMs: 1 },
      });
      const { state, facts } = download.next(command)!;
      assert.equal([state, facts.waitsFor], ['last-chunk', waitsFor]);
    }
  },
);

recordings('a state directory that cannot be written to refuses before the first byte, exit 4', async () => {
  const lab = labOf();
  const plan = await planFor(lab, playOf());
  const file = path.join(scratch(), 'file');
  writeFileSync(file, '');
  const recording = await Recording.start(header(plan), { directory: stateIn(`${file}/state`) });
  assert.is(recording.failure?.code, 'state-not-writable');
  assert.is(recording.whyNotBegin()!.code, 'state-not-writable');
  assert.match(recording.whyNotBegin()!.message, `${file}/state cannot be written to`);
  assert.equal(recording.exits(), ['REFUSED']);
  const refusal = await recording.begin(plan.work[0]!);
  assert.match(refusal!.message, 'nothing was written: the state directory');
  assert.match(refusal!.next, '--state-dir');
});

recordings('without a place to remember, everything works and nothing is kept', async () => {
  const lab = labOf();
  const plan = await planFor(lab, playOf());
  const recording = await Recording.start(header(plan), undefined);
  assert.is((await workOn(plan, lab, recording)).outcome, 'updated');
  await recording.close(exitOf('OK'));
  assert.equal([recording.failure, recording.whyNotBegin(), recording.exits()], [null, null, []]);
});

recordings('a lab that starts from its file forgets its units', async () => {
  const directory = scratch();
  const plan = await planFor(labOf(), playOf());
  const first = await Recording.start(header(plan), { directory: stateIn(directory) });
  await workOn(plan, labOf(), first);
  await first.close(exitOf('OK'));
  const store = new UnitStore(path.join(directory, 'units'));
  assert.is((await store.readAll()).byUnit.size, 1);
  const fresh = headerOfPlan(plan, { run: 'r2', version: '0.1.0', hostKind: 'lab', fresh: true });
  await (await Recording.start(fresh, { directory: stateIn(directory) })).close(exitOf('OK'));
  assert.is((await store.readAll()).byUnit.size, 0);
});

recordings('the digest of a plan changes with what is sent, and not with the order of keys', async () => {
  const host = labOf();
  const digestOf = async (play: ResolvedPlay): Promise<string> => planDigest(await planFor(host, play));
  const base = await digestOf(playOf());
  assert.match(base, /^[0-9a-f]{64}$/);
  const { download, ...rest } = playOf();
  assert.is(await digestOf({ download, ...rest }), base);
  assert.is.not(await digestOf(playOf({ download: [sectionOf({ bpw: 2048 })] })), base);
  assert.is.not(await digestOf(playOf({ download: [sectionOf({ sentSha256: 'f'.repeat(64) })] })), base);
  assert.is.not(await digestOf(playOf({ activate: [] })), base);
});

recordings(
  'a verdict on the work of another run is in the record before the journal says that it is settled',
  async () => {
    const host = labOf();
    const directory = stateIn(scratch());
    const plan = await planFor(host, playOf());
    const [device] = header(plan).devices;
    const kept: (string | null)[] = [];
    const sink = (file: LineSink): LineSink => ({
      write: async (bytes, positionBytes) => {
        if (Buffer.from(bytes).includes('"type":"verdict"'))
          kept.push((await new UnitStore(directory.units).read(device!.id))?.outcome ?? null);
        await file.write(bytes, positionBytes);
      },
      sync: () => file.sync(),
      close: () => file.close(),
    });
    const recording = await Recording.start(header(plan, 'r2'), { directory, journal: { sink } });
    const error = refusal('unit-frozen', { runs: '', why: '' });
    const result = resultOf(1, { id: device!.id, play: device!.play, outcome: 'frozen', error });
    recording.conclude(result, 'r1');
    await recording.close(exitOf('FROZEN'));
    assert.equal(kept, ['frozen']);
  },
);

recordings.run();
