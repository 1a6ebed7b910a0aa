import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { openJournal } from '../../../../src/run/records/journal.ts';
import type { LineSink } from '../../../../src/run/records/journal-file.ts';
import { parseEntry } from '../../../../src/run/records/journal-shapes.ts';
import { readRun } from '../../../../src/run/records/journal-reader.ts';
import { exitOf } from '../../../../src/run/facts/outcome.ts';
import { suite } from '../../../support/suite.ts';
import { idOf, resultOf } from '../../report/run-events.ts';
import { obeys } from '../../report/schemas.ts';
import { headerOf, scratch, stateError } from './builders.ts';

const journals = suite('run/journal');

const linesOf = (file: string): string[] => readFileSync(file, 'utf8').trimEnd().split('\n');

/** A disk that refuses writes or syncs, as a switch says. */
class BadDisk {
  full = false;
  /** Writes only this much of a refused write. */
  tornBytes = 0;
  syncFails = false;
  syncs = 0;

  readonly sink = (file: LineSink): LineSink => ({
    write: async (bytes, position) => {
      if (!this.full) return file.write(bytes, position);
      await file.write(bytes.subarray(0, this.tornBytes), position);
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    },
    sync: async () => {
      this.syncs++;
      if (this.syncFails) throw Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
      return file.sync();
    },
    close: () => file.close(),
  });
}

const failure = {
  code: 'aborted-command',
  layer: 'device',
  message: 'sg1: ABORTED COMMAND',
  next: 'Look.',
  cdb: '3b0e',
  offset: 0,
  sense: { key: 0xb, asc: 0x4b, ascq: 3, text: 'ABORTED COMMAND' },
} as const;

journals('every line of a whole run has its schema, and is read back as it was written', async () => {
  const directory = scratch();
  const journal = await openJournal(directory, headerOf('r1'));
  const one = journal.device(idOf(1));
  await one.enter('checked', { revision: '2.08', serialNumber: null });
  await one.enter('first-chunk', { mode: 0x0e, pass: 1, section: 1, chunks: 2, offsetBytes: 0 });
  await one.enter('progress', { doneBytes: 600_000, totalBytes: 1 << 20, chunk: 1, chunks: 2 });
  one.error(failure);
  journal.note({ type: 'unit-attention', device: idOf(1), asc: 0x3f, ascq: 1, text: 'UNIT ATTENTION' });
  journal.note({ type: 'notice', device: null, message: 'SIGINT came: held back' });
  journal.note({ type: 'phase-finished', device: idOf(1), phase: 'download', durationMs: 12 });
  await one.enter('last-chunk', { offsetBytes: 600_000 });
  await one.enter('sent', { deferred: true, doneBytes: 1 << 20 });
  await one.enter('activation');
  await one.enter('activated');
  await one.enter('step', { step: 'rescan' });
  await one.verdict(resultOf(1, { error: failure }));
  await journal.finish(exitOf('OK'));

  const lines = linesOf(journal.file);
  assert.is(lines.length, 15);
  for (const [i, line] of lines.entries()) {
    obeys('journal', JSON.parse(line));
    const parsed = parseEntry(line);
    assert.ok('entry' in parsed, line);
    assert.is(parsed.entry.n, i + 1);
  }
  const run = await readRun(directory, 'r1');
  assert.is(run.state, 'finished');
  assert.equal(run.exit, exitOf('OK'));
  assert.equal(run.header?.planDigest, headerOf('r1').planDigest);
  assert.equal(run.devices[0]!.result, resultOf(1, { error: failure }));
  assert.equal(run.devices[0]!.errors, [failure]);
  assert.is(run.devices[1]!.state, 'planned');
});

journals('the first line is there before anything else, in a file for its owner alone', async () => {
  const directory = path.join(scratch(), 'runs');
  const journal = await openJournal(directory, headerOf('r1'));
  assert.is(linesOf(journal.file).length, 1);
  assert.is(statSync(journal.file).mode & 0o777, 0o600);
  assert.is(statSync(directory).mode & 0o777, 0o700);
  await journal.close();
});

journals('a state in flight is synced when enter resolves; progress waits for nobody', async () => {
  const disk = new BadDisk();
  const journal = await openJournal(scratch(), headerOf('r1'), { sink: disk.sink });
  const one = journal.device(idOf(1));
  for (const state of ['first-chunk', 'last-chunk', 'sent', 'activation', 'activated', 'step'] as const) {
    const before = disk.syncs;
    await one.enter(state);
    assert.is(disk.syncs, before + 1, state);
    assert.match(linesOf(journal.file).at(-1)!, `"state":"${state}"`);
  }
  const before = disk.syncs;
  await one.enter('progress', { doneBytes: 1 << 19, totalBytes: 1 << 20 });
  await one.enter('checked');
  assert.is(disk.syncs, before);
  await journal.close();
});

