import * as assert from 'uvu/assert';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runbook } from '../support/child.ts';
import { suite } from '../support/suite.ts';
import { fixture, runJson } from './document.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'runbook-digest-'));
const LAB = ['--lab', fixture('three.lab.yml')];
const plan = path.join(folder, 'plan.json');

const test = suite('the digest of a reviewed plan');
test.after(() => rmSync(folder, { recursive: true }));

test('apply obeys the plan that the ticket names, and names it', async () => {
  await runbook(['plan', fixture('cards.yml'), ...LAB, '--out', plan]);
  const { digest } = JSON.parse(readFileSync(plan, 'utf8')) as { digest: string };
  const other = digest.replace(/^./, (first) => (first === '0' ? '1' : '0'));
  const apply = ['apply', plan, ...LAB, '--yes'];

  const refused = await runJson([...apply, '--digest', other]);
  assert.is(refused.exitCode, 4);
  assert.is(refused.document.error?.code, 'plan-digest-differs');
  assert.is((await runbook([...apply, '--digest', digest.slice(0, 12)])).exitCode, 2);
  assert.is(
    (await runbook(['apply', fixture('cards.yml'), ...LAB, '--yes', '--digest', digest])).exitCode,
    2,
  );

  const markdown = path.join(folder, 'r.md');
  const done = await runbook([
    ...apply,
    '--digest',
    digest.toUpperCase(),
    '--report',
    `markdown=${markdown}`,
  ]);
  assert.is(done.exitCode, 0, done.stderr);
  assert.match(done.stdout, `plan file ${plan}, digest ${digest}`);
  assert.match(readFileSync(markdown, 'utf8'), `digest \`${digest}\``);
  const { document } = await runJson(apply);
  assert.equal((document as unknown as { planFile: unknown }).planFile, { file: plan, digest });
});

test.run();
