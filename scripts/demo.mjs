// Shows the main job on the simulated host of the example: the plan first, then the upgrade.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { ensureReady } from './ensure.mjs';
import { root } from './paths.mjs';
import { temporaryFolder } from './temporary.mjs';

const PLAYBOOK = 'playbooks/upgrade-expanders.yml';
const LAB = 'playbooks/upgrade-expanders.lab.yml';

ensureReady();
// What the demo writes down is gone with it.
const state = temporaryFolder('runbook-demo-');
process.on('exit', () => rmSync(state, { recursive: true, force: true }));
show('plan', PLAYBOOK, '--lab', LAB);
process.exitCode = show('apply', PLAYBOOK, '--lab', LAB, '--yes');

/** Runs the built program as a user would, on this terminal. */
function show(...args) {
  console.log(`\n$ runbook ${args.join(' ')}`);
  const { status, error } = spawnSync(process.execPath, ['dist/runbook.cjs', ...args, '--state-dir', state], {
    cwd: root,
    stdio: 'inherit',
  });
  if (error) throw error;
  return status ?? 1;
}
