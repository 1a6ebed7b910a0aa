import * as assert from 'uvu/assert';
import { soakRun } from '../../../../scripts/soak/soak-run.ts';
import { runChild } from '../../../support/child.ts';
import { root } from '../../../support/paths.ts';
import { suite } from '../../../support/suite.ts';

const RUNS = 400;
const SEED = Number(process.env['RUNBOOK_SEED'] ?? 20_300_101);

const soak = suite('a short soak');

soak(`${RUNS} random upgrades with random faults from seed ${SEED}: no promise is broken`, async () => {
  const violations: string[] = [];
  let devices = 0;
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    const run = await soakRun(seed);
    devices += run.summary?.results.length ?? 0;
    violations.push(...run.violations.map((text) => `seed ${seed}: ${text}`));
  }
  process.stdout.write(
    `  ${RUNS} runs from seed ${SEED}, ${devices} devices, ${violations.length} violations\n`,
  );
  assert.equal(violations, [], 'repeat one: npm run soak -- --runs 1 --seed N');
  assert.ok(devices > RUNS, 'most runs have a device or more');
});

soak('its program starts', async () => {
  const { exitCode, stdout, stderr } = await runChild(
    process.execPath,
    ['scripts/soak.mjs', '--runs', '5', '--seed', `${SEED}`],
    { cwd: root },
  );
  assert.is(exitCode, 0, stdout + stderr);
  assert.is(stderr, '');
  assert.match(stdout, /^[1-5] runs, \d+ cells, 0 violations$/m);
});

soak.run();
