import * as assert from 'uvu/assert';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DeviceResult } from '../../src/run/facts/outcome.ts';
import type { LabState } from '../../src/simulator/lab-state.ts';
import { program } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { fixture, runJson } from './document.ts';

const root = mkdtempSync(path.join(tmpdir(), 'runbook-signals-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));

interface Sending {
  /** Part of an event; each signal comes when its own was seen, in this order. */
  readonly signals: readonly (readonly [at: string, signal: NodeJS.Signals])[];
  readonly args?: readonly string[];
}

interface Ended {
  readonly exitCode: number | null;
  readonly outcomes: readonly string[];
  readonly reasons: string;
  /** What was told of the signals. */
  readonly effects: readonly string[];
  /** Notices in the journal, and how it says that the run ended. */
  readonly journal: string;
  readonly lab: LabState;
}

let count = 0;

/** Two slow cards, one after the other; signals come at the events that are named. */
async function sending({ signals, args = [] }: Sending): Promise<Ended> {
  const directory = path.join(root, String(++count));
  const lab = path.join(root, `${count}.lab-state`);
  const common = ['--lab', fixture('slow.lab.yml'), '--lab-state', lab, '--state-dir', directory];
  const apply = ['apply', fixture('one-at-a-time.yml'), ...common, '--yes', '--format', 'jsonl', ...args];
  const left = [...signals];
  let stdout = '';
  let from = 0;
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...apply], { stdio: ['ignore', 'pipe', 'ignore'] });
    child.on('error', reject);
    child.on('close', resolve);
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      stdout += piece;
      for (let at = stdout.indexOf(left[0]?.[0] ?? '\0', from); at >= 0;) {
        from = at + 1;
        child.kill(left.shift()![1]);
        at = left.length === 0 ? -1 : stdout.indexOf(left[0]![0], from);
      }
    });
  });
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type?: string; effect?: string; devices?: DeviceResult[] });
  const devices = lines.at(-1)!.devices!;
  const { document } = await runJson(['history', 'last', ...common]);
  return {
    exitCode,
    outcomes: devices.map(({ outcome }) => outcome),
    reasons: devices.map(({ reason }) => reason).join('\n'),
    effects: lines.flatMap(({ type, effect }) => (type === 'stop-requested' ? [effect!] : [])),
    journal: JSON.stringify((document as unknown as { runs: { entries: unknown }[] }).runs[0]!.entries),
    lab: JSON.parse(readFileSync(lab, 'utf8')) as LabState,
  };
}

const CHECK = '"type":"phase-started","device":"naa.50014380ab000000","phase":"check"';
const VERIFY = '"type":"phase-started","device":"naa.50014380ab000000","phase":"verify"';
const PROGRESS = '"type":"progress"';
const untouched = ({ incoming, waiting, shownRevision }: LabState['devices'][number]): boolean =>
  incoming === null && waiting.length === 0 && shownRevision === '2.08';

/** The cards are slow; they are waited for side by side. */
const atOnce = async <Value>(
  values: readonly Value[],
  body: (value: Value) => Promise<void>,
): Promise<void> => {
  await Promise.all(values.map(body));
};

const test = suite('signals against a run of the program');

test('INT and TERM before the first byte leave every device as it was; 130 and 143', async () => {
  const both = [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const;
  await atOnce(both, async ([signal, code]) => {
    const end = await sending({ signals: [[CHECK, signal]] });
    assert.is(end.exitCode, code);
    assert.equal(end.outcomes, ['skipped', 'skipped']);
    assert.match(end.reasons, `stopped by ${signal} before the first byte`);
    assert.equal(end.effects, [`${signal}: stopping before the next device`]);
    assert.ok(end.lab.devices.every(untouched));
    assert.match(end.journal, `${signal} came: ${signal}: stopping before the next device`);
    assert.match(end.journal, `"exit":{"code":${code},`);
  });
});

test('TERM in the middle finishes the device and begins no other, 143; the journal says what came when', async () => {
  const end = await sending({ signals: [[PROGRESS, 'SIGTERM']] });
  assert.is(end.exitCode, 143);
  assert.equal(end.outcomes, ['updated', 'skipped']);
  assert.match(end.journal, 'SIGTERM came: SIGTERM: no other device is started; 1 device is half written');
  assert.ok(untouched(end.lab.devices[1]!));
});

test('a second INT in the middle is told what is at stake, and changes nothing', async () => {
  const end = await sending({
    signals: [
      [PROGRESS, 'SIGINT'],
      ['"type":"stop-requested"', 'SIGINT'],
      [PROGRESS, 'SIGHUP'],
    ],
  });
  assert.is(end.exitCode, 130);
  assert.equal(end.outcomes, ['updated', 'skipped']);
  assert.match(end.effects[1]!, /A device with half an image may never start again/);
  assert.match(end.journal, 'A device with half an image may never start again');
});

test('TSTP stops nothing, before the first byte and after it, and says so; in the journal, too', async () => {
  const end = await sending({
    signals: [
      [CHECK, 'SIGTSTP'],
      [PROGRESS, 'SIGTSTP'],
    ],
  });
  assert.is(end.exitCode, 0);
  assert.equal(end.outcomes, ['updated', 'updated']);
  assert.equal(end.effects, [
    'SIGTSTP ignored: commands are in flight; ^C ends the run',
    'SIGTSTP ignored: 1 device is half written and will be finished first; after ^C no other device is started',
  ]);
  assert.match(end.journal, 'SIGTSTP came: SIGTSTP ignored: 1 device');
});

test('INT in the middle or in the verification of the only device skips nothing: the exit is that of the device', async () => {
  await atOnce([PROGRESS, VERIFY], async (at) => {
    const end = await sending({ signals: [[at, 'SIGINT']], args: ['--only', 'sg1'] });
    assert.is(end.exitCode, 0, end.reasons);
    assert.equal(end.outcomes, ['updated']);
    assert.match(end.journal, 'SIGINT came');
  });
});

test('HUP ends nothing, before the first byte and after it', async () => {
  await atOnce([CHECK, PROGRESS, VERIFY], async (at) => {
    const end = await sending({ signals: [[at, 'SIGHUP']] });
    assert.is(end.exitCode, 0);
    assert.equal(end.outcomes, ['updated', 'updated']);
  });
});

test.run();
