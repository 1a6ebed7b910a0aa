import * as assert from 'uvu/assert';
import { load } from 'js-yaml';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runbook, runChild } from '../support/child.ts';
import { inProject, root } from '../support/paths.ts';
import { suite } from '../support/suite.ts';

interface Hook {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly entry: string;
  readonly language: string;
  readonly files: string;
  readonly exclude: string;
}

interface PackedFile {
  readonly path: string;
}

const hooks = load(readFileSync(inProject('.pre-commit-hooks.yaml'), 'utf8')) as readonly Hook[];
const { bin } = JSON.parse(readFileSync(inProject('package.json'), 'utf8')) as {
  bin: Record<string, string>;
};
const shipped = readdirSync(inProject('playbooks')).map((name) => `playbooks/${name}`);

const test = suite('pre-commit hooks');

test('there is one for validate and one for lint, with the keys that pre-commit knows', () => {
  assert.equal(
    hooks.map(({ id }) => id),
    ['runbook-validate', 'runbook-lint'],
  );
  for (const hook of hooks) {
    const known = ['id', 'name', 'description', 'entry', 'language', 'files', 'exclude'];
    assert.equal(Object.keys(hook), known);
    assert.ok(Object.values(hook).every((value) => typeof value === 'string' && value !== ''));
    assert.is(hook.language, 'node');
    assert.is(hook.entry.split(' ')[0], Object.keys(bin)[0]);
  }
});

for (const { id, entry, files, exclude } of hooks) {
  test(`${id} looks at playbooks, and its command takes the shipped ones`, async () => {
    const looksAt = (file: string): boolean =>
      new RegExp(files).test(file) && !new RegExp(exclude).test(file);
    assert.ok(looksAt('playbooks/a.yml') && looksAt('site/playbooks/b/c.yaml'));
    assert.not(looksAt('playbooks/a.lab.yml') || looksAt('playbooks/a.md') || looksAt('docker-compose.yml'));
    const playbooks = shipped.filter(looksAt);
    assert.ok(playbooks.length >= 2);
    const { exitCode, stdout } = await runbook([...entry.split(' ').slice(1), ...playbooks], { cwd: root });
    assert.is(exitCode, 0, stdout);
  });

  test(`${id} stops a commit with a mistake`, async () => {
    const wrong = path.join(root, 'test/cli/fixtures/wrong.yml');
    assert.is((await runbook([...entry.split(' ').slice(1), wrong])).exitCode, 3);
  });
}

test('what npm packs, also from git, has the built program and its native library', async () => {
  // Without its scripts: the program is built by now, and others use it.
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts', '--offline'];
  const { exitCode, stdout, stderr } = await runChild('npm', args, { cwd: root });
  assert.is(exitCode, 0, stderr);
  const [packed] = JSON.parse(stdout) as readonly [{ readonly files: readonly PackedFile[] }];
  const names = packed.files.map((file) => file.path);
  assert.ok(names.includes(bin['runbook']!));
  assert.ok(names.some((name) => /^dist\/.*\.node$/.test(name)));
  assert.ok(names.includes('schemas/playbook.schema.json'));
  assert.not(names.some((name) => name.startsWith('src/') || name.startsWith('test/')));
});

test.run();
