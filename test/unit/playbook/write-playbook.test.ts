import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { hasErrors } from '../../../src/playbook/diagnostics.ts';
import { lintPlaybook } from '../../../src/playbook/lint/lint.ts';
import { loadPlaybook } from '../../../src/playbook/playbook.ts';
import { writePlaybook, type PlaybookDraft } from '../../../src/playbook/write-playbook.ts';
import { parseYaml } from '../../../src/playbook/yaml.ts';
import { suite } from '../../support/suite.ts';

const test = suite('playbook/write-playbook');

const DRAFT: PlaybookDraft = {
  notes: ['Made from sg1.'],
  match: { type: 'enclosure', vendor: 'HP', product: 'HP SAS EXP Card', revision: '2.08', identity: null },
  units: 2,
  firmware: {
    file: 'a.scexe',
    member: 'fw/b.bin',
    strip: null,
    isVerbatim: false,
    sha256: '0'.repeat(64),
    revision: '2.10',
  },
  download: {
    via: 'write-buffer',
    mode: 'dmc_offs_defer',
    bpw: 4096,
    modeSpecific: null,
    notes: ['The device lists dmc_offs_defer.'],
    activate: [
      { step: 'activate_mc', note: null },
      { step: 'wait-ready: 2m', note: 'ask the vendor' },
    ],
  },
};

const wordsOf = (draft: PlaybookDraft): unknown =>
  loadPlaybook('x.yml', writePlaybook(draft)).playbook?.words;

test('is a playbook that says what the draft says', () => {
  assert.equal(wordsOf(DRAFT), {
    runbook: 'v1',
    name: 'HP SAS EXP Card to 2.10',
    plays: [
      {
        name: 'hp-sas-exp-card',
        match: { type: 'enclosure', vendor: 'HP', product: 'HP SAS EXP Card', revision: ['2.08'] },
        expect: 2,
        firmware: { file: 'a.scexe', member: 'fw/b.bin', sha256: '0'.repeat(64), revision: '2.10' },
        download: { via: 'write-buffer', mode: 'dmc_offs_defer', bpw: 4096 },
        activate: ['activate_mc', { 'wait-ready': '2m' }],
        verify: { within: '2m' },
      },
    ],
    strategy: { concurrent: 1, 'max-failures': 0 },
  });
});

test('lint asks for the reason alone', () => {
  const { playbook } = loadPlaybook('x.yml', writePlaybook(DRAFT));
  assert.equal(
    lintPlaybook(playbook!, null).map(({ code }) => code),
    ['no-why'],
  );
});

test('what looks like a number stays text, the hash too', () => {
  const text = writePlaybook({
    ...DRAFT,
    match: { ...DRAFT.match, vendor: '0x10', product: '1e3', revision: 'null', identity: '0012' },
    firmware: { ...DRAFT.firmware, file: '1', member: null, strip: 80, revision: '0107' },
  });
  for (const line of [
    'vendor: "0x10"',
    'product: "1e3"',
    'revision: ["null"]',
    'identity: ["0012"]',
    'file: "1"',
    'strip: 80',
    `sha256: "${'0'.repeat(64)}"`,
    'revision: "0107"',
  ])
    assert.match(text, line);
  assert.equal(
    loadPlaybook('x.yml', text).diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
});

test('a section of its own kind: no chunks, an event for the start', () => {
  const text = writePlaybook({
    ...DRAFT,
    download: {
      ...DRAFT.download,
      mode: 'dmc_offs_ev_defer',
      modeSpecific: 4,
      activate: [{ step: 'power-cycle', note: 'by people' }],
    },
  });
  assert.match(text, '      mode-specific: 4\n\n    activate:\n      - power-cycle # by people\n');
  assert.not.match(writePlaybook({ ...DRAFT, download: { ...DRAFT.download, bpw: null } }), 'bpw');
});

test('whatever a device shows, the text is YAML and says just that', () => {
  // Texts of a device end at the first NUL.
  const shown = fc.string({ unit: 'binary', maxLength: 16 }).map((text) => text.replaceAll('\0', ''));
  fc.assert(
    fc.property(shown, shown, shown, (vendor, product, note) => {
      const text = writePlaybook({
        ...DRAFT,
        notes: [note],
        match: { ...DRAFT.match, vendor, product },
        download: { ...DRAFT.download, notes: [note] },
      });
      const { document, diagnostics } = parseYaml('x.yml', text);
      assert.not(hasErrors(diagnostics));
      const { plays } = document!.value as {
        plays: [{ name: string; match: { vendor: string; product: string } }];
      };
      assert.is(plays[0].match.vendor, vendor);
      assert.is(plays[0].match.product, product);
      assert.match(plays[0].name, /^[A-Za-z0-9][A-Za-z0-9._-]*$/);
    }),
    { numRuns: 300 },
  );
});

test.run();
