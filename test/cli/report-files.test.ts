import * as assert from 'uvu/assert';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runbook, type Finished } from '../support/child.ts';
import { inProject } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { parseJunit } from '../unit/report/junit-document.ts';
import { obeys } from '../unit/report/schemas.ts';
import { fixture, runJson } from './document.ts';

const LAB = ['--lab', fixture('three.lab.yml')];
const APPLY = ['apply', fixture('cards.yml'), ...LAB, '--yes'];

const home = mkdtempSync(path.join(tmpdir(), 'runbook-reports-'));
/** Paths in a new directory. */
const inNew = (): ((name: string) => string) => {
  const directory = mkdtempSync(path.join(home, 'd'));
  return (name) => path.join(directory, name);
};
const read = (file: string): string => readFileSync(file, 'utf8');

const test = suite('report files');
test.after(() => rmSync(home, { recursive: true }));

test('apply writes every kind that it is asked for, and nothing else is left behind', async () => {
  const at = inNew();
  const kinds = { json: 'r.json', jsonl: 'r.jsonl', junit: 'r.xml', markdown: 'r.md' };
  const options = Object.entries(kinds).flatMap(([kind, name]) => ['--report', `${kind}=${at(name)}`]);
  const { document, exitCode } = await runJson([...APPLY, ...options]);
  assert.is(exitCode, 0);
  assert.equal(JSON.parse(read(at('r.json'))), document);
  const lines = read(at('r.jsonl')).trimEnd().split('\n');
  for (const line of lines.slice(0, -1)) obeys('events', JSON.parse(line));
  assert.match(lines[0]!, '"type":"run-started"');
  assert.match(lines.at(-2)!, '"type":"run-finished"');
  assert.equal(JSON.parse(lines.at(-1)!), document);
  assert.is(parseJunit(read(at('r.xml'))).attributes['tests'], '3');
  assert.match(read(at('r.md')), '# HP cards to 2.10\n\n**2 updated, 1 current**');
  assert.equal(readdirSync(at('.')).sort(), Object.values(kinds).sort());
});

test('a report is written when the playbook is invalid, and when nothing matches', async () => {
  const at = inNew();
  const invalid = await runbook([
    ...['apply', fixture('wrong.yml'), ...LAB, '--yes'],
    ...['--report', `junit=${at('r.xml')}`, '--report', `json=${at('r.json')}`],
  ]);
  assert.is(invalid.exitCode, 3);
  assert.match(invalid.stderr, '3 errors');
  assert.is(parseJunit(read(at('r.xml'))).attributes['errors'], '1');
  const document = JSON.parse(read(at('r.json'))) as { format: string };
  obeys('report', document);
  assert.is(document.format, 'runbook.diagnostics/1');

  const none = [...['apply', fixture('disks.yml'), ...LAB, '--yes'], '--report', `markdown=${at('r.md')}`];
  const finished = await runbook(none);
  assert.ok(finished.exitCode !== 0);
  assert.match(read(at('r.md')), `exit ${String(finished.exitCode)} (`);
});

test('verify writes reports too', async () => {
  const at = inNew();
  const args = ['verify', ...LAB, '--report', `junit=${at('r.xml')}`, '--report', `jsonl=${at('r.jsonl')}`];
  assert.is((await runbook(args)).exitCode, 0);
  assert.is(parseJunit(read(at('r.xml'))).attributes['errors'], '0');
  obeys('report', JSON.parse(read(at('r.jsonl'))));
});

test('a rehearsal is a test report with a case for each thing that devices do', async () => {
  const at = inNew();
  for (const [playbook, failures] of [
    [inProject('playbooks/upgrade-expanders.yml'), 0],
    [fixture('cards.yml'), 1], // which gives its device 3 s
  ] as const) {
    const args = ['apply', playbook, '--lab', 'auto', '--report', `junit=${at('r.xml')}`];
    assert.is((await runbook(args)).exitCode, failures);
    const { attributes } = parseJunit(read(at('r.xml')));
    assert.ok(Number(attributes['tests']) > 5);
    assert.is(attributes['failures'], String(failures));
  }
});

/** Ends with 2 before a device, or the playbook, is looked at. */
async function refused(words: readonly string[], said: string | RegExp): Promise<Finished> {
  const trace = inNew()('trace.jsonl');
  const options = words.flatMap((word) => ['--report', word]);
  const finished = await runbook([...APPLY, '--trace', trace, ...options]);
  assert.is(finished.exitCode, 2);
  assert.match(finished.stderr, said);
  assert.match(finished.stderr, /\n {2}next: /);
  assert.not(existsSync(trace), 'no command was sent');
  return finished;
}

test('a file that cannot be written is found before anything is sent', async () => {
  const at = inNew();
  mkdirSync(at('directory'));
  await refused([`json=${at('none/r.json')}`], 'cannot be written: no such file or directory (ENOENT)');
  await refused([`json=${at('directory')}`], 'is a directory');
  await refused(['junit=/dev/null'], 'is not a regular file');
  assert.ok(statSync('/dev/null').isCharacterDevice());
  await refused([`markdown=${fixture('cards.yml')}/r.md`], 'cannot be written: not a directory (ENOTDIR)');
  assert.equal(readdirSync(at('.')), ['directory']);
});

