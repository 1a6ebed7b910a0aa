import { spawn } from 'node:child_process';
import * as assert from 'uvu/assert';
import { openJournal } from '../../../../src/run/records/journal.ts';
import { readRun } from '../../../../src/run/records/journal-reader.ts';
import { inProject } from '../../../support/paths.ts';
import { suite } from '../../../support/suite.ts';
import { idOf } from '../../report/run-events.ts';
import { headerOf, scratch, stateError } from './builders.ts';

const kills = suite('run/journal under kill -9');

/** Starts a writer, kills it when it has acknowledged so many lines, and returns what it had acknowledged. */
function killedAfter(
  lines: number,
  directory: string,
  run: string,
  whileAlive: () => void,
): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const file = inProject('test/unit/run/records/appender.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', file, directory, run], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    let asked = false;
    child.on('error', reject);
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      if (text.split('\n').length <= lines) return;
      if (!asked) whileAlive();
      asked = true;
      child.kill('SIGKILL');
    });
    child.on('close', (code, signal) => {
      if (signal !== 'SIGKILL') reject(new Error(`the writer ended by itself: ${code}`));
      else resolve(text.split('\n').slice(0, -1)); // what follows the last newline was cut off
    });
  });
}

const SEED = Number(process.env['RUNBOOK_SEED'] ?? Date.now() % 1_000_000);

kills(`whatever was acknowledged is in the journal, and its lock is free (seed ${SEED})`, async () => {
  const directory = scratch();
  for (let round = 0; round < 4; round++) {
    const run = `r${round}`;
    const lines = 1 + ((SEED * (round + 7)) % 97);
    let second: Promise<unknown> = Promise.resolve();
    let alive: Promise<unknown> = Promise.resolve();
    const acknowledged = await killedAfter(lines, directory, run, () => {
      second = stateError(openJournal(directory, headerOf(run))).then(({ code }) =>
        assert.is(code, 'journal-exists'),
      );
      alive = readRun(directory, run).catch((error: unknown) => error);
    });
    await Promise.all([second, alive]);
    const record = await readRun(directory, run);
    assert.is(record.state, 'died');
    for (const line of acknowledged) {
      const [n, pass] = line.split(' ').map(Number);
      const found = record.entries.some(
        (entry) =>
          entry.type === 'state' &&
          entry.state === 'last-chunk' &&
          entry.device === idOf(n!) &&
          entry.pass === pass,
      );
      assert.ok(found, `round ${round}: device ${n}, pass ${pass} was acknowledged and is missing`);
    }
    for (const device of record.devices) {
      const passes = acknowledged.filter((line) => line.startsWith(`${device.id.at(-1)} `)).length;
      assert.ok((device.facts.pass ?? 0) >= passes, `${device.id}: the record is behind`);
    }
  }
});

kills.run();
