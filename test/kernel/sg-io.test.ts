import * as assert from 'uvu/assert';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { missing, suite } from '../support/suite.ts';
import { FOUR_CARDS } from './cards.ts';
import { bundleForGuest } from './guest-bundle.ts';
import { rigProblem, runGuest } from './rig.ts';

const test = suite('SG_IO on a real kernel');
const problem = rigProblem();

if (problem === null) {
  test('keeps the transport contract', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'runbook-sg-io-'));
    try {
      await bundleForGuest('test/kernel/guest-contract.ts', path.join(directory, 'contract.cjs'), directory);
      const { steps, console } = await runGuest({
        directory,
        modules: FOUR_CARDS,
        preparation: '',
        steps: [{ name: 'contract', script: 'node "$WORK/contract.cjs" /dev/sg0' }],
        timeLimitMs: 180_000,
      });
      const step = steps.get('contract');
      assert.ok(step, console);
      const result = JSON.parse(step.stdout.trimEnd().split('\n').at(-1)!) as {
        passed: number;
        total: number;
      };
      assert.is(result.passed, result.total, `${step.stdout}\n${step.stderr}`);
      assert.ok(result.total >= 8);
      assert.is(step.exitCode, 0);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
} else {
  missing('kernel', problem);
  test.skip('keeps the transport contract');
}

test.run();
