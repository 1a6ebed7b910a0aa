import * as assert from 'uvu/assert';
import { readFileSync } from 'node:fs';
import { inProject } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { KeptLab } from './kept-lab.ts';

/** Rehearsals of what people reported: labs and playbooks as they would write them. */
const test = suite('cli/field-cases');

const IMG_SHA256 = 'a20c932130247a7d3dcd51d4b3ce3067fee605e3782e84a3aa614db05c607b97';

/** 64 KiB that bring 2.10 to cards of 2.08. */
const card = ({ expect = 1, mode = 'dmc_offs_defer', strategy = '' } = {}): string => `runbook: v1
name: cards
why: rows
plays:
  - name: card
    match: { type: enclosure, vendor: HP, product: HP SAS EXP Card, revision: ['2.08'] }
    expect: ${expect}
    firmware: { file: img.bin, sha256: "${IMG_SHA256}", revision: '2.10' }
    download: { via: write-buffer, mode: ${mode}, bpw: 4096 }
    activate: [${mode === 'dmc_offs_defer' ? 'activate_mc, ' : ''}wait-ready: 2m]
${strategy}`;

const IMAGE = "images:\n  - { name: img.bin, bytes: 64KiB, rule: standard, revision: '2.10' }\n";

async function inLab(lab: string, story: (lab: KeptLab) => Promise<void>): Promise<void> {
  const kept = new KeptLab(`lab: v1\n${lab}`);
  try {
    await story(kept);
  } finally {
    kept.remove();
  }
}

test('a tape drive without a cartridge is ready for microcode', () =>
  inLab(
    `images: [{ name: LTO5-Z6ED.frm, bytes: 256KiB, rule: standard, revision: Z6ED }]
devices:
  - persona: tape
    vendor: HP
    product: Ultrium 5-SCSI
    revision: Z64D
    node: sg1
    faults: [{ command: test-unit-ready, sense: '2/3a/00', times: 0 }]
`,
    async (lab) => {
      const told = await lab.apply(readFileSync(inProject('playbooks/lto-drive.yml'), 'utf8'));
      assert.equal([told.exit, ...told.outcomes], ['OK', 'updated']);
    },
  ));

test('hpsa also drives plain host adapters: the refusal names the key, and the key works', () =>
  inLab(
    `${IMAGE}devices:
  - { persona: hp-sas-expander, revision: '2.08', serial: S1, paths: [{ node: sg1, driver: hpsa }] }
`,
    async (lab) => {
      const refused = await lab.apply(card());
      assert.equal([refused.exit, ...refused.codes], ['REFUSED', 'raid-adapter']);
      assert.match(JSON.stringify(refused.document), 'strategy.raid-adapter: accepted');
      const told = await lab.apply(card({ strategy: 'strategy: { raid-adapter: accepted }\n' }));
      assert.equal([told.exit, ...told.outcomes], ['OK', 'updated']);
    },
  ));

test('a mode that the card does not know: nothing was written, and the corrected playbook needs no --retry', () =>
  inLab(
    `${IMAGE}devices:
  - { persona: hp-sas-expander-old, node: sg1, revision: '2.08', serial: S1 }
`,
    async (lab) => {
      const refused = await lab.apply(card());
      assert.equal([refused.exit, ...refused.outcomes], ['REFUSED', 'refused']);
      assert.match(JSON.stringify(refused.document), /dmc_offs_defer/);
      const told = await lab.apply(card({ mode: 'dmc_offs_save' }));
      assert.equal([told.exit, ...told.outcomes], ['OK', 'updated']);
    },
  ));

test('on-refusal: skip: two cards are updated, and the exit says that one was refused', () =>
  inLab(
    `${IMAGE}devices:
  - { persona: hp-sas-expander, node: sg1, revision: '2.08', serial: S1 }
  - { persona: hp-sas-expander, node: sg2, revision: '2.06', serial: S2 }
  - { persona: hp-sas-expander, node: sg3, revision: '2.08', serial: S3 }
`,
    async (lab) => {
      const strategy = 'strategy: { on-refusal: skip, canary: 1, concurrent: 2 }\n';
      const { exit, outcomes, codes } = await lab.apply(card({ expect: 3, strategy }));
      assert.equal([exit, ...outcomes], ['REFUSED', 'updated', 'refused', 'updated']);
      assert.equal(codes, ['revision-not-listed']);
    },
  ));

test('two hundred cards, one of which fails: the failure stands last, and equal ends share a line', () =>
  inLab(
    `${IMAGE}devices:
  - { persona: hp-sas-expander, count: 30, revision: '2.08' }
  - { persona: hp-sas-expander, revision: '2.08', faults: [{ command: write-buffer, nth: 2, sense: 4/3f/81 }] }
  - { persona: hp-sas-expander, count: 169, revision: '2.08' }
`,
    async (lab) => {
      const file = lab.file('many.yml', card({ expect: 200, strategy: 'strategy: { concurrent: 16 }\n' }));
      const { stdout } = await lab.run('apply', file, '--yes');
      const lines = stdout.trim().split('\n');
      assert.ok(lines.length < 40, `${lines.length} lines`);
      assert.match(lines.slice(-12).join('\n'), /failed: .*4\/3f\/81/i);
    },
  ));

test.run();
