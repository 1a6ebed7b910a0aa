import * as assert from 'uvu/assert';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LabState } from '../../src/simulator/lab-state.ts';
import { runbook } from '../support/child.ts';
import { suite } from '../support/suite.ts';
import { fixture, runJson } from './document.ts';
import { killedWhen } from './killed-when.ts';

const KILLS = 30;
const AT_ONCE = 3;
/** A run tells a few more. */
const EVENTS = 24;
const root = mkdtempSync(path.join(tmpdir(), 'runbook-kill-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));

const LAB = ['--lab', fixture('disks.lab.yml')];
const APPLY = ['apply', fixture('disks.yml'), '--yes'];

interface Said {
  readonly state: string;
  readonly devices: readonly {
    readonly id: string;
    readonly known: string;
    readonly verifyFirst: boolean;
    readonly open: boolean;
    readonly result: { readonly outcome: string } | null;
  }[];
}

/** What is said of each device against what it really has; what is wrong, and how far the devices were. */
async function killedOnce(index: number): Promise<{ readonly wrong: string[]; readonly known: string[] }> {
  const directory = path.join(root, String(index));
  const stateFile = path.join(root, `${index}.lab-state`);
  const args = [...LAB, '--lab-state', stateFile, '--state-dir', directory];
  const events = 1 + Math.floor((EVENTS * index) / KILLS);
  await killedWhen([...APPLY, ...args], (text) => text.split('\n').length > events, (index * 13) % 50);
  const { document } = await runJson(['history', ...args]);
  const [said] = (document as unknown as { runs: readonly Said[] }).runs;
  const wrong: string[] = [];
  if (said?.state === 'running') wrong.push('is said to be running');
  const truth = existsSync(stateFile) ? (JSON.parse(readFileSync(stateFile, 'utf8')) as LabState) : null;
  for (const device of truth?.devices ?? []) {
    const { incoming, waiting, shownRevision } = device;
    const about = said?.devices.find(({ id }) => id === `naa.${device.id}`);
    const known = about?.known ?? 'nothing-sent';
    const verdict = about?.result?.outcome ?? null;
    const text = `${known}, ${verdict ?? 'no verdict'}; in truth ${shownRevision}, ${incoming?.chunks ?? 0} chunks, ${waiting.length} waiting`;
    const runs = shownRevision === '0002';
    if ((incoming !== null || waiting.length > 0 || runs) && known === 'nothing-sent') wrong.push(text);
    if (waiting.length > 0 && !about!.verifyFirst) wrong.push(text);
    if (runs && !['activation-in-flight', 'activated-not-verified', 'verdict'].includes(known))
      wrong.push(text);
    if (verdict !== null && (verdict === 'updated') !== runs) wrong.push(text);
    if (verdict === null && known !== 'nothing-sent' && about?.open !== true) wrong.push(`not open: ${text}`);
  }
  const next = await runJson([...APPLY, ...args]);
  const ends = next.document.devices!.map(({ outcome }) => outcome);
  if (next.exitCode !== 0) wrong.push(`the next run ended with ${next.exitCode}: ${ends.join(' ')}`);
  const after = await runJson(['history', ...args]);
  const open = (after.document as unknown as { runs: readonly Said[] }).runs.flatMap(({ devices }) =>
    devices.filter((device) => device.open && device.known !== 'nothing-sent'),
  );
  if (open.length > 0) wrong.push(`still open: ${open.map(({ known }) => known).join(' ')}`);
  return {
    wrong: wrong.map((text) => `kill ${index}: ${text}`),
    known: said?.devices.map(({ known }) => known) ?? [],
  };
}

const kill = suite('kill -9 of the program');

kill(
  `${KILLS} runs killed in all their parts: what is said of them is true, and the next run finishes them`,
  async () => {
    const wrong: string[] = [];
    const known = new Map<string, number>();
    let begun = 0;
    const worker = async (): Promise<void> => {
      while (begun < KILLS) {
        const end = await killedOnce(begun++);
        wrong.push(...end.wrong);
        for (const name of end.known) known.set(name, (known.get(name) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const counts = [...known].map(([name, count]) => `${count} ${name}`).join(', ');
    process.stdout.write(`  ${KILLS} kills: ${counts}; ${wrong.length} contradictions\n`);
    assert.equal(wrong, []);
  },
);

kill(
  'plan and apply say what an interrupted run left, and where it was in the middle it is sent again',
  async () => {
    const directory = path.join(root, 'told');
    const args = [...LAB, '--lab-state', path.join(root, 'told.lab-state'), '--state-dir', directory];
    await killedWhen([...APPLY, ...args], (text) => text.includes('"type":"progress"'));
    const plan = await runbook(['plan', fixture('disks.yml'), ...args]);
    assert.match(
      plan.stderr,
      /^note: naa\.\S+: run \S+ was interrupted on this unit: partly sent: at least \d+/m,
    );
    const { document } = await runJson(['plan', fixture('disks.yml'), ...args]);
    const { notes } = document as unknown as { notes: { known: string; next: string | null }[] };
    assert.ok(notes.length > 0 && notes.every(({ next }) => next === null), JSON.stringify(notes));
    const apply = await runbook([...APPLY, ...args]);
    assert.is(apply.exitCode, 0, apply.stdout);
    assert.match(apply.stderr, /was interrupted on this unit/);
    assert.not.match((await runbook(['plan', fixture('disks.yml'), ...args])).stderr, /died/);
  },
);

kill.run();
