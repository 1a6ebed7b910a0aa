import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { knowledgeOf } from '../../src/run/records/knowledge.ts';
import { readRun } from '../../src/run/records/journal-reader.ts';
import type { RecordingOptions } from '../../src/run/engine/recording.ts';
import type { RunSummary } from '../../src/run/engine/run.ts';
import type { SimulatedDevice } from '../../src/simulator/simulated-device.ts';
import type { ObservedWrite } from './observed.ts';

let root: string | null = null;

/** A state directory of this process, which goes away with it. Nobody cares what of it survives a power failure. */
export function soakState(): RecordingOptions {
  if (root === null) {
    const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
    const made = mkdtempSync(path.join(memory, 'runbook-soak-'));
    process.on('exit', () => rmSync(made, { recursive: true, force: true }));
    root = made;
  }
  return {
    directory: {
      root,
      runs: path.join(root, 'runs'),
      units: path.join(root, 'units'),
      jobs: path.join(root, 'jobs'),
      open: path.join(root, 'open'),
    },
    journal: { sink: (file) => ({ ...file, sync: () => Promise.resolve() }) },
  };
}

/** The journal of a run against what its devices got and what was said of them; the journal is removed. */
export async function brokenJournal(
  { run, results, exit, unkept }: RunSummary,
  devices: readonly SimulatedDevice[],
  writes: ReadonlyMap<SimulatedDevice, readonly ObservedWrite[]>,
): Promise<string[]> {
  if (unkept !== null) return [`nothing was kept: ${unkept.message}`];
  const { directory } = soakState();
  const file = path.join(directory.runs, `${run}.jsonl`);
  if (!existsSync(file)) {
    const sent = devices.filter((device) => writes.get(device)!.length > 0);
    return sent.map(({ id }) => `journal: there is none, and ${id} was written to`);
  }
  const broken: string[] = [];
  try {
    const record = await readRun(directory.runs, run);
    if (record.exit?.code !== exit.code) broken.push(`journal: exit ${record.exit?.code}, not ${exit.code}`);
    for (const device of devices) {
      const about = record.devices.find(({ id }) => id === `naa.${device.id}`);
      const told = results.find(({ id }) => id === `naa.${device.id}`);
      const sent = writes.get(device)!.length > 0;
      if (about === undefined) {
        if (sent) broken.push(`journal: ${device.id} was written to, and is not in it`);
        continue;
      }
      if (about.result?.outcome !== told?.outcome)
        broken.push(`journal: ${device.id} ${about.result?.outcome}, not ${told?.outcome}`);
      const { known } = knowledgeOf({ ...about, result: null }, run);
      if (sent && known === 'nothing-sent') broken.push(`journal: ${device.id} was written to: ${known}`);
    }
  } finally {
    rmSync(file, { force: true });
  }
  return broken;
}