journals('devices that write at the same time share a sync', async () => {
  const disk = new BadDisk();
  const journal = await openJournal(scratch(), headerOf('r1', 40), { sink: disk.sink });
  const before = disk.syncs;
  await Promise.all(Array.from({ length: 40 }, (_, i) => journal.device(idOf(i + 1)).enter('first-chunk')));
  assert.ok(disk.syncs - before <= 2, `${disk.syncs - before} syncs`);
  assert.is(linesOf(journal.file).length, 41);
  await journal.close();
});

journals('progress over an image is some twenty lines, however many chunks it has', async () => {
  const journal = await openJournal(scratch(), headerOf('r1'));
  const one = journal.device(idOf(1));
  await one.enter('first-chunk');
  for (let chunk = 1; chunk <= 5000; chunk++) {
    await one.enter('progress', { doneBytes: chunk * 100, totalBytes: 500_000, chunk, chunks: 5000 });
  }
  await journal.close();
  assert.is(linesOf(journal.file).length, 2 + 20);
});

journals('a second writer of one run is refused, and does not touch the first one’s file', async () => {
  const directory = scratch();
  const journal = await openJournal(directory, headerOf('r1'));
  const error = await stateError(openJournal(directory, headerOf('r1', 1)));
  assert.is(error.code, 'journal-exists');
  assert.is(linesOf(journal.file).length, 1);
  await journal.device(idOf(1)).enter('first-chunk');
  await journal.close();
  assert.is((await stateError(openJournal(directory, headerOf('r1')))).code, 'journal-exists');
});

journals('a directory that cannot be there is refused with place, cause and next step', async () => {
  const error = await stateError(openJournal('/dev/null/runs', headerOf('r1')));
  assert.is(error.code, 'journal-write-failed');
  assert.match(error.message, '/dev/null/runs');
  assert.match(error.message, 'ENOTDIR');
  assert.ok(error.next.length > 10);
});

journals('a full disk before the first byte refuses the device, and no other is begun', async () => {
  const disk = new BadDisk();
  const journal = await openJournal(scratch(), headerOf('r1'), { sink: disk.sink });
  disk.full = true;
  const error = await stateError(journal.device(idOf(1)).enter('first-chunk'));
  assert.is(error.code, 'journal-write-failed');
  assert.match(error.message, 'no space left on device (ENOSPC)');
  assert.match(error.next, 'Free some space');
  assert.is(journal.begun, false);
  disk.full = false; // space again: the run has lost its record nevertheless
  assert.is((await stateError(journal.device(idOf(2)).enter('first-chunk'))).code, 'journal-write-failed');
  assert.is(journal.failure?.code, 'journal-write-failed');
  await journal.close();
});

journals(
  'a full disk after the first byte stops no device, stays known, and loses nothing once there is space',
  async () => {
    const disk = new BadDisk();
    const directory = scratch();
    const journal = await openJournal(directory, headerOf('r1'), { sink: disk.sink });
    const one = journal.device(idOf(1));
    await one.enter('first-chunk');
    disk.full = true;
    disk.tornBytes = 17;
    await one.enter('last-chunk');
    await one.enter('sent', { deferred: true });
    assert.is(journal.failure?.code, 'journal-write-failed');
    assert.is(journal.begun, true);
    const torn = await readRun(directory, 'r1');
    assert.is(torn.devices[0]!.state, 'first-chunk');
    assert.is(torn.notes.length, 1);
    disk.full = false;
    await one.verdict(resultOf(1));
    await journal.finish(exitOf('FAILED'));
    assert.is(journal.failure?.code, 'journal-write-failed');
    const run = await readRun(directory, 'r1');
    assert.equal(run.notes, []);
    assert.is(run.devices[0]!.result?.outcome, 'updated');
    assert.equal(
      run.entries.map(({ n }) => n),
      [1, 2, 3, 4, 5, 6],
    );
  },
);

journals(
  'a failed sync counts like a failed write: what it covered is written and synced again',
  async () => {
    const disk = new BadDisk();
    const directory = scratch();
    const journal = await openJournal(directory, headerOf('r1'), { sink: disk.sink });
    disk.syncFails = true;
    const error = await stateError(journal.device(idOf(1)).enter('first-chunk'));
    assert.match(error.next, 'dmesg');
    disk.syncFails = false;
    await journal.finish(exitOf('REFUSED'));
    assert.is((await readRun(directory, 'r1')).state, 'finished');
  },
);

journals('a journal that cannot even begin leaves the lock free and says so', async () => {
  const disk = new BadDisk();
  disk.full = true;
  const directory = scratch();
  const error = await stateError(openJournal(directory, headerOf('r1'), { sink: disk.sink }));
  assert.is(error.code, 'journal-write-failed');
  assert.equal(readdirSync(directory), ['r1.jsonl']);
  const run = await readRun(directory, 'r1');
  assert.is(run.state, 'died');
  assert.equal(run.devices, []);
});

journals(
  'what is still running is told from what died by the lock, and in a lab by the process',
  async () => {
    const directory = scratch();
    const journal = await openJournal(directory, headerOf('r1'));
    assert.is((await readRun(directory, 'r1')).state, 'running');
    await journal.close();
    assert.is((await readRun(directory, 'r1')).state, 'died');
  },
);

journals.run();
