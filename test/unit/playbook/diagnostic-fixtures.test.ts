import * as assert from 'uvu/assert';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MAX_IMAGE_BYTES } from '../../../src/firmware/image.ts';
import { DIAGNOSTIC_CODES } from '../../../src/playbook/diagnostic-codes.ts';
import { LINT_CODES } from '../../../src/playbook/lint/lint-codes.ts';
import { inProject } from '../../support/paths.ts';
import { runMain } from '../../support/run-main.ts';
import { suite } from '../../support/suite.ts';
import { scexeOf, tarOf } from '../firmware/carriers.ts';
import { isSarif } from '../report/sarif-schema.ts';
import { obeys } from '../report/schemas.ts';

/**
 * For each code a file with one mistake, CODE.yml, and what the program says of it, CODE.txt. With UPDATE_FIXTURES=1 the
 * texts are written instead of compared: read them before they are committed.
 */
const FIXTURES = inProject('test/unit/playbook/fixtures/diagnostics');
const UPDATE = process.env['UPDATE_FIXTURES'] === '1';

/** Command lines of codes that are not met by `validate CODE.yml`. */
const COMMANDS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.keys(LINT_CODES).map((code) => [code, `lint --without-image ${code}.yml`])),
  'whole-image': 'lint whole-image.yml',
  'doubtful-image': 'lint doubtful-image.yml',
  'plan-file': 'apply --yes plan-file.json',
  inventory: 'plan inventory.yml --inventory inventory.json',
  report: 'report report.json --report html=page.html',
};

/** Root alone is told so, with the folder of this run: file-rules.test.ts. */
const ELSEWHERE = 'others-can-write';

const CODES = [...Object.keys(DIAGNOSTIC_CODES), ...Object.keys(LINT_CODES)].filter(
  (code) => code !== ELSEWHERE,
);

const IMAGE = Buffer.from('runbook image for fixtures\n'.repeat(64));

/** What the fixtures name, and cannot be kept in a repository. */
function makeFiles(): void {
  writeFileSync('image.bin', IMAGE);
  writeFileSync('large.bin', Buffer.alloc(128 * 1024, 1));
  writeFileSync('growing.bin', Buffer.alloc(1024 * 1024, 1));
  writeFileSync('empty.bin', '');
  writeFileSync('huge.bin', '');
  truncateSync('huge.bin', MAX_IMAGE_BYTES + 1);
  writeFileSync('page.bin', '<!DOCTYPE html>\n<html><title>Sign in</title></html>\n');
  writeFileSync('pointer.bin', 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n');
  symlinkSync('loop.bin', 'loop.bin');
  mkdirSync('directory');
  const tar = tarOf({ 'image.bin': IMAGE });
  writeFileSync('package.tar', tar);
  writeFileSync('cut.tar', tar.subarray(0, 1024));
  const deep = [1, 2, 3, 4, 5].reduce((inner, level) => tarOf({ [`${level}.tar`]: inner }), tar);
  writeFileSync('deep.tar', deep);
  writeFileSync('unsafe.scexe', scexeOf(tarOf({ 'image.bin': IMAGE }, '--transform=s,^,../,', '-P')));

  writeFileSync('too-large.yml', '#'.repeat(5 * 1024 * 1024));
  writeFileSync('encoding.yml', Buffer.from([0x6e, 0x3a, 0x20, 0xff, 0xfe]));
  const playbook = readFileSync('expect.yml', 'utf8').replace(/ {4}expect: .*\n/, '    expect: 1\n');
  const long = `      - run: [/bin/true, ${'x'.repeat(130_000)}]\n`;
  writeFileSync('argv.yml', playbook.replace('      - wait-ready: 2m\n', `      - wait-ready: 2m\n${long}`));
  writeFileSync('nul.yml', 'runbook: v1\nname: "a\0b"\n');
}

/** What a command prints, on stdout and on stderr. */
async function said(line: string): Promise<string> {
  return (await runMain([...line.split(' '), '--state-dir', 'state'])).said;
}

/** Its time changes as long as somebody looks: the image is being copied just now. No read of a file is done between two turns. */
async function whileGrowing<Result>(work: Promise<Result>): Promise<Result> {
  let seconds = 0;
  let next: NodeJS.Immediate;
  const touch = (): void => {
    utimesSync('growing.bin', ++seconds, seconds);
    next = setImmediate(touch);
  };
  touch();
  try {
    return await work;
  } finally {
    clearImmediate(next!);
  }
}

interface Log {
  readonly runs: readonly [
    {
      readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
      readonly results: readonly { readonly ruleId: string; readonly ruleIndex: number }[];
    },
  ];
}

const test = suite('what is said of each mistake');
const home = process.cwd();

const directory = mkdtempSync(path.join(tmpdir(), 'runbook-fixtures-'));

test.before(() => {
  for (const name of readdirSync(FIXTURES))
    copyFileSync(path.join(FIXTURES, name), path.join(directory, name));
  process.chdir(directory);
  makeFiles();
});
test.after(() => {
  process.chdir(home);
  rmSync(directory, { recursive: true });
});

for (const code of CODES) {
  test(code, async () => {
    const line = COMMANDS[code] ?? `validate ${code}.yml`;
    const text = code === 'image-changed' ? await whileGrowing(said(line)) : await said(line);
    assert.match(text, `[${code}]`);
    const fixture = path.join(FIXTURES, `${code}.txt`);
    if (UPDATE) writeFileSync(fixture, text);
    assert.is(text, readFileSync(fixture, 'utf8'));
  });
}

test('each of them is one document of its schema, and a result of SARIF', async () => {
  for (const code of CODES) {
    const line = COMMANDS[code] ?? `validate ${code}.yml`;
    if (code === 'image-changed') continue;
    const document = JSON.parse(await said(`${line} --format json`)) as { diagnostics: { code: string }[] };
    obeys('report', document);
    assert.ok(
      document.diagnostics.some((diagnostic) => diagnostic.code === code),
      line,
    );
    if (!/^(validate|lint) /.test(line)) continue;
    const log = JSON.parse(await said(`${line} --format sarif`)) as Log;
    isSarif(log);
    const [run] = log.runs;
    const result = run.results.find(({ ruleId }) => ruleId === code);
    assert.is(run.tool.driver.rules[result!.ruleIndex]!.id, code);
  }
});

test('no fixture is left of a code that is gone', () => {
  const stale = readdirSync(FIXTURES).filter(
    (name) => !CODES.includes(name.replace(/\.(yml|txt|json)$/, '')),
  );
  assert.equal(stale, []);
});

test.run();
