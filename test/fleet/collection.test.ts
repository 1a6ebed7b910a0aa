import * as assert from 'uvu/assert';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseYaml } from '../../src/playbook/yaml.ts';
import { runChild, type Finished } from '../support/child.ts';
import { inProject } from '../support/paths.ts';
import { hasProgram } from '../support/programs.ts';
import { missing, suite } from '../support/suite.ts';

/** Of ansible-core, where Debian has it. */
const SANITY = '/usr/lib/python3/dist-packages/ansible_test/_util/controller/sanity';
const VALIDATE_MODULES = `${SANITY}/validate-modules/validate.py`;
const VOLUPTUOUS = '/usr/lib/python3/dist-packages/voluptuous';

/** Debian's, which has Ansible. */
const PYTHON = '/usr/bin/python3';

/** Of `ansible-test sanity --test pep8`. */
const LONGEST_LINE = 160;

const absent = [
  ...['ansible-doc', 'ansible-galaxy', 'ansible-lint', 'pycodestyle', 'yamllint'].filter(
    (name) => !hasProgram(name),
  ),
  ...[VALIDATE_MODULES, VOLUPTUOUS].filter((file) => !existsSync(file)),
];
if (absent.length > 0) missing('fleet', `not installed: ${absent.join(', ')}`);

const test = suite('the collection');
const it = (title: string, body: () => Promise<void>): void => {
  if (absent.length === 0) test(title, body);
  else test.skip(title, body);
};

const root = mkdtempSync(path.join(tmpdir(), 'runbook-collection-'));
// Where Ansible finds it, and a copy: some of these programs write beside what they read.
const collection = path.join(root, 'ansible_collections/runbook/firmware');
test.before(() => {
  mkdirSync(path.dirname(collection), { recursive: true });
  cpSync(inProject('ansible/runbook/firmware'), collection, { recursive: true });
});
test.after(() => rmSync(root, { recursive: true, force: true }));

const run = (program: string, ...words: readonly string[]): Promise<Finished> =>
  runChild(program, words, {
    cwd: collection,
    env: {
      HOME: root,
      ANSIBLE_COLLECTIONS_PATH: root,
      ANSIBLE_NOCOLOR: '1',
      NO_COLOR: '1',
      LANG: 'C.UTF-8',
      PYTHONDONTWRITEBYTECODE: '1',
    },
    timeoutMs: 300_000,
  });

async function succeeds(program: string, ...words: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run(program, ...words);
  assert.is(exitCode, 0, `${program} ${words.join(' ')}\n${stdout}\n${stderr}`);
  return stdout;
}

const pythonIn = (folder: string): string[] =>
  readdirSync(path.join(collection, 'plugins', folder))
    .filter((name) => name.endsWith('.py'))
    .map((name) => `plugins/${folder}/${name}`);

it('ansible-lint finds nothing in its profile for production', async () => {
  await succeeds('ansible-lint', '--offline', '--profile', 'production', '--strict');
});

it('validate-modules finds nothing in the modules and the filters', async () => {
  for (const [folder, type] of [
    ['modules', 'module'],
    ['filter', 'filter'],
  ] as const) {
    const files = pythonIn(folder);
    assert.ok(files.length > 0);
    await succeeds(
      PYTHON,
      ...[VALIDATE_MODULES, '--arg-spec', '--plugin-type', type],
      ...['--collection', 'ansible_collections/runbook/firmware', '--collection-version', versionOf()],
      ...files.map((file) => path.join('ansible_collections/runbook/firmware', file)),
    );
  }
});

it('pycodestyle finds nothing', async () => {
  const ignored = readFileSync(`${SANITY}/pep8/current-ignore.txt`, 'utf8').trim().split('\n').join();
  await succeeds('pycodestyle', `--max-line-length=${LONGEST_LINE}`, `--ignore=${ignored}`, 'plugins');
});

it('yamllint finds nothing', async () => {
  await succeeds('yamllint', '--strict', '--config-file', `${SANITY}/yamllint/config/default.yml`, '.');
});

it('ansible-doc shows every module, filter and role with its options', async () => {
  const listed = async (type: string): Promise<Record<string, unknown>> =>
    JSON.parse(
      await succeeds('ansible-doc', '--json', '--type', type, '--list', 'runbook.firmware'),
    ) as Record<string, unknown>;
  for (const [type, folder] of [
    ['module', 'modules'],
    ['filter', 'filter'],
  ] as const) {
    const names = Object.keys(await listed(type)).sort();
    assert.equal(
      names,
      pythonIn(folder)
        .map((file) => `runbook.firmware.${path.basename(file, '.py')}`)
        .sort(),
    );
    const docs = JSON.parse(await succeeds('ansible-doc', '--json', '--type', type, ...names)) as Record<
      string,
      { doc: { description: string[]; options: Record<string, { description: unknown }> } }
    >;
    for (const name of names) {
      const { options } = docs[name]!.doc;
      if (type === 'module')
        for (const own of ['bundle', 'state_dir', 'lab']) assert.ok(options[own], `${name}: ${own}`);
      for (const [option, { description }] of Object.entries(options))
        assert.ok(description, `${name}: ${option}`);
    }
  }
  assert.match(
    await succeeds('ansible-doc', '--type', 'role', 'runbook.firmware.upgrade'),
    /upgrade_playbook/,
  );
});

it('the arguments that an action takes are those that its module documents', async () => {
  const script = [
    'import json, importlib',
    'from ansible.plugins import loader',
    // Later versions do it when they are told to.
    'getattr(loader, "init_plugin_loader", lambda: None)()',
    'out = {}',
    'for name in ("facts", "upgrade", "verify"):',
    '    action = importlib.import_module("ansible_collections.runbook.firmware.plugins.action." + name)',
    '    out[name] = {key: dict(spec, default=spec.get("default")) for key, spec in action.ARGUMENTS.items()}',
    'print(json.dumps(out))',
  ].join('\n');
  interface Spec {
    readonly type: string;
    readonly required?: boolean;
    readonly elements?: string;
    readonly default: unknown;
  }
  const taken = JSON.parse(await succeeds(PYTHON, '-c', script)) as Record<string, Record<string, Spec>>;
  const shape = ({ type, required = false, elements, default: value }: Spec): unknown[] => [
    type,
    required,
    elements ?? null,
    value ?? null,
  ];
  for (const [name, specs] of Object.entries(taken)) {
    const full = `runbook.firmware.${name}`;
    const docs = JSON.parse(await succeeds('ansible-doc', '--json', full)) as Record<
      string,
      { doc: { options: Record<string, Spec> } }
    >;
    const documented = docs[full]!.doc.options;
    const shapes = (all: Readonly<Record<string, Spec>>): Record<string, unknown> =>
      Object.fromEntries(
        Object.entries(all)
          .sort()
          .map(([key, spec]) => [key, shape(spec)]),
      );
    assert.equal(shapes(specs), shapes(documented), name);
  }
});

it('ansible-galaxy builds and installs it', async () => {
  await succeeds('ansible-galaxy', 'collection', 'build', '--output-path', root);
  const archive = path.join(root, `runbook-firmware-${versionOf()}.tar.gz`);
  const place = path.join(root, 'installed');
  await succeeds('ansible-galaxy', 'collection', 'install', '--offline', '-p', place, archive);
  assert.ok(existsSync(path.join(place, 'ansible_collections/runbook/firmware/plugins/modules/upgrade.py')));
});

function versionOf(): string {
  const { document } = parseYaml('galaxy.yml', readFileSync(path.join(collection, 'galaxy.yml'), 'utf8'));
  return (document!.value as { version: string }).version;
}

test.run();
