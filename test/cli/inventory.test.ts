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
    readonly work: string;
    readonly devices: unknown;
    readonly exit: unknown;
  }[];
  readonly digest: string | null;
  readonly alike: readonly { readonly hosts: readonly string[]; readonly exit: { readonly code: number } }[];
  readonly shared: readonly { readonly id: string; readonly hosts: readonly string[] }[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Records the lab as host `name`, changed in its text by `change`. */
async function record(name: string, change: (text: string) => string = (text) => text): Promise<string> {
  const { stdout, exitCode } = await runbook(['devices', '--probe', '--lab', LAB, '--format', 'json']);
  assert.is(exitCode, 0);
  writeFileSync(at(name), change(stdout.replace(`"host": "${hostname()}"`, `"host": "${name}"`)));
  return at(name);
}

/** The same host, but for the names of its units. */
const apart = (text: string, digit: string): string =>
  text
    .replaceAll(/(?<=50014380)[0-9a-f]/g, digit)
    .replaceAll(/"serialNumber": "\w/g, `"serialNumber": "${digit}`);

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
    await record('beta', (text) => apart(text, 'b').replaceAll('"revision": "2.08"', '"revision": "1.52"')),
    await record('gamma', (text) =>
      apart(text, 'c')
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

test('of many hosts those that are alike are told once, and what several of them reach', async () => {
  const files: string[] = [];
  for (let index = 0; index < 7; index++)
    files.push(await record(`m${index}`, (text) => apart(text, String(index))));
  // Both heads of one shelf.
  files.push(await record('m7', (text) => apart(text, '6')));
  files.push(
    await record('m8', (text) => apart(text, '8').replaceAll('"revision": "2.08"', '"revision": "1.52"')),
  );
  const { document } = await planOf(files);
  assert.equal(
    document.alike.map(({ hosts, exit }) => [hosts.length, exit.code]),
    [
      [8, 0],
      [1, 4],
    ],
  );
  assert.ok(document.shared.length > 0);
  for (const { hosts } of document.shared) assert.equal(hosts, ['m6', 'm7']);
  // Each unit once: those of m7 are those of m6.
  assert.equal(document.counts, { update: 14, current: 8, pending: 0, refused: 2 });
  assert.is(new Set(document.hosts.map(({ work }) => work)).size, 8);
  const { stdout } = await runbook(['plan', PLAYBOOK, '--lab', LAB, '--inventory', ...files]);
  assert.match(stdout, /^9 hosts: 8 alike, 1 differs$/m);
  assert.match(stdout, /^ {4}2 × HP HP SAS EXP Card 2\.08 → 2\.10$/m);
  assert.match(stdout, /^several hosts reach these units/m);
  assert.not.match(stdout, /^host m0/m);
});

test('one plan file for all hosts: each obeys its part, and another host is refused', async () => {
  const [here, there] = [await record(hostname()), await record('there', (text) => apart(text, 'd'))];
  const { document } = await planOf([here, there], '--out', at('fleet.json'));
  const apply = (...more: string[]) => runJson(['apply', at('fleet.json'), '--yes', '--lab', LAB, ...more]);
  const wrong = await apply('--digest', 'ab'.repeat(32));
  assert.equal([wrong.exitCode, wrong.document.error?.code], [4, 'plan-digest-differs']);
  const obeyed = await apply('--digest', document.digest!);
  assert.is(obeyed.exitCode, 0, obeyed.stderr);
  await planOf([there], '--out', at('fleet.json'));
  const other = await apply();
  assert.is(other.exitCode, 4);
  assert.is(other.document.error?.code, 'plan-of-other-host');
  writeFileSync(
    at('fleet.json'),
    readFileSync(at('fleet.json'), 'utf8').replace('"there"', `"${hostname()}"`),
  );
  assert.is((await apply()).exitCode, 3);
});

test('--only names a unit of one of the hosts; a name that none has is refused', async () => {
  const files = [await record('one'), await record('two', (text) => apart(text, 'e'))];
  const recorded = JSON.parse(readFileSync(files[1]!, 'utf8')) as { devices: { probe: { id: string } }[] };
  const [own] = recorded.devices;
  const { document, exitCode } = await planOf(files, '--only', own!.probe.id);
  assert.is(exitCode, 0);
  assert.equal(
    document.hosts.map(({ counts }) => counts.update),
    [0, 1],
  );
  const none = await planOf(files, '--only', 'naa.5000000000000001');
  assert.equal([none.exitCode, none.document.error?.code], [10, 'only-unknown']);
});

test('without the image, its hash and its size give the same plan', async () => {
  const file = await record('alpha');
  const { document: full } = await planOf([file]);
  const text = readFileSync(PLAYBOOK, 'utf8');
  writeFileSync(at('bare.yml'), text);
  const bare = await runJson(['plan', at('bare.yml'), '--inventory', file]);
  assert.equal([bare.exitCode, bare.document.diagnostics.map(({ code }) => code)], [3, ['image-size']]);
  writeFileSync(at('sized.yml'), text.replace(/^( +)sha256: .*$/m, '$&\n$1size: 1MiB'));
  const sized = (await runJson(['plan', at('sized.yml'), '--inventory', file])).document as Plans;
  assert.equal(sized.hosts[0]!.work, full.hosts[0]!.work);
  // What is obeyed on a host needs the bytes.
  const plan = await runJson(['plan', at('sized.yml')]);
  assert.equal(plan.document.diagnostics[0]?.code, 'image-missing');
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
  for (const more of [['--explain'], ['--trace', at('trace')]]) {
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
