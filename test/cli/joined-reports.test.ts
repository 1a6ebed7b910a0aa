import * as assert from 'uvu/assert';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runbook } from '../support/child.ts';
import { inProject } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { runJson, type AnyDocument } from './document.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'runbook-joined-'));
const at = (name: string): string => path.join(directory, name);
const PLAYBOOK = inProject('playbooks/upgrade-expanders.yml');
const LAB = readFileSync(inProject('playbooks/upgrade-expanders.lab.yml'), 'utf8');

interface Joined extends AnyDocument {
  readonly hosts: readonly {
    readonly host: string;
    readonly state: string;
    readonly message: string | null;
    readonly devices: readonly { readonly outcome: string }[];
  }[];
}

const test = suite('report FILE…');
test.after(() => rmSync(directory, { recursive: true, force: true }));

/** The plan of a host, kept under its name. */
async function planned(host: string, lab: string): Promise<string> {
  writeFileSync(at(`${host}.lab.yml`), lab);
  const { stdout } = await runbook(['plan', PLAYBOOK, '--lab', at(`${host}.lab.yml`), '--format', 'json']);
  writeFileSync(at(`${host}.json`), stdout);
  return at(`${host}.json`);
}

test('the same report twice, and a file that is none', async () => {
  const file = await planned('once', LAB);
  writeFileSync(at('page.html'), '<html></html>');
  const { exitCode, stderr } = await runbook([
    'report',
    file,
    path.join(directory, '.', 'once.json'),
    at('page.html'),
  ]);
  assert.is(exitCode, 3);
  assert.match(stderr, /is the same report as .*once\.json .*\n.*give each report once/);
  assert.match(
    stderr,
    /page\.html: error: is not JSON[^]*= give the files that apply, verify or plan --format json wrote/,
  );
});

test('a plan file is not taken for a report, and is called by its name', async () => {
  writeFileSync(at('file.lab.yml'), LAB);
  await runbook(['plan', PLAYBOOK, '--lab', at('file.lab.yml'), '--out', at('plan-file.json')]);
  const { exitCode, stderr } = await runbook(['report', at('plan-file.json')]);
  assert.is(exitCode, 3);
  assert.match(stderr, /does not say how a command ended: it is runbook\.plan-file\/1/);
});

test('hosts that have a plan alone: not begun, nothing to do, refused, no such device', async () => {
  const files = [
    await planned('todo', LAB),
    await planned('done', LAB.replaceAll('revision: "2.08"', 'revision: "2.10"')),
    await planned('refused', LAB.replaceAll('revision: "2.08"', 'revision: "1.52"')),
    await planned(
      'other',
      'lab: v1\nimages: [{ name: PUF21000.bin, bytes: 1MiB, rule: standard, revision: "2.10" }]\ndevices: [{ persona: disk, revision: "0001" }]\n',
    ),
  ];
  const { document, exitCode } = await runJson(['report', ...files]);
  assert.is(exitCode, 4);
  const { hosts } = document as Joined;
  assert.equal(
    hosts.map(({ host, state, devices }) => [host, state, devices.map(({ outcome }) => outcome)]),
    [
      ['refused', 'ended', ['refused', 'refused', 'current']],
      ['todo', 'not-begun', ['current']],
      ['other', 'ended', []],
      ['done', 'ended', ['current', 'current', 'current']],
    ],
  );
  assert.match(hosts.find(({ host }) => host === 'other')!.message!, /HP SAS EXP Card/);
  const { stdout } = await runbook(['report', ...files]);
  assert.match(stdout, /^4 hosts: 1 failed, 1 not begun, 1 well$/m);
  assert.match(stdout, /^refused sg.* refused: runs "1\.52"/m);
});

test.run();
