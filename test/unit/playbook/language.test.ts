import { readdirSync, readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import * as assert from 'uvu/assert';
import { DIAGNOSTIC_CODES } from '../../../src/playbook/diagnostic-codes.ts';
import { suite } from '../../support/suite.ts';
import { problemsOf, sampleWith } from './sample.ts';

const test = suite('playbook/language');

interface Schema {
  readonly [keyword: string]: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
}

const schemas = ['playbook', 'lab'].map(
  (name) => JSON.parse(readFileSync(`schemas/${name}.schema.json`, 'utf8')) as Schema,
);

/** Every schema inside of a schema. */
function inside(value: unknown): Schema[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value as Schema, ...Object.values(value).flatMap(inside)];
}

/** The language, key by key: where it stands, and an example that must be right there. */
const KEYS: Readonly<Record<string, readonly (readonly [key: string, example: string])[]>> = {
  playbook: [
    ['why', 'a fault'],
    ['strategy', '{}'],
  ],
  play: [['expect', '1..']],
  match: [
    ['identity', '["naa.5001438003"]'],
    ['proof', '[{vpd: 0x83, offset: 4, equals: "0x5001"}, {inquiry: standard, offset: 36, equals: text}]'],
  ],
  firmware: [
    ['member', 'a.tar!b.bin'],
    ['strip', '512'],
    ['strip', 'rem1'],
    ['product', 'HP SAS EXP Two'],
  ],
  section: [
    ['last-mode', 'dmc_offs_save'],
    ['end-with', '{mode: dmc_offs_save}'],
    ['file', 'b.bin'],
    ['member', 'c.bin'],
    ['file', `b.bin\n      sha256: ${'0'.repeat(63)}a`],
    ['file', 'b.bin\n      strip: 512'],
    ['region', 'manufacturing\n      acknowledge: manufacturing-data'],
    ['buffer-id', '0x10'],
    ['buffer-id-step', '0'],
    ['offset', '0x1000'],
    ['skip', '4k'],
    ['length', '1MiB'],
    ['mode-specific', '0'],
    ['timeout', '300s'],
    ['timeout', '{first: 1m, chunk: 1s, last: 2h, activate: 2h}'],
    ['otherwise', '{when: mode-not-supported, mode: dmc_offs_save, bpw: 4KiB}'],
    ['region', 'firmware'],
  ],
  ses: [
    ['subenclosure', '255'],
    ['total-length', '1MiB'],
    ['status-reads', 'auto'],
    ['status-reads', 'between'],
    ['status-reads', 'none'],
    ['final-status', 'read'],
    ['final-status', 'skip'],
    ['buffer-id', '1'],
    ['otherwise', '{when: mode-not-supported, mode: dmc_offs}\n      not-saved: accepted'],
  ],
  step: [
    ['wait-ready', '90s'],
    ['pause', '500ms'],
    ['reload-driver', 'mpt3sas'],
    ['run', '[/bin/true]'],
  ],
  verify: [
    ['revision', '"2.10"'],
    ['aliases', '{"0210": "2.10"}'],
    ['witness', '{ses-revision: 1}'],
    ['witness', '{sysfs: class/x, equals: y}'],
    ['paths', 'same'],
    ['paths', 'ignore'],
  ],
  strategy: [
    ['canary', '1'],
    ['canary-accepts', 'pending'],
    ['concurrent', '4'],
    ['max-failures', '2'],
    ['on-refusal', 'skip'],
    ['redundancy', 'required'],
    ['redundancy', 'outage-accepted'],
    ['in-use', 'accepted'],
    ['partner-sync', 'up'],
    ['partner-sync', 'both'],
    ['partner-after', 'pending'],
    ['together', 'hba'],
  ],
};

const WHERE: Readonly<Record<string, (entry: string) => readonly (readonly [string, string])[]>> = {
  playbook: (entry) => [['name: cards', `name: cards\n${entry}`]],
  play: (entry) => [['    expect: 1..4\n', `    ${entry}\n`]],
  match: (entry) => [['vendor: HP', `vendor: HP\n      ${entry}`]],
  firmware: (entry) => [['file: PUF21000.bin', `file: PUF21000.bin\n      ${entry}`]],
  section: (entry) => [
    ['bpw: 4096', `bpw: 4096\n      ${entry}`],
    ['- activate_mc', '- rescan'],
  ],
  ses: (entry) => [
    ['write-buffer', 'ses'],
    ['bpw: 4096', `bpw: 4096\n      ${entry}`],
  ],
  step: (entry) => [['- wait-ready: 2m', `- ${entry}`]],
  verify: (entry) => [['within: 2m', entry]],
  strategy: (entry) => [['name: cards', `name: cards\nstrategy: {${entry}}`]],
};

