import * as assert from 'uvu/assert';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runbook } from '../support/child.ts';
import { suite } from '../support/suite.ts';
import { runJson } from './document.ts';
import type { AnyDocument } from './document.ts';

const test = suite('sections, activation alone and programs of vendors, through the program');

const LAB = `lab: v1
images:
  - {name: boot.bin, bytes: 5000, rule: zeros, revision: "2.08"}
  - {name: fw.bin, bytes: 64KiB, rule: standard, revision: "2.10"}
devices:
  - {persona: disk-two-buffers, revision: "2.08", node: sg1}
`;

const directory = mkdtempSync(path.join(tmpdir(), 'runbook-sections-'));
test.after(() => rmSync(directory, { recursive: true, force: true }));

const at = (name: string): string => path.join(directory, name);
let count = 0;

/** A pinned playbook for the disk of the lab, with this download and these steps. */
async function playbook(download: string, activate = '[activate_mc, wait-ready: 1m]'): Promise<string> {
  writeFileSync(at('lab.yml'), LAB);
  const file = at(`${++count}.yml`);
  writeFileSync(
    file,
    `runbook: v1
name: disks
plays:
  - name: disks
    match: {type: disk, vendor: LAB, product: DISK, revision: ["2.08"]}
    firmware:
      file: fw.bin
      revision: "2.10"
${download === '' ? '' : `    download:\n${download}\n`}    activate: ${activate}
    verify: {within: 5s}
strategy: {redundancy: outage-accepted}
`,
  );
  const { exitCode, stdout } = await runbook(['pin', file, '--lab', at('lab.yml')]);
  assert.is(exitCode, 0, stdout);
  return file;
}

/** Each with a state of its own, unless it names one: what an earlier test did to the disk is not remembered. */
const apply = (file: string, ...options: string[]): Promise<{ document: AnyDocument; stderr: string }> =>
  runJson(['apply', file, '--lab', at('lab.yml'), '--yes', '--state-dir', at(`state-${count}`), ...options]);

const ONE = '      {via: write-buffer, mode: dmc_offs_defer, bpw: 4k}';
const TWO = `      - {via: write-buffer, mode: dmc_offs_defer, bpw: 1k, file: boot.bin, buffer-id: 1, unproven: accepted}
      - {via: write-buffer, mode: dmc_offs_defer, bpw: 4k}`;

test('two files go to two buffers, with one activation, and the plan shows both', async () => {
  const file = await playbook(TWO);
  const { stdout } = await runbook(['plan', file, '--lab', at('lab.yml')]);
  assert.match(stdout, 'send      1 of 2: WRITE BUFFER dmc_offs_defer, buffer 1, bpw 1024, 5 commands');
  assert.match(stdout, '            of boot.bin: 4.88 KiB (5000 bytes), sha256');
  assert.match(stdout, 'UNPROVEN: nothing shows afterwards whether this section runs (unproven: accepted)');
  assert.match(stdout, 'send      2 of 2: WRITE BUFFER dmc_offs_defer, bpw 4096, 16 commands');
  const { document } = await apply(file);
  const [disk] = document.devices!;
  assert.equal([disk!.outcome, disk!.bytes, disk!.chunks], ['updated', 70_536, 21]);
  assert.is(disk!.reason, 'runs 2.10; nothing shows whether section 1 of 2 runs (unproven: accepted)');
  assert.is(document.exit.name, 'OK');
});

test('a section whose image is another one than it pins is found before any device is opened', async () => {
  const file = await playbook(TWO.replace('file: boot.bin', `file: boot.bin, sha256: "${'0'.repeat(64)}"`));
  // `pin` has put it right: wrong it again.
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(
      /boot\.bin, sha256: "[0-9a-f]{64}"/,
      `boot.bin, sha256: "${'0'.repeat(64)}"`,
    ),
  );
  const { document } = await apply(file);
  assert.is(document.exit.name, 'INVALID');
  assert.equal(
    document.diagnostics.map(({ code, path: where }) => [code, where]),
    [['image-hash', '/plays/0/download/0/sha256']],
  );
});

test('a failure in section 2 names it, and nothing is activated', async () => {
  writeFileSync(at('lab.yml'), LAB);
  const file = await playbook(TWO);
  const fault = '{command: write-buffer, nth: 8, sense: "4/3E/03"}';
  writeFileSync(at('lab.yml'), LAB.replace('node: sg1}', `node: sg1, faults: [${fault}]}`));
  const { document } = await apply(file);
  const [disk] = document.devices!;
  assert.is(disk!.outcome, 'failed');
  assert.match(disk!.reason!, /^runs 2\.08 still: section 2 of 2: WRITE BUFFER/);
  assert.is(disk!.chunks, 7);
});

test('manufacturing data is written with its acknowledgement alone, and the plan says it loudly', async () => {
  const words = `${ONE.slice(0, -1)}, region: manufacturing}`;
  const file = await playbook(words.replace('}', ', acknowledge: manufacturing-data}'));
  const { stdout } = await runbook(['plan', file, '--lab', at('lab.yml')]);
  assert.match(stdout, 'REPLACES MANUFACTURING DATA');
  assert.is((await apply(file)).document.devices![0]!.outcome, 'updated');
  writeFileSync(file, readFileSync(file, 'utf8').replace(', acknowledge: manufacturing-data', ''));
  const { document } = await apply(file);
  assert.is(document.exit.name, 'INVALID');
  assert.equal(
    document.diagnostics.map(({ code }) => code),
    ['acknowledge'],
  );
});

test('a download without activation ends pending, and activation alone finishes it', async () => {
  const state = ['--lab-state', at('kept.json'), '--state-dir', at('kept')];
  const sent = await apply(await playbook(ONE, '[]'), ...state);
  assert.is(sent.document.exit.name, 'PENDING');
  assert.is(sent.document.devices![0]!.outcome, 'pending');
  assert.ok(sent.document.devices![0]!.pending!.includes('activation'));
  const { document } = await apply(await playbook(''), ...state);
  const [disk] = document.devices!;
  assert.equal([disk!.outcome, disk!.after, disk!.bytes], ['updated', '2.10', 0]);
});

test('activation alone without an image that waits is refused, and nothing is sent', async () => {
  const { document } = await apply(await playbook(''));
  assert.is(document.exit.name, 'REFUSED');
  const [disk] = document.devices!;
  assert.is(disk!.outcome, 'refused');
  assert.is(disk!.error!.code, 'nothing-waits');
});

const EXTERNAL = '      {via: external, run: [/usr/local/sbin/flash, "--fast"], within: 10m}';

test('a vendor program is rehearsed on a lab, and never executed', async () => {
  const marker = at('executed');
  writeFileSync(at('tool'), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
  const file = await playbook(EXTERNAL.replace('/usr/local/sbin/flash', at('tool')), '[wait-ready: 1m]');
  const { document, stderr } = await apply(file);
  assert.is(document.devices![0]!.outcome, 'updated');
  assert.match(stderr, 'not executed; the lab put fw.bin into the device');
  assert.not.ok(existsSync(marker));
});

test('a program without an absolute path is a mistake', async () => {
  const file = await playbook(EXTERNAL, '[wait-ready: 1m]');
  writeFileSync(file, readFileSync(file, 'utf8').replace('/usr/local/sbin/flash', 'flash'));
  const { document } = await apply(file);
  assert.is(document.exit.name, 'INVALID');
  assert.match(document.diagnostics[0]!.message, 'flash is not an absolute path');
});

test.run();
