import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as assert from 'uvu/assert';
import type { DeviceResult, Exit } from '../../src/run/facts/outcome.ts';
import { runbook } from '../support/child.ts';
import { inProject } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { runJson } from './document.ts';

const test = suite('cli: --lab auto');

const directory = mkdtempSync(path.join(tmpdir(), 'rehearsal-'));
test.after(() => rmSync(directory, { recursive: true, force: true }));

const shipped = readFileSync(inProject('playbooks/upgrade-expanders.yml'), 'utf8');

/** A playbook alone in its repository: no lab, no image. */
function playbook(name: string, text = shipped): string {
  const file = path.join(directory, name);
  writeFileSync(file, text);
  return file;
}

interface RehearsalDocument {
  readonly standIns: readonly { readonly image: string; readonly bytes: number; readonly sha256: string }[];
  readonly rehearsals: readonly {
    readonly name: string;
    readonly devices: readonly DeviceResult[];
    readonly problems: readonly string[];
    readonly exit: Exit;
  }[];
}

test('apply rehearses a playbook without device, lab, image and terminal, and remembers nothing', async () => {
  const state = path.join(directory, 'state');
  const { exitCode, stdout, stderr } = await runbook(['apply', playbook('a.yml'), '--lab', 'auto'], {
    env: { RUNBOOK_STATE_DIR: state },
  });
  assert.is(exitCode, 0);
  assert.is(stderr, '');
  assert.match(
    stdout,
    /^PUF21000\.bin is not there: made bytes stand in for it, .*, and its hash was not checked$/m,
  );
  assert.match(stdout, /^as-expected +does what the playbook expects +0 +updated$/m);
  assert.match(stdout, /^never-shows +runs the new code, and its revision never changes +12 +unverified$/m);
  assert.match(stdout, /^ {2}does-not-return: sg1 lost: did not come back/m);
  assert.match(stdout, /^\d+ rehearsals, every verdict is what the device holds$/m);
  assert.is(existsSync(state), false);
});

test('the document is one of the schema, with every device of every rehearsal', async () => {
  const { document, exitCode } = await runJson(['apply', playbook('a.yml'), '--lab', 'auto']);
  assert.equal([document.format, document.command, exitCode], ['runbook.rehearsal/1', 'apply', 0]);
  const { standIns, rehearsals } = document as unknown as RehearsalDocument;
  assert.equal(standIns, [
    {
      image: 'PUF21000.bin',
      bytes: 131072,
      sha256: '2583692ff3e056c4412845370449c6a249af569fbfb3a29a7e123feb98a911d9',
    },
  ]);
  const [first] = rehearsals;
  assert.equal([first!.name, first!.exit.code, first!.devices[0]!.after], ['as-expected', 0, '2.10']);
  assert.ok(rehearsals.every(({ problems }) => problems.length === 0));
});

test('a playbook that gives its device too little time fails its rehearsal: exit 1, and the reason', async () => {
  const hasty = shipped.replace('wait-ready: 2m', 'wait-ready: 1s').replace('within: 2m', 'within: 1s');
  const { exitCode, stdout, stderr } = await runbook([
    'apply',
    playbook('hasty.yml', hasty),
    '--lab',
    'auto',
  ]);
  assert.is(exitCode, 1);
  assert.match(
    stdout,
    /^as-expected: sg1 fits the playbook, and ended degraded: runs 2\.10, but is not ready/m,
  );
  assert.match(stderr, /did not end as it should: as-expected: sg1 fits the playbook/);
  assert.match(stderr, /next: .*correct the playbook/);
  const { document } = await runJson(['apply', playbook('hasty.yml', hasty), '--lab', 'auto']);
  assert.equal([document.format, document.exit.name], ['runbook.rehearsal/1', 'FAILED']);
  assert.match(document.error!.message, /as-expected/);
});

test('an image that is there has to be the pinned one', async () => {
  writeFileSync(path.join(directory, 'there.bin'), 'no image of anybody');
  const file = playbook('there.yml', shipped.replace('file: PUF21000.bin', 'file: there.bin'));
  const { document, exitCode } = await runJson(['apply', file, '--lab', 'auto']);
  assert.is(exitCode, 3);
  assert.equal(
    document.diagnostics.map(({ code }) => code),
    ['image-hash'],
  );
});

test('an image that is there is the one that the simulated devices take', async () => {
  writeFileSync(path.join(directory, 'right.bin'), 'a very small image');
  const text = shipped
    .replace('file: PUF21000.bin', 'file: right.bin')
    .replace(/sha256: \w+/, 'sha256: d7e96a5b6b5f4f5f9a0e');
  const pinned = playbook('right.yml', text.replace('d7e96a5b6b5f4f5f9a0e', '0'.repeat(64)));
  await runbook(['pin', pinned]);
  const { document, exitCode } = await runJson(['apply', pinned, '--lab', 'auto']);
  const { standIns, rehearsals } = document as unknown as RehearsalDocument;
  assert.equal([exitCode, standIns, rehearsals[0]!.devices[0]!.bytes], [0, [], 18]);
});

test('a playbook with a mistake is no rehearsal: exit 3', async () => {
  const { document, exitCode } = await runJson([
    'apply',
    playbook('wrong.yml', shipped.replace('["2.06", "2.08"]', '[2.08]')),
    '--lab',
    'auto',
  ]);
  assert.is(exitCode, 3);
  assert.equal(
    document.diagnostics.map(({ code }) => code),
    ['quote'],
  );
});

test('plan shows what apply would do with a device that fits', async () => {
  const { document, exitCode } = await runJson(['plan', playbook('a.yml'), '--lab', 'auto']);
  assert.equal([document.format, exitCode], ['runbook.plan/1', 0]);
  assert.equal(
    document.devices!.map(({ action }) => action),
    ['update'],
  );
  const text = await runbook(['plan', playbook('a.yml'), '--lab', 'auto', '--exit-code']);
  assert.is(text.exitCode, 5);
  assert.match(text.stdout, /update {2}sg1 .* 2\.06 → 2\.10/);
  assert.match(text.stderr, /PUF21000\.bin is not there/);
});

test('the result can be a test report of CI', async () => {
  const report = path.join(directory, 'report.xml');
  await runbook(['apply', playbook('a.yml'), '--lab', 'auto', '--report', `junit=${report}`]);
  assert.match(readFileSync(report, 'utf8'), /<testcase classname="rehearsal" name="as-expected"/);
});

for (const [title, args, message] of [
  ['--only', ['apply', 'a.yml', '--lab', 'auto', '--only', 'sg1'], /--only does not go with --lab auto/],
  ['--trace', ['apply', 'a.yml', '--lab', 'auto', '--trace', 't'], /--trace does not go with --lab auto/],
  ['--lab-state', ['apply', 'a.yml', '--lab', 'auto', '--lab-state', 's'], /--lab-state does not go/],
  ['--out', ['plan', 'a.yml', '--lab', 'auto', '--out', 'p'], /--out does not go with --lab auto/],
  ['devices', ['devices', '--lab', 'auto'], /--lab auto makes devices that fit a playbook/],
  ['validate', ['validate', 'a.yml', '--lab', 'auto'], /--lab auto makes devices that fit a playbook/],
] as const) {
  test(`${title} has nothing to do with it: exit 2`, async () => {
    playbook('a.yml');
    const { document, exitCode } = await runJson(args, { cwd: directory });
    assert.is(exitCode, 2);
    assert.match(document.error!.message, message);
  });
}

test.run();
