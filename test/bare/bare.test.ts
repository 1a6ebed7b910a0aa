import * as assert from 'uvu/assert';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inProject } from '../support/paths.ts';
import { missing, suite } from '../support/suite.ts';
import { bareRootProblem, cloneInto, HOME, inBareRoot, installNode, makeBareRoot } from './bare-root.ts';

/** The two commands of the README where nobody prepared anything: with the oldest Node that is promised, and the newest. */
const test = suite('a bare machine');

const { engines, version } = JSON.parse(readFileSync(inProject('package.json'), 'utf8')) as {
  engines: { node: string };
  version: string;
};
const OLDEST = `${engines.node.replace('>=', '')}.0`;
/** The one that came with it. */
const NPM_OF_OLDEST = '10.8.2';

const root = path.join(tmpdir(), 'bare');
const problem = bareRootProblem();

/** As a CI system and people's own settings have it. */
const HOSTILE =
  'CI=true GITHUB_ACTIONS=true NO_COLOR=1 COLUMNS=40 TERM=dumb LANG=C UV_THREADPOOL_SIZE=1 RUNBOOK_FORMAT=json';

if (problem === null) {
  test.before(() => makeBareRoot(root));

  for (const [title, node, npm] of [
    [`the oldest Node, ${OLDEST}`, OLDEST, NPM_OF_OLDEST],
    ['the newest Node', 'latest', 'latest'],
  ] as const) {
    const clone = `${HOME}/${node}`;

    test(`with ${title}: npm run demo ends green, and says nothing of warnings`, async () => {
      await installNode(root, node, npm);
      await cloneInto(root, clone);
      const { exitCode, stdout, stderr } = await inBareRoot(root, clone, 'npm run demo');
      assert.is(exitCode, 0, `${stdout}\n${stderr}`);
      assert.match(stdout, '2 updated, 1 current\nexit 0 (OK)');
      assert.not.match(`${stdout}\n${stderr}`, /\bwarn/i);
    });

    test(`with ${title}: the program starts`, async () => {
      const [running, told, valid] = await printed(
        clone,
        'node --version',
        'node dist/runbook.cjs --version',
        'node dist/runbook.cjs validate playbooks/upgrade-expanders.yml --lab playbooks/upgrade-expanders.lab.yml',
      );
      if (node === OLDEST) assert.is(running, `v${OLDEST}`);
      else assert.not.equal(running, `v${OLDEST}`);
      assert.match(told!, version);
      assert.match(valid!, 'ok');
    });
  }

  test(`with the oldest Node: npm test ends green whatever the environment says, and says once what was not tested`, async () => {
    await installNode(root, OLDEST, NPM_OF_OLDEST);
    const clone = `${HOME}/tests`;
    await cloneInto(root, clone);
    const { exitCode, stdout, stderr } = await inBareRoot(root, clone, `${HOSTILE} npm test`, {
      timeoutMs: 55 * 60_000,
    });
    const lines = stdout.trimEnd().split('\n');
    // All that a person has to read; the names of what went well are many.
    const told = lines.filter((line) => !line.startsWith('ok ')).join('\n');
    assert.is(exitCode, 0, `${told}\n${stderr}`);
    const [, passed, skipped] = /^(\d+) passed, 0 failed, (\d+) skipped$/.exec(lines.at(-1)!)!;
    assert.ok(Number(passed) > 10 * Number(skipped), lines.at(-1));
    const notTested = lines
      .filter((line) => line.includes('NOT TESTED'))
      .map((line) => /\((\w+)\)/.exec(line)?.[1]);
    assert.equal(
      notTested.sort(),
      ['bare', 'conformance', 'fleet', 'kernel', 'package', 'pages', 'programs', 'root'],
      told,
    );
    assert.not.match(stderr, /\bwarn/i);
  });
} else {
  missing('bare', problem);
  test.skip('the two commands end green');
}

/** What each line of shell prints. */
async function printed(folder: string, ...commands: readonly string[]): Promise<string[]> {
  const texts: string[] = [];
  for (const command of commands) {
    const { exitCode, stdout, stderr } = await inBareRoot(root, folder, command);
    assert.is(exitCode, 0, `${command}\n${stdout}\n${stderr}`);
    texts.push(stdout.trimEnd());
  }
  return texts;
}

test.run();
