import * as assert from 'uvu/assert';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { parseYaml } from '../../src/playbook/yaml.ts';
import { stepsOf } from '../cli/guide-steps.ts';
import { runbook } from '../support/child.ts';
import { inProject } from '../support/paths.ts';
import { Fleet, fleetSuite, type Played } from './rig.ts';

const PAGE = 'docs/many-hosts.md';
const { test, it, fleet } = fleetSuite('the page about many hosts', () => {
  const made = new Fleet(2);
  for (const name of ['h1', 'h2']) made.lab(name, 'good');
  return made;
});

const blocks = stepsOf(readFileSync(inProject(PAGE), 'utf8')).flatMap((step) =>
  step.kind === 'file' ? [step] : [],
);
const ran = new Set<string>();

/** A file of the page, as it stands there; the devices are those of the lab. */
function play(name: string, ...flags: readonly string[]): Promise<Played> {
  const block = blocks.find((one) => one.name === name);
  assert.ok(block, `${PAGE} has no ${name}`);
  const { document, diagnostics } = parseYaml(name, block.text);
  assert.equal(diagnostics, []);
  const lab = { lab: '/lab/lab.yml', lab_state: '/lab/lab.state' };
  const plays = (document!.value as object[]).map((one) => ({
    ...one,
    module_defaults: { 'group/runbook.firmware.all': lab },
  }));
  writeFileSync(fleet().at(name), JSON.stringify(plays));
  ran.add(name);
  return fleet().start(['ansible-playbook', '-i', 'hosts.ini', name, ...flags]).end;
}

it('hosts are recorded, and a playbook is planned against the records', async () => {
  const played = await play('record.yml');
  assert.is(played.exitCode, 0, played.out);
  assert.equal(readdirSync(fleet().at('inventory')).sort(), ['h1.json', 'h2.json']);
  const again = await play('record.yml');
  assert.equal([again.recap('h1').changed, again.recap('h2').changed], [0, 0], again.out);
  const lab = ['--lab', fleet().at('hosts/h1/lab/lab.yml')];
  const files = ['h1', 'h2'].map((name) => fleet().at(`inventory/${name}.json`));
  const plan = await runbook([
    'plan',
    fleet().at('cards.yml'),
    ...lab,
    '--exit-code',
    '--inventory',
    ...files,
  ]);
  assert.is(plan.exitCode, 5, plan.stderr);
});

it('the play upgrades, one host first', async () => {
  const check = await play('firmware.yml', '--check');
  assert.equal([check.exitCode, check.recap('h1').changed], [0, 1], check.out);
  const played = await play('firmware.yml');
  assert.is(played.exitCode, 0, played.out);
  assert.is(played.out.split('PLAY [').length - 1, 2);
  assert.equal(readdirSync(fleet().at('reports')).sort(), ['h1.json', 'h2.json']);
});

it('the units are verified', async () => {
  const played = await play('verify.yml');
  assert.is(played.exitCode, 0, played.out);
});

it('every YAML block of the page was executed', () => {
  assert.equal([...ran].sort(), blocks.map(({ name }) => name).sort());
  return Promise.resolve();
});

test.run();
