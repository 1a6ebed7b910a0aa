import * as assert from 'uvu/assert';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { missing, suite } from '../support/suite.ts';
import { bundleForGuest } from './guest-bundle.ts';
import { GUEST_LIMIT_MS, rigProblem, runGuest, stepOf } from './rig.ts';
import { TARGET_MODULES } from './served-lab.ts';
import { NASTY_ANSWERS } from './text-answers.ts';
import type { SeenTexts } from './text-answers.ts';

const test = suite('text fields on a real kernel');
const problem = rigProblem();
let directory = '';
let seen: readonly SeenTexts[] = [];

if (problem === null) {
  test.before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'runbook-texts-'));
    await bundleForGuest('test/kernel/guest-texts.ts', path.join(directory, 'texts.cjs'), directory);
    const guest = await runGuest({
      directory,
      modules: TARGET_MODULES,
      preparation: '',
      steps: [{ name: 'look', script: `node "$WORK/texts.cjs" ${Object.values(NASTY_ANSWERS).join(' ')}` }],
      timeLimitMs: GUEST_LIMIT_MS,
    });
    const { stdout, stderr } = stepOf(guest, 'look');
    if (!stdout.startsWith('[')) throw new Error(`the guest printed no JSON:\n${stdout}\n${stderr}`);
    seen = JSON.parse(stdout) as SeenTexts[];
  });
  test.after(() => rm(directory, { recursive: true, force: true }));

  test('the kernel made something of every answer', () => {
    assert.is(seen.length, Object.keys(NASTY_ANSWERS).length);
    assert.equal(seen[0]?.kernel, { vendor: 'HP', product: 'HP SAS EXP Card', revision: '2.08' });
    assert.equal(seen[1]?.kernel.vendor, 'HP');
  });

  for (const [index, name] of Object.keys(NASTY_ANSWERS).entries()) {
    test(`reads vendor, product and revision as the kernel does: ${name}`, () => {
      const { kernel, listed, fresh, problem: amiss } = seen[index]!;
      assert.equal(listed, kernel, 'devices');
      assert.equal(fresh, kernel, amiss ?? 'a fresh look');
    });
  }
} else {
  missing('kernel', problem);
  test.skip('reads vendor, product and revision as the kernel does');
}

test.run();
