import * as assert from 'uvu/assert';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { debianRootProblem, inDebianRoot, makeDebianRoot } from '../support/debian-root.ts';
import { inProject } from '../support/paths.ts';
import { missing, suite } from '../support/suite.ts';

/** The other tests run with the ansible-core of Debian 12. This one has Debian 13's, and the Node.js of that. */
const RELEASE = 'trixie';
const PACKAGES = ['ansible-core', 'nodejs'];
const ENVIRONMENT = [
  'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/root',
  'LC_ALL=C.UTF-8',
  'ANSIBLE_NOCOLOR=1',
  'ANSIBLE_COLLECTIONS_PATH=/opt',
];

const reason = debianRootProblem([]);
if (reason !== null) missing('fleet', reason);
const test = suite("the collection with Debian 13's Ansible");
const it = (title: string, body: () => Promise<void>): void => {
  if (reason === null) test(title, body);
  else test.skip(title, body);
};

const folder = mkdtempSync(path.join(tmpdir(), 'runbook-trixie-'));
const root = path.join(folder, RELEASE);
test.before(async () => {
  if (reason !== null) return;
  await makeDebianRoot(root, RELEASE, PACKAGES);
  const collection = path.join(root, 'opt/ansible_collections/runbook/firmware');
  mkdirSync(path.dirname(collection), { recursive: true });
  cpSync(inProject('ansible/runbook/firmware'), collection, { recursive: true });
  for (const name of ['dist', 'playbooks'])
    cpSync(inProject(name), path.join(root, 'root', name), { recursive: true });
  const task = {
    playbook: 'playbooks/upgrade-expanders.yml',
    bundle: 'dist',
    lab: '/root/playbooks/upgrade-expanders.lab.yml',
    lab_state: '/root/lab.state',
  };
  const play = { hosts: 'localhost', connection: 'local', gather_facts: false };
  const tasks = [{ name: 'Upgrade', 'runbook.firmware.upgrade': task }];
  writeFileSync(path.join(root, 'root/play.yml'), JSON.stringify([{ ...play, tasks }]));
});
test.after(() => rmSync(folder, { recursive: true, force: true }));

async function printed(line: string): Promise<string> {
  const { exitCode, stdout, stderr } = await inDebianRoot(root, '/root', line, { environment: ENVIRONMENT });
  assert.is(exitCode, 0, `${line}\n${stdout}\n${stderr}`);
  assert.not.match(stdout + stderr, /DEPRECATION/i);
  return stdout;
}

it('ansible-doc shows the modules, the filter and the role', async () => {
  const modules = ['facts', 'upgrade', 'verify'].map((name) => `runbook.firmware.${name}`);
  const docs = JSON.parse(await printed(`ansible-doc --json ${modules.join(' ')}`)) as object;
  assert.equal(Object.keys(docs).sort(), modules);
  await printed('ansible-doc --type filter runbook.firmware.batches');
  await printed('ansible-doc --type role runbook.firmware.upgrade');
});

it('a play in check mode, and the play', async () => {
  assert.match(await printed('ansible-playbook --check --diff play.yml'), /\+naa\.\S+ HP SAS EXP Card 2\.10/);
  assert.match(await printed('ansible-playbook play.yml'), /^localhost +: ok=1 +changed=1 /m);
});

test.run();
