import * as assert from 'uvu/assert';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseYaml } from '../../src/playbook/yaml.ts';
import { runChild } from '../support/child.ts';
import { inProject, program } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { stepsOf } from './guide-steps.ts';

const PAGE = 'docs/many-hosts.md';

interface Task {
  readonly name: string;
  readonly 'ansible.builtin.command'?: { readonly argv: readonly string[] };
}

/** The plays of the page's Ansible files, by file name. */
const plays = new Map(
  stepsOf(readFileSync(inProject(PAGE), 'utf8')).flatMap((step) => {
    if (step.kind !== 'file') return [];
    const { document, diagnostics } = parseYaml(step.name, step.text);
    assert.equal(diagnostics, []);
    return [[step.name, (document!.value as { tasks: Task[] }[])[0]!.tasks] as const];
  }),
);

const test = suite('many hosts');
const folder = mkdtempSync(path.join(tmpdir(), 'runbook-hosts-'));
test.before(() => {
  cpSync(inProject('playbooks/upgrade-expanders.yml'), path.join(folder, 'cards.yml'));
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command of a task as Ansible would, on a lab. */
async function task(file: string, name: string): Promise<{ rc: number | null; stdout: unknown }> {
  const { argv } = plays.get(file)!.find((task) => task.name === name)!['ansible.builtin.command']!;
  const words = argv.map((word) =>
    word.replaceAll(/\{\{ place \}\}|\/opt\/runbook/g, folder).replace(`${folder}/runbook.cjs`, program),
  );
  const lab = ['--lab', inProject('playbooks/upgrade-expanders.lab.yml')];
  const state = ['--lab-state', path.join(folder, 'state')];
  const { exitCode, stdout } = await runChild(words[0]!, [...words.slice(1), ...lab, ...state]);
  return { rc: exitCode, stdout: JSON.parse(stdout) as unknown };
}

test('the commands of the Ansible example do what its conditions expect', async () => {
  const plan = await task('firmware.yml', 'Plan');
  assert.is(plan.rc, 5);
  const { devices } = plan.stdout as { devices: { action: string }[] };
  assert.ok(devices.map(({ action }) => action).includes('update'), 'as changed_when asks');
  const applied = await task('firmware.yml', 'Apply');
  assert.is(applied.rc, 0);
  const report = applied.stdout as { devices: { outcome: string; id: string }[] };
  assert.equal(
    report.devices.map(({ outcome }) => outcome),
    ['updated', 'updated', 'current'],
  );
  assert.is((await task('firmware.yml', 'Plan')).rc, 0, 'nothing is left to do');
});

test('what the example records can be planned against', async () => {
  const { rc, stdout } = await task('record.yml', 'What each device reports about itself');
  assert.is(rc, 0);
  assert.is((stdout as { format: string }).format, 'runbook.devices/1');
});

test.run();
