import * as assert from 'uvu/assert';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Finding } from '../../src/report/doctor-text.ts';
import { runbook } from '../support/child.ts';
import { suite } from '../support/suite.ts';
import { scanned, sysfsTree } from '../support/sysfs-tree.ts';
import { fixture, runJson } from './document.ts';

const test = suite('doctor');
const scratch = mkdtempSync(path.join(tmpdir(), 'runbook-doctor-'));
test.after(() => rmSync(scratch, { recursive: true, force: true }));

async function findings(
  words: readonly string[],
): Promise<{ all: readonly Finding[]; exitCode: number | null }> {
  const { document, exitCode } = await runJson(['doctor', ...words]);
  assert.is(document.format, 'runbook.doctor/1');
  const all = (document as unknown as { findings: readonly Finding[] }).findings;
  assert.is(exitCode, all.some(({ status }) => status === 'problem') ? 4 : 0);
  return { all, exitCode };
}
const of = (all: readonly Finding[], check: Finding['check']): readonly Finding[] =>
  all.filter((finding) => finding.check === check);

test('names adapters, their limits and nodes that are missing; each problem has a next step', async () => {
  const tree = sysfsTree(
    [{ host: 6, procName: 'mpt3sas' }],
    [
      { hctl: '6:0:1:0', sg: 'sg9876', attributes: scanned(13, 'HP', 'HP SAS EXP Card', '2.08') },
      { hctl: '6:0:2:0', attributes: scanned(13, 'HP', 'HP SAS EXP Card', '2.08') },
    ],
  );
  try {
    const { all } = await findings(['--sysfs', tree.sysfsRoot, '--proc', tree.procRoot]);
    assert.match(of(all, 'host-adapter')[0]!.found, /^mpt3sas: 2 devices, /);
    const [bare, missing] = of(all, 'sg-nodes');
    assert.match(bare!.found, '6:0:2:0');
    assert.match(missing!.found, '/dev/sg9876');
    for (const { status, next } of all) assert.is(next === null, status === 'ok');
  } finally {
    tree.remove();
  }
});

test('a kernel without the sg driver is a problem', async () => {
  const sysfs = path.join(scratch, 'sys');
  mkdirSync(path.join(sysfs, 'class'), { recursive: true });
  mkdirSync(path.join(sysfs, 'bus'), { recursive: true });
  const { all, exitCode } = await findings(['--sysfs', sysfs]);
  assert.is(exitCode, 4);
  assert.is(of(all, 'sg-driver')[0]!.status, 'problem');
});

test('says what waits, and who else can change a place that root trusts', async () => {
  const lab = ['--lab', fixture('boots.lab.yml'), '--lab-state', path.join(scratch, 'lab.state')];
  const own = ['--state-dir', path.join(scratch, 'state'), ...lab];
  assert.equal(
    of((await findings(own)).all, 'earlier-runs').map(({ status }) => status),
    ['ok'],
  );
  await runJson(['apply', fixture('boots.yml'), '--yes', ...own]);
  const [waits] = of((await findings(own)).all, 'earlier-runs');
  assert.match(waits!.found, /: pending since run /);
  assert.match(waits!.next!, /runbook verify /);
  if (process.getuid?.() !== 0) return;
  const open = path.join(scratch, 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  const { stdout, exitCode } = await runbook(['doctor', '--state-dir', open]);
  assert.is(exitCode, 4);
  assert.match(stdout, /problem +state-directory .*open can be changed by every user\n +next: /);
});

test.run();
