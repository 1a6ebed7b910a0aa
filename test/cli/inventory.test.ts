import * as assert from 'uvu/assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { runbook } from '../support/child.ts';
import { inProject } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { runJson, type AnyDocument } from './document.ts';

const test = suite('plan --inventory');

const directory = mkdtempSync(path.join(tmpdir(), 'runbook-inventory-'));
const at = (name: string): string => path.join(directory, name);
const PLAYBOOK = inProject('playbooks/upgrade-expanders.yml');
const LAB = inProject('playbooks/upgrade-expanders.lab.yml');

interface Plans extends AnyDocument {
  readonly hosts: readonly {
    readonly host: string;
    readonly file: string;
    readonly ageSeconds: number;
    readonly counts: Readonly<Record<string, number>>;
    readonly devices: unknown;
    readonly exit: unknown;
  }[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Records the lab as host `name`, changed in its text by `change`. */
async function record(name: string, change: (text: string) => string = (text) => text): Promise<string> {
  const { stdout, exitCode } = await runbook(['devices', '--probe', '--lab', LAB, '--format', 'json']);
  assert.is(exitCode, 0);
  writeFileSync(at(name), change(stdout.replace(`"host": "${hostname()}"`, `"host": "${name}"`)));
  return at(name);
}

const planOf = async (files: readonly string[], ...more: readonly string[]) => {
  const { document, ...rest } = await runJson([
    'plan',
    PLAYBOOK,
    '--lab',
    LAB,
    '--inventory',
    ...files,
    ...more,
  ]);
  return { ...rest, document: document as Plans };
};

test('a recorded host is planned as the host itself is', async () => {
  const { document: direct } = await runJson(['plan', PLAYBOOK, '--lab', LAB]);
  const { document, exitCode } = await planOf([await record('alpha')]);
  assert.is(exitCode, 0);
  assert.equal(document.hosts[0]!.devices, direct.devices);
  assert.is(document.hosts[0]!.host, 'alpha');
  assert.ok(document.hosts[0]!.ageSeconds < 600);
});

test('many hosts: each has its plan, and one table shows all; the exit code is that of all', async () => {
  const files = [
    await record('alpha'),
    await record('beta', (text) => text.replaceAll('"revision": "2.08"', '"revision": "1.52"')),
    await record('gamma', (text) =>
      text
        .replaceAll('"product": "HP SAS EXP Card"', '"product": "OTHER"')
        .replace(/"recorded": "[^"]*"/, '"recorded": "2020-01-01T00:00:00.000Z"'),
    ),
  ];
  const { document, exitCode } = await planOf(files);
  assert.is(exitCode, 4);
  assert.equal(
    document.hosts.map(({ host, counts, exit }) => [host, counts, exit]),
    [
      ['alpha', { update: 2, current: 1, pending: 0, refused: 0 }, { code: 0, name: 'OK' }],
      ['beta', { update: 0, current: 1, pending: 0, refused: 2 }, { code: 4, name: 'REFUSED' }],
      ['gamma', { update: 0, current: 0, pending: 0, refused: 0 }, { code: 10, name: 'NOMATCH' }],
    ],
  );
  assert.equal(document.counts, { update: 2, current: 2, pending: 0, refused: 2 });
  const { stdout } = await runbook(['plan', PLAYBOOK, '--lab', LAB, '--inventory', ...files]);
  assert.match(stdout, /^host gamma {2}recorded \d+ days ago \(2020-01-01T00:00:00\.000Z\) by runbook /m);
  const table = stdout.slice(stdout.indexOf('HOST')).split('\n');
  assert.equal(
    table.slice(0, 5).map((line) => line.replace(/\d+ (minutes?|days)/, 'N').replaceAll(/ +/g, ' ')),
    [
      'HOST UPDATE CURRENT PENDING REFUSED AGE EXIT',
      'alpha 2 1 0 0 N 0 (OK)',
      'beta 0 1 0 2 N 4 (REFUSED)',
      'gamma 0 0 0 0 N 10 (NOMATCH)',
      '3 hosts 2 2 0 2',
    ],
  );
  const changes = await planOf([files[0]!], '--exit-code');
  assert.is(changes.exitCode, 5);
});

test('files that cannot be used are told all at once, with their place', async () => {
  const good = await record('alpha');
  const old = await record('old', (text) => text.replace('"designators"', '"designator"'));
  const twin = await record('twin', (text) => text.replace('"host": "twin"', '"host": "alpha"'));
  writeFileSync(at('cut'), readFileSync(good, 'utf8').slice(0, 500));
  const bare = at('bare');
  writeFileSync(bare, (await runbook(['devices', '--lab', LAB, '--format', 'json'])).stdout);
  const { document, exitCode } = await planOf([good, old, twin, at('cut'), bare, at('none')]);
  assert.is(exitCode, 3);
  const told = document.diagnostics.map(({ file, code, message }) => [path.basename(file), code, message]);
  assert.equal(
    told.map(([file, code]) => [file, code]),
    ['old', 'twin', 'cut', 'bare', 'none'].map((name) => [name, 'inventory']),
  );
  for (const [index, pattern] of [
    /^is damaged at \/inventory\/paths\/0\/seen\/identity\/designators, written by runbook/,
    /is of host alpha, like .*alpha; give only the newer one/,
    /is not JSON/,
    /was written without --probe/,
    /there is no such file; check the path/,
  ].entries())
    assert.match(told[index]![2]!, pattern);
});

test('nothing is written or applied from a recorded host', async () => {
  const file = await record('alpha');
  for (const more of [['--out', at('plan.json')], ['--explain'], ['--trace', at('trace')]]) {
    const { exitCode, document } = await planOf([file], ...more);
    assert.is(exitCode, 2, more[0]);
    assert.match(document.error!.message, `${more[0]!} cannot be used with --inventory`);
  }
  const { exitCode } = await runbook(['apply', PLAYBOOK, '--yes', '--lab', LAB, '--inventory', file]);
  assert.is(exitCode, 2);
  const asPlan = await runbook(['apply', file, '--yes', '--lab', LAB]);
  assert.is(asPlan.exitCode, 3);
});

test('plan --explain shows the lines, and the document has them for each unit', async () => {
  const { stdout } = await runbook(['plan', PLAYBOOK, '--lab', LAB, '--explain']);
  assert.match(stdout, /^explain: play hp-sas-expander on \/dev\/sg1$/m);
  assert.match(
    stdout,
    / {4}\$ sg_write_buffer --mode=dmc_offs_defer --bpw=4096 .*PUF21000\.bin \/dev\/sg1\n/,
  );
  assert.match(stdout, /^ {2}the same for \/dev\/sg2, with their own names$/m);
  const { document } = await runJson(['plan', PLAYBOOK, '--lab', LAB, '--explain']);
  const { explain } = document as AnyDocument & { explain: readonly { node: string }[] };
  assert.equal(
    explain.map(({ node }) => node),
    ['/dev/sg1', '/dev/sg2'],
  );
  const plain = await runJson(['plan', PLAYBOOK, '--lab', LAB]);
  assert.is((plain.document as AnyDocument & { explain: unknown }).explain, null);
});

test.after(() => rmSync(directory, { recursive: true, force: true }));

test.run();