test('words that are not KIND=FILE are refused with what there is', async () => {
  for (const word of ['r.json', 'pdf=r.pdf', 'json=', '=r.json', 'JSON=r.json']) {
    await refused([word], `--report ${word} is not KIND=FILE`);
  }
  const { stderr } = await refused(['xml=r.xml'], 'is not KIND=FILE');
  assert.match(stderr, 'kinds are json, jsonl, junit, markdown, html.');
});

test('a report does not replace the playbook, the lab, or another report', async () => {
  const at = inNew();
  const playbook = read(fixture('cards.yml'));
  symlinkSync(fixture('cards.yml'), at('link.yml'));
  await refused([`json=${at('link.yml')}`], 'this command already uses the file');
  await refused([`json=${fixture('three.lab.yml')}`], 'this command already uses the file');
  await refused([`json=${at('r')}`, `junit=${at('./x/../r')}`], 'this command already uses the file');
  assert.is(read(fixture('cards.yml')), playbook);
  assert.equal(readdirSync(at('.')), ['link.yml']);
});

test('nothing that the playbook or the lab names is written over, whatever name of the file is given', async () => {
  const at = inNew();
  writeFileSync(at('fw.bin'), 'image');
  linkSync(at('fw.bin'), at('twin.bin'));
  writeFileSync(
    at('a.yml'),
    'runbook: v1\nplays: [{firmware: {file: fw.bin}}, {download: {run: [./tool]}}]\n',
  );
  writeFileSync(at('tool'), 'tool');
  writeFileSync(at('a.lab.yml'), 'lab: v1\nimages: [{name: x, file: other.bin}]\n');
  writeFileSync(at('other.bin'), 'other');
  writeFileSync(at('plan.json'), '{"format": "runbook.plan-file/1", "playbook": {"file": "a.yml"}}');
  const before = readdirSync(at('.')).map((name) => [name, read(at(name))]);
  const lines = [
    ['apply', at('a.yml'), '--yes', '--report', `json=${at('fw.bin')}`],
    ['apply', at('a.yml'), '--yes', '--report', `json=${at('twin.bin')}`],
    ['apply', at('a.yml'), '--yes', `--trace=${at('tool')}`],
    ['plan', at('a.yml'), '--lab', at('a.lab.yml'), '--out', at('other.bin')],
    ['apply', at('plan.json'), '--yes', '--lab', at('a.lab.yml'), '--lab-state', at('fw.bin')],
    ['plan', at('a.yml'), '--lab', at('a.lab.yml'), '--trace', at('a.lab.yml')],
  ];
  for (const line of lines) assert.is((await runbook(line)).exitCode, 2, line.join(' '));
  assert.equal(
    readdirSync(at('.')).map((name) => [name, read(at(name))]),
    before,
  );
});

test('what is there is replaced as a whole, through a symbolic link too', async () => {
  const at = inNew();
  writeFileSync(at('old.json'), 'x'.repeat(1 << 20));
  symlinkSync('old.json', at('link.json'));
  assert.is((await runbook([...APPLY, '--report', `json=${at('link.json')}`])).exitCode, 0);
  assert.is((JSON.parse(read(at('old.json'))) as { format: string }).format, 'runbook.report/1');
  assert.equal(readdirSync(at('.')).sort(), ['link.json', 'old.json']);
});

test('a report that cannot take its place afterwards is told, and changes no verdict', async () => {
  const at = inNew();
  mkdirSync(at('away'));
  // While the run goes on, its place becomes a directory that is not empty.
  const running = runbook([
    ...['apply', fixture('cards.yml'), '--lab', fixture('slow.lab.yml'), '--yes', '--format', 'json'],
    ...['--report', `json=${at('away/r.json')}`, '--report', `junit=${at('r.xml')}`],
  ]);
  while (!readdirSync(at('away')).some((name) => name.startsWith('.'))) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  mkdirSync(at('away/r.json/x'), { recursive: true });
  const { exitCode, stdout, stderr } = await running;
  const document = JSON.parse(stdout) as { exit: { code: number } };
  assert.is(exitCode, 0);
  assert.is(document.exit.code, 0);
  assert.match(
    stderr,
    /runbook: --report json=.*r\.json: not written: illegal operation on a directory \(EISDIR\)\n$/,
  );
  assert.equal(readdirSync(at('away')), ['r.json']);
  assert.is(parseJunit(read(at('r.xml'))).attributes['failures'], '0');
});

if (process.getuid?.() !== 0) {
  test('a protected file is not replaced', async () => {
    const at = inNew();
    writeFileSync(at('r.json'), 'mine');
    chmodSync(at('r.json'), 0o444);
    await refused([`json=${at('r.json')}`], 'cannot be written: permission denied (EACCES)');
    assert.is(read(at('r.json')), 'mine');
  });
}

test.run();
