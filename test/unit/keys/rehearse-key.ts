import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import type { LabDeviceWords } from '../../../src/generated/lab.ts';
import { loadLabFile } from '../../../src/playbook/lab-file.ts';
import { loadPlaybook } from '../../../src/playbook/playbook.ts';
import { resolvePlaybook } from '../../../src/playbook/resolve.ts';
import type { ResolvedPlaybook } from '../../../src/playbook/resolved.ts';
import { judgeOpen } from '../../../src/run/engine/judge-open.ts';
import { runPlan } from '../../../src/run/engine/run.ts';
import { inspect } from '../../../src/run/facts/inspect.ts';
import { matchPagesOf } from '../../../src/run/facts/match-bytes.ts';
import { StopSwitch } from '../../../src/run/facts/stop.ts';
import { makePlan } from '../../../src/run/plan/plan.ts';
import { NO_MEMORY } from '../../../src/run/records/remembered-units.ts';
import { readMemory } from '../../../src/run/records/read-memory.ts';
import { stateDirectory } from '../../../src/run/records/state-directory.ts';
import { createLabHost } from '../../../src/simulator/lab-host.ts';
import { labImages } from '../../../src/simulator/lab-images.ts';
import type { SimulatedHost } from '../../../src/simulator/simulated-host.ts';
import type { RehearsedKey, Try, TryEnd, Words } from './rehearsed-key.ts';
import { KINDS } from './kinds.ts';

/** Lays words over others. */
function over(base: unknown, words: unknown): unknown {
  const isMapping = (value: unknown): value is Words =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMapping(base) || !isMapping(words)) return words;
  const keys = [...new Set([...Object.keys(base), ...Object.keys(words)])];
  return Object.fromEntries(
    keys
      .filter((key) => words[key] !== null)
      .map((key) => [key, key in words ? over(base[key], words[key]) : base[key]]),
  );
}

/** Tries the playbook on fresh devices of the row, and compares what it ended with. */
export async function tryKey(row: RehearsedKey, { play = {}, top = {}, ends, sees }: Try): Promise<void> {
  const directory = mkdtempSync(path.join(tmpdir(), 'runbook-keys-'));
  try {
    for (const [name, bytes] of Object.entries(row.files ?? {}))
      writeFileSync(path.join(directory, name), bytes);
    const machine = await machineOf(row, directory);
    if (row.before !== undefined) {
      const earlier = await read(wordsOf(row, row.before.play), machine);
      assert.equal(earlier.codes, []);
      await apply(earlier.resolved!, machine);
      if (row.before.then === 'power-cycle') for (const device of machine.host.devices) device.powerCycle();
    }
    const { codes, resolved } = await read(wordsOf(row, play, top), machine);
    if (resolved === null) {
      assert.is(`invalid ${codes.join(' ')}`, ends);
      return;
    }
    const end = await apply(resolved, machine);
    const said = end.results.map(({ outcome, error }) =>
      error === null ? outcome : `${outcome} ${error.code}`,
    );
    const reasons = end.results.map(({ reason }) => reason).join('\n');
    assert.is(said.join(', ') || end.exit.name, ends, reasons);
    assert.equal(end.bugs, []);
    sees?.(end);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

interface Machine {
  readonly directory: string;
  readonly host: SimulatedHost;
  readonly clock: VirtualClock;
  readonly images: ReadonlyMap<string, Uint8Array>;
}

async function machineOf(
  { kind, devices = [{}], images }: RehearsedKey,
  directory: string,
): Promise<Machine> {
  const { device, image } = KINDS[kind];
  const words = {
    lab: 'v1',
    images: images ?? [image],
    devices: devices.map((one): Partial<LabDeviceWords> => ({ ...device, ...one })),
  };
  const { lab, diagnostics } = loadLabFile('lab.yml', JSON.stringify(words));
  assert.equal(diagnostics, []);
  const bytes = await labImages(lab!, directory);
  const clock = new VirtualClock();
  return {
    directory,
    host: createLabHost(lab!, { images: bytes, clock, keepLog: true }),
    clock,
    images: bytes,
  };
}

function wordsOf({ kind }: RehearsedKey, play: Words, top: Words = {}): string {
  const { plays = [], ...rest } = top as { readonly plays?: readonly Words[] };
  const base = KINDS[kind].play;
  const whole = over(
    { runbook: 'v1', name: 'a key', plays: [over(base, play), ...plays.map((more) => over(base, more))] },
    rest,
  );
  return JSON.stringify(whole);
}

async function read(
  text: string,
  { directory, images }: Machine,
): Promise<{ readonly codes: readonly string[]; readonly resolved: ResolvedPlaybook | null }> {
  // YAML takes JSON as it is.
  const { playbook, diagnostics } = loadPlaybook(path.join(directory, 'p.yml'), text);
  const errors = (all: typeof diagnostics): string[] =>
    all.filter(({ severity }) => severity === 'error').map(({ code }) => code);
  if (playbook === null) return { codes: errors(diagnostics), resolved: null };
  const resolution = await resolvePlaybook(playbook, { directory, labImages: images });
  return { codes: errors(resolution.diagnostics), resolved: resolution.resolved };
}

async function apply(resolved: ResolvedPlaybook, { directory, host, clock }: Machine): Promise<TryEnd> {
  const startedMs = clock.nowMs();
  const state = stateDirectory({
    stateDir: path.join(directory, 'state'),
    env: {},
    isRoot: false,
    home: directory,
  });
  const types = new Set(resolved.plays.map(({ match }) => match.deviceType));
  const facts = await inspect(host, types, clock, matchPagesOf(resolved.plays));
  const { memory } = await readMemory(state);
  const known = await judgeOpen(facts, resolved.plays, { ...NO_MEMORY, memory }, { host, clock });
  for (const device of host.devices) device.log.length = 0;
  const plan = makePlan(resolved, facts, { only: [], remembered: known });
  const notices: string[] = [];
  const summary = await runPlan(plan, {
    host,
    clock,
    emit: (event) => {
      if (event.type === 'notice') notices.push(event.message);
    },
    stop: new StopSwitch(),
    screen: { start: () => undefined, stop: () => undefined },
    record: { directory: state, version: 'test', fresh: false },
  });
  return { ...summary, plan, notices, host, tookMs: clock.nowMs() - startedMs };
}
