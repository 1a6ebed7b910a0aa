import * as assert from 'uvu/assert';
import { load } from 'js-yaml';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runChild } from '../support/child.ts';
import { inProject, program } from '../support/paths.ts';
import { testWith } from '../support/programs.ts';
import { suite } from '../support/suite.ts';

/** The blocks of docs/ci.md, run as their systems run them, but for the lines that install the program. */

const BLOCK = /^```yaml (\S+)\n([^]*?)^```$/gm;
const blocks = new Map(
  [...readFileSync(inProject('docs/ci.md'), 'utf8').matchAll(BLOCK)].map(([, name, text]) => [
    name!,
    load(text!),
  ]),
);

interface Workflow {
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly { readonly name?: string; readonly run?: string }[] }>
  >;
}
interface Pipeline {
  readonly playbooks: { readonly script: readonly string[] };
}

const folder = mkdtempSync(path.join(tmpdir(), 'runbook-ci-page-'));
const repository = path.join(folder, 'repository');

const test = suite('docs/ci.md');
const typing = testWith(test, 'bash', 'git');

test.before(async () => {
  writeFileSync(path.join(folder, 'runbook'), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, {
    mode: 0o755,
  });
  cpSync(inProject('playbooks'), path.join(repository, 'playbooks'), { recursive: true });
});
test.after(() => rmSync(folder, { recursive: true }));

/** Runs a script as GitHub does: `bash -e`, with pipefail. */
const run = (script: string) =>
  runChild('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    cwd: repository,
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
    timeoutMs: 300_000,
  });

const github = (): Map<string, string> =>
  new Map(
    Object.values((blocks.get('.github/workflows/playbooks.yml') as Workflow).jobs)
      .flatMap(({ steps }) => steps)
      .flatMap(({ name, run: script }) =>
        name === undefined || script === undefined ? [] : [[name, script]],
      ),
  );

typing('the steps for GitHub are green for playbooks that are right, and make a page of each', async () => {
  assert.is((await run('git init -q && git add playbooks')).exitCode, 0);
  const steps = github();
  assert.equal([...steps.keys()], ['install runbook', 'every mistake', 'risky choices', 'rehearsal']);
  for (const [name, script] of steps) {
    if (name === 'install runbook') continue;
    const { exitCode, stdout, stderr } = await run(script);
    assert.is(exitCode, 0, `${name}: ${stdout}${stderr}`);
  }
  assert.ok(existsSync(path.join(repository, 'upgrade-expanders.html')));
});

typing('the lines for GitLab are green as well, and make a test report of each', async () => {
  for (const line of (blocks.get('.gitlab-ci.yml') as Pipeline).playbooks.script) {
    const { exitCode, stdout, stderr } = await run(line);
    assert.is(exitCode, 0, `${line}: ${stdout}${stderr}`);
  }
  assert.match(readFileSync(path.join(repository, 'upgrade-expanders.xml'), 'utf8'), /^<\?xml/);
});

typing('a mistake and a risky choice are red, at their lines', async () => {
  cpSync(inProject('test/cli/fixtures/wrong.yml'), path.join(repository, 'playbooks/wrong.yml'));
  assert.is((await run('git add playbooks')).exitCode, 0);
  const { exitCode, stdout } = await run(github().get('every mistake')!);
  assert.is.not(exitCode, 0);
  assert.match(stdout, /^::error file=playbooks\/wrong\.yml,line=9,/m);
});

test('the block for pre-commit names the hooks that there are, and the tag of this version', () => {
  const { repos } = blocks.get('.pre-commit-config.yaml') as {
    repos: readonly { readonly rev: string; readonly hooks: readonly { readonly id: string }[] }[];
  };
  const { version } = JSON.parse(readFileSync(inProject('package.json'), 'utf8')) as { version: string };
  assert.equal(
    repos.map(({ rev, hooks }) => [rev, ...hooks.map(({ id }) => id)]),
    [[`v${version}`, 'runbook-validate', 'runbook-lint']],
  );
});

test.run();
