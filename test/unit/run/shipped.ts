import { readdirSync, readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import type { LabFile } from '../../../src/generated/lab.ts';
import { loadLabFile } from '../../../src/playbook/lab-file.ts';
import { loadPlaybook } from '../../../src/playbook/playbook.ts';
import type { Playbook } from '../../../src/playbook/playbook.ts';
import { resolvePlaybook } from '../../../src/playbook/resolve.ts';
import type { ResolvedPlaybook } from '../../../src/playbook/resolved.ts';
import { inspect } from '../../../src/run/facts/inspect.ts';
import { makePlan } from '../../../src/run/plan/plan.ts';
import { matchPagesOf } from '../../../src/run/facts/match-bytes.ts';
import { judgeOpen } from '../../../src/run/engine/judge-open.ts';
import { NO_MEMORY } from '../../../src/run/records/remembered-units.ts';
import { stateDirectory } from '../../../src/run/records/state-directory.ts';
import { readMemory } from '../../../src/run/records/read-memory.ts';
import { scratch } from './records/builders.ts';
import { runPlan } from '../../../src/run/engine/run.ts';
import type { RunSummary } from '../../../src/run/engine/run.ts';
import { StopSwitch } from '../../../src/run/facts/stop.ts';
import { createLabHost } from '../../../src/simulator/lab-host.ts';
import { labImages } from '../../../src/simulator/lab-images.ts';
import type { SimulatedHost } from '../../../src/simulator/simulated-host.ts';
import { inProject } from '../../support/paths.ts';

/** Names of the playbooks that are shipped: every file of playbooks/ that is not a lab. */
export const SHIPPED = readdirSync(inProject('playbooks')).filter(
  (name) => name.endsWith('.yml') && !name.endsWith('.lab.yml'),
);

export const textOf = (name: string): string => readFileSync(inProject('playbooks', name), 'utf8');
export const labOf = (name: string): string => name.replace(/\.yml$/, '.lab.yml');

export interface Shipped {
  readonly playbook: Playbook;
  readonly resolved: ResolvedPlaybook;
  readonly lab: LabFile;
  readonly host: SimulatedHost;
  readonly apply: () => Promise<RunSummary>;
}

/** A shipped playbook on its own lab, whose images stand in for the vendor's. */
export async function shippedOnItsLab(name: string): Promise<Shipped> {
  const { lab, diagnostics: ofLab } = loadLabFile(labOf(name), textOf(labOf(name)));
  assert.equal(ofLab, []);
  const images = await labImages(lab!, inProject('playbooks'));
  const { playbook, diagnostics } = loadPlaybook(name, textOf(name));
  assert.equal(diagnostics, []);
  const resolution = await resolvePlaybook(playbook!, { directory: '/nonexistent', labImages: images });
  assert.equal(resolution.diagnostics, []);
  const resolved = resolution.resolved!;
  const clock = new VirtualClock();
  const host = createLabHost(lab!, { images, clock });
  const root = scratch();
  const directory = stateDirectory({ stateDir: root, env: {}, isRoot: false, home: root });
  const applied = async (what: ResolvedPlaybook): Promise<RunSummary> => {
    const types = new Set(what.plays.map(({ match }) => match.deviceType));
    const facts = await inspect(host, types, clock, matchPagesOf(what.plays));
    const { memory } = await readMemory(directory);
    const known = await judgeOpen(facts, what.plays, { ...NO_MEMORY, memory }, { host, clock });
    return runPlan(makePlan(what, facts, { only: [], remembered: known }), {
      host,
      clock,
      emit: () => undefined,
      stop: new StopSwitch(),
      screen: { start: () => undefined, stop: () => undefined },
      record: { directory, version: 'test', fresh: false },
    });
  };
  const before = BEFORE[name];
  if (before !== undefined) {
    const { resolved: first } = await resolvePlaybook(loadPlaybook(before, textOf(before)).playbook!, {
      directory: '/nonexistent',
      labImages: images,
    });
    await applied(first!);
  }
  return { playbook: playbook!, resolved, lab: lab!, host, apply: () => applied(resolved) };
}

/** A playbook that needs another one before it. */
const BEFORE: Readonly<Record<string, string>> = { 'staged-activate.yml': 'staged-download.yml' };
