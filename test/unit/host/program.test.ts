import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import { HostError } from '../../../src/host/host-error.ts';
import { runProgram } from '../../../src/host/program.ts';
import { testWith } from '../../support/programs.ts';
import { folderOfSecondUser, testAsRoot } from '../../support/second-user.ts';
import { suite } from '../../support/suite.ts';
import { pathOf } from '../run/builders.ts';

const program = suite('host/program');

program('runs in / with a fixed environment and no input', async () => {
  process.env['RUNBOOK_TEST_SECRET'] = 'x';
  const { exitCode, output } = await runProgram(
    ['sh', '-c', 'pwd; env | cut -d= -f1 | sort | tr "\\n" " "; cat'],
    10_000,
  );
  assert.is(exitCode, 0);
  assert.is(output.split('\n')[0], '/');
  const names = output.split('\n')[1]!.trim().split(' ');
  assert.ok(names.includes('PATH') && names.includes('LANG'));
  assert.not.ok(names.includes('RUNBOOK_TEST_SECRET') || names.includes('HOME'));
});

program('hands arguments over as they are', async () => {
  assert.is((await runProgram(['printf', '%s|', '$HOME', 'a b', '*'], 10_000)).output, '$HOME|a b|*|');
});

program('gives exit code and both outputs', async () => {
  assert.equal(await runProgram(['sh', '-c', 'echo out; echo err >&2; exit 3'], 10_000), {
    exitCode: 3,
    output: 'out\nerr\n',
    timedOut: false,
  });
});

program('counts a signal as a shell does', async () => {
  assert.is((await runProgram(['sh', '-c', 'kill -KILL $$'], 10_000)).exitCode, 137);
});

program('keeps the end of a long output', async () => {
  const { output } = await runProgram(
    ['sh', '-c', 'head -c 200000 /dev/zero | tr "\\0" x; echo the end'],
    10_000,
  );
  assert.ok(output.length < 66_000);
  assert.ok(output.startsWith('[134472 bytes before this left out]\n'));
  assert.ok(output.endsWith('the end\n'));
});

program('ends a program and its children when the time is over', async () => {
  const { exitCode, output } = await runProgram(['sh', '-c', 'echo started; sleep 600 & wait'], 300);
  assert.is(exitCode, 124);
  assert.is(output, 'started\n\n[ended after 0.3 s]');
  assert.ok((await runProgram(['sh', '-c', 'sleep 600'], 50)).timedOut);
  assert.not.ok((await runProgram(['sh', '-c', 'exit 124'], 10_000)).timedOut);
});

program('tells about the unit, with a read-only copy of the image that is gone afterwards', async () => {
  const { output } = await runProgram(
    [
      'sh',
      '-c',
      'echo "$RUNBOOK_NODE $LANG"; stat -c "%a %s" "$RUNBOOK_IMAGE"; cat "$RUNBOOK_IMAGE"; echo; echo "$RUNBOOK_IMAGE"',
    ],
    10_000,
    {
      device: pathOf(3),
      image: { name: 'fw.bin', bytes: Buffer.from('bytes') },
      lockDescriptors: [],
      environment: { RUNBOOK_NODE: '/dev/sg3' },
    },
  );
  const [told, file, bytes, where] = output.split('\n');
  assert.is(told, '/dev/sg3 C');
  assert.is(file, '400 5');
  assert.is(bytes, 'bytes');
  assert.ok(where!.endsWith('/fw.bin'));
  assert.not.ok(existsSync(path.dirname(where!)));
});

for (const argv of [['/nonexistent/tool'], [], ['']]) {
  program(`${JSON.stringify(argv)} cannot be started`, async () => {
    await runProgram(argv, 1000).then(
      () => assert.unreachable('must reject'),
      (error: unknown) => {
        assert.instance(error, HostError);
        assert.is((error as HostError).code, 'run-failed');
      },
    );
  });
}

testWith(program, 'setsid')(
  'ends also what went into a session of its own, ignores SIGTERM and has no parent any more',
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'sessions-'));
    const daemon = (name: string): string =>
      `(setsid sh -c 'trap "" TERM; echo $$ >${folder}/${name}; exec sleep 600' </dev/null >/dev/null 2>&1 &)`;
    const bare = `(setsid env -i /bin/sh -c 'trap "" TERM; echo $$ >${folder}/bare; exec /bin/sleep 600' </dev/null >/dev/null 2>&1 &)`;
    const ready = `until [ -s ${folder}/own ] && [ -s ${folder}/bare ]; do sleep 0.05; done`;
    // It waits for them, so that they are there when its time is over, however slow the machine is.
    const { timedOut, output } = await runProgram(
      ['sh', '-c', `${daemon('own')}; ${bare}; ${ready}; echo ready; sleep 600`],
      4000,
    );
    assert.ok(timedOut);
    assert.match(output, 'ready\n\n[ended after 4 s]');
    for (const name of ['own', 'bare']) {
      const pid = Number(readFileSync(path.join(folder, name), 'utf8'));
      assert.throws(() => process.kill(pid, 0), /ESRCH/, name);
    }
  },
);

testWith(program, 'setsid')(
  'of programs that run at the same time each loses what it started itself, and nothing of the others',
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'programs-'));
    const script = (name: string): string =>
      `(setsid sh -c 'trap "" TERM; echo $$ >${folder}/${name}; exec sleep 600' </dev/null >/dev/null 2>&1 &); ` +
      `until [ -s ${folder}/a ] && [ -s ${folder}/b ] && [ -s ${folder}/c ]; do sleep 0.05; done; sleep 600`;
    const pidOf = (name: string): number => Number(readFileSync(path.join(folder, name), 'utf8'));
    const isAlive = (name: string): boolean => {
      try {
        return process.kill(pidOf(name), 0);
      } catch {
        return false;
      }
    };
    const [a, b] = ['a', 'b'].map((name) => runProgram(['sh', '-c', script(name)], 4000));
    const c = runProgram(['sh', '-c', script('c')], 14_000);
    for (const ended of [a, b]) assert.ok((await ended!).timedOut);
    assert.equal(['a', 'b', 'c'].filter(isAlive), ['c']);
    assert.ok((await c).timedOut);
    assert.not.ok(isAlive('c'));
  },
);

testAsRoot(program)('copies no image to a place where another user could exchange it', async () => {
  const before = process.env['TMPDIR'];
  const theirs = folderOfSecondUser();
  process.env['TMPDIR'] = theirs;
  try {
    await runProgram(['true'], 10_000, {
      device: pathOf(3),
      image: { name: 'fw.bin', bytes: Buffer.from('bytes') },
      lockDescriptors: [],
      environment: {},
    });
    assert.unreachable();
  } catch (error) {
    assert.is(error instanceof HostError && error.code, 'others-can-write');
    assert.equal(readdirSync(theirs), []);
  } finally {
    process.env['TMPDIR'] = before;
  }
});

program.run();