for (const [place, keys] of Object.entries(KEYS)) {
  for (const [key, example] of keys) {
    test(`${place} takes ${key}: ${example}`, () => {
      assert.equal(problemsOf(sampleWith(...WHERE[place]!(`${key}: ${example}`))), []);
    });
  }
}

for (const step of ['activate_mc', 'rescan', 'power-cycle', 'reboot']) {
  test(`${step} is a step`, () => {
    assert.equal(
      problemsOf(sampleWith(['- activate_mc\n      - wait-ready: 2m', `- pause: 1s\n      - ${step}`])),
      [],
    );
  });
}

for (const type of ['enclosure', 'disk', 'tape', 'processor', 'array-controller', 'host-managed-zoned']) {
  test(`${type} is a device type`, () => {
    assert.equal(problemsOf(sampleWith(['type: enclosure', `type: ${type}`])), []);
  });
}

for (const mode of ['dmc_offs', 'dmc_offs_save', 'dmc_offs_ev_defer', 'dmc_offs_defer', 'dmc', 'dmc_save']) {
  test(`${mode} is a mode`, () => {
    const bpw = mode.includes('offs') ? '4096' : 'whole';
    const beside = mode.endsWith('_ev_defer')
      ? '\n      mode-specific: 4'
      : mode === 'dmc' || mode === 'dmc_offs'
        ? '\n      not-saved: accepted'
        : '';
    const text = sampleWith(
      ['mode: dmc_offs_defer', `mode: ${mode}`],
      ['bpw: 4096', `bpw: ${bpw}${beside}`],
      ['- activate_mc', '- rescan'],
    );
    assert.equal(problemsOf(text), []);
  });
}

test('every mapping of the schemas is closed, and lets x- keys pass', () => {
  for (const schema of schemas.flatMap(inside)) {
    if (schema.properties === undefined || typeof schema['type'] !== 'string') continue;
    const title = JSON.stringify(Object.keys(schema.properties));
    assert.is(schema['additionalProperties'], false, title);
    assert.equal(schema['patternProperties'], { '^x-': true }, title);
  }
});

test('every key of the schemas is explained to people who write in an editor', () => {
  for (const schema of schemas) {
    const definitions = schema['definitions'] as Readonly<Record<string, Schema>>;
    for (const { properties } of inside(schema)) {
      for (const [key, value] of Object.entries(properties ?? {})) {
        if (typeof value !== 'object' || Array.isArray(value)) continue;
        const name = typeof value['$ref'] === 'string' ? value['$ref'].replace('#/definitions/', '') : '';
        const described = name === '' ? value : definitions[name]!;
        if (described['title'] !== 'Reason for the fallback')
          assert.type(described['description'], 'string', key);
      }
    }
  }
});

test('what is generated from the schemas is up to date', () => {
  const { status, stdout } = spawnSync(process.execPath, ['scripts/generate.mjs', '--check'], {
    encoding: 'utf8',
  });
  assert.is(stdout, '');
  assert.is(status, 0);
});

test('the generated validators need nothing at run time', () => {
  for (const name of ['playbook', 'lab']) {
    const code = readFileSync(`src/generated/${name}-validator.js`, 'utf8');
    // esbuild leaves these words where a package could not be bundled.
    assert.not.match(code, /Dynamic require of|\bimport\s*[({"']|\bfrom\s*["']/);
  }
});

test('no code of the table is without use, and none is used that is not in it', () => {
  const folders = ['src/playbook', 'src/playbook/checks', 'src/cli'];
  const text = folders
    .flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.ts') && name !== 'diagnostic-codes.ts')
        .map((name) => `${folder}/${name}`),
    )
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  for (const code of Object.keys(DIAGNOSTIC_CODES)) assert.ok(text.includes(`'${code}'`), code);
});

test.run();
