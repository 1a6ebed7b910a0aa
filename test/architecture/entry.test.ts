import { copyFileSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Linter } from 'eslint';
import * as assert from 'uvu/assert';
import { refusal } from '../../src/base/refusal.ts';
import { runChild } from '../support/child.ts';
import { inProject, program } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { obeys } from '../unit/report/schemas.ts';

const { engines, scripts } = JSON.parse(readFileSync(inProject('package.json'), 'utf8')) as {
  engines: { node: string };
  scripts: Record<string, string>;
};
const NEEDED = engines.node.replace(/^>=/, '');

const test = suite('entry');
let folder = '';

/** Starts the program as a Node of this version would, as far as it says so. */
async function startAs(version: string, words: readonly string[], file = program) {
  const hook = path.join(folder, `${version}.cjs`);
  const versions = JSON.stringify({ ...process.versions, node: version });
  writeFileSync(hook, `Object.defineProperty(process, 'versions', { value: ${versions} });\n`);
  return runChild(process.execPath, ['--require', hook, file, ...words]);
}

test.before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'runbook-entry-'));
});
test.after(() => rmSync(folder, { recursive: true }));

test('can be read by every Node: it is ECMAScript 5', () => {
  const languageOptions = { ecmaVersion: 5, sourceType: 'script' } as const;
  for (const file of [program, inProject('src/cli/entry.cjs')]) {
    const found = new Linter().verify(readFileSync(file, 'utf8'), { languageOptions });
    assert.equal(
      found.map(({ line, message }) => `${file}:${line}: ${message}`),
      [],
    );
  }
  const [wrong] = new Linter().verify('const a = () => `b`;', { languageOptions });
  assert.is(wrong?.fatal, true);
});

for (const version of ['0.12.18', '12.22.12', '18.20.4', '19.9.0', '20.18.3', '20.9.0']) {
  test(`under Node ${version} it says which Node is needed`, async () => {
    const { exitCode, stdout, stderr } = await startAs(version, ['devices']);
    assert.is(exitCode, 4);
    assert.is(stdout, '');
    assert.match(stderr, `runbook needs Node.js ${NEEDED} or later, this is ${version}\n  next: `);
  });
}

for (const version of [`${NEEDED}.0`, '20.100.1', '21.0.0', '22.1.0', '26.3.1', '100.0.0-nightly']) {
  test(`under Node ${version} it starts`, async () => {
    const { exitCode, stdout } = await startAs(version, ['--version']);
    assert.match(stdout, /^runbook \d+\.\d+\.\d+ \(/);
    assert.is(exitCode, 0);
  });
}

for (const format of ['json', 'jsonl']) {
  test(`an old Node is told as one document of ${format}`, async () => {
    for (const words of [['devices', '--format', format], [`--format=${format}`]]) {
      const { exitCode, stdout, stderr } = await startAs('18.20.4', words);
      assert.is(stderr, '');
      const document = JSON.parse(stdout) as { exit: { code: number }; error: unknown };
      obeys('report', document);
      assert.is(document.exit.code, exitCode);
      // In the words of the list, which such a Node cannot read.
      assert.equal(
        document.error,
        refusal('node-too-old', { needed: NEEDED, found: '18.20.4', program: realpathSync(program) }),
      );
    }
  });
}

test('the commands of a clone say it, too, and do nothing', async () => {
  const own = Object.values(scripts).map((line) => /^node (\S+\.mjs)/.exec(line)?.[1]);
  for (const script of own.filter((name) => name !== undefined && !/build|generate/.test(name))) {
    const { exitCode, stdout, stderr } = await startAs('18.20.4', [], inProject(script!));
    assert.is(exitCode, 4, script);
    assert.is(stdout, '');
    assert.match(stderr, `runbook needs Node.js ${NEEDED} or later, this is 18.20.4\n  next: `);
  }
});

test('copied alone it says what is missing', async () => {
  const alone = path.join(folder, 'runbook.cjs');
  copyFileSync(program, alone);
  const { exitCode, stdout, stderr } = await runChild(process.execPath, [alone, 'devices', '--format=json']);
  assert.is(stderr, '');
  assert.is(exitCode, 4);
  const { error } = JSON.parse(stdout) as { error: unknown };
  assert.equal(
    error,
    refusal('program-incomplete', { file: path.join(realpathSync(folder), 'program.cjs') }),
  );
});

test.run();
