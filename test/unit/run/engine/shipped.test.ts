import * as assert from 'uvu/assert';
import { lintPlaybook } from '../../../../src/playbook/lint/lint.ts';
import type { RunSummary } from '../../../../src/run/engine/run.ts';
import { suite } from '../../../support/suite.ts';
import { SHIPPED, labOf, shippedOnItsLab, textOf } from '../shipped.ts';

const test = suite('playbooks/');

/** What the lab of a playbook says that its rehearsal ends with. */
interface Expected {
  /** By the first node of each unit that the playbook selects. */
  readonly outcomes: Readonly<Record<string, string>>;
  readonly exit: number;
}

const outcomesOf = ({ results }: RunSummary): Record<string, string> =>
  Object.fromEntries(results.map(({ paths, outcome }) => [paths[0]!.replace('/dev/', ''), outcome]));

test('every example that the documents speak of is there', () => {
  assert.equal(SHIPPED, [
    'celestica-es-shelf.yml',
    'disk-mode-7.yml',
    'dual-module-shelf.yml',
    'hgst-two-steps.yml',
    'lto-drive.yml',
    'ses-shelf.yml',
    'staged-activate.yml',
    'staged-download.yml',
    'upgrade-expanders.yml',
    'vendor-tool.yml',
  ]);
});

for (const name of SHIPPED) {
  test(`${name} is right, says why, and has no warning that is not accepted with a reason`, async () => {
    const { playbook, resolved } = await shippedOnItsLab(name);
    assert.ok(resolved.why);
    assert.equal(lintPlaybook(playbook, resolved), []);
  });

  test(`${name} and its lab tell an editor where their schema is`, () => {
    for (const [file, schema] of [
      [name, 'playbook'],
      [labOf(name), 'lab'],
    ] as const) {
      const first = `# yaml-language-server: $schema=../schemas/${schema}.schema.json\n`;
      assert.ok(textOf(file).startsWith(first), file);
    }
  });

  test(`${name} says where its words come from, how it is tried, and how the real image is pinned`, () => {
    const text = textOf(name);
    assert.match(text, /^# (Evidence|What is known)/m);
    assert.match(text, /^# Sources: /m);
    assert.match(text, /\([ABC](:|\)| that)/, 'with a confidence');
    assert.ok(text.includes(`runbook apply playbooks/${name} --lab playbooks/${labOf(name)}`));
    assert.match(text, /`runbook pin`/);
  });

  test(`${name} ends on its lab as the lab says`, async () => {
    const { lab, apply } = await shippedOnItsLab(name);
    const { outcomes, exit } = (lab as unknown as Readonly<Record<string, Expected>>)['x-rehearsal']!;
    const summary = await apply();
    assert.equal(outcomesOf(summary), outcomes);
    assert.is(summary.exit.code, exit);
    assert.equal(summary.bugs, []);
  });

  test(`${name} sends nothing to a lab that it has upgraded, after its power cycle`, async () => {
    const { host, apply } = await shippedOnItsLab(name);
    await apply();
    for (const device of host.devices) device.powerCycle();
    for (const device of host.devices) await device.clock.sleep(device.readyAtMs - device.clock.nowMs());
    const again = await apply();
    assert.equal([...new Set(Object.values(outcomesOf(again)))], ['current']);
    assert.is(again.exit.code, 0);
  });
}

test.run();
