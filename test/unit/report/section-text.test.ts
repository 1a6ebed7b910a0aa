import * as assert from 'uvu/assert';
import type { ResolvedSection } from '../../../src/playbook/resolved.ts';
import { sectionsLines } from '../../../src/report/section-text.ts';
import { suite } from '../../support/suite.ts';
import { playOf, sectionOf } from '../run/builders.ts';
import { sesSectionOf } from '../run/ses-plays.ts';

const test = suite('report/section-text');

const { firmware } = playOf();
const lines = (...sections: readonly ResolvedSection[]): string[] => sectionsLines(sections, firmware);

test('one section is one line, and its fallback another', () => {
  assert.equal(lines(sectionOf()), ['  send      WRITE BUFFER dmc_offs_defer, bpw 4096, 3 commands']);
  assert.equal(lines(sectionOf({ otherwise: { mode: 'dmc_offs_save', bpw: 1024 } })), [
    '  send      WRITE BUFFER dmc_offs_defer, bpw 4096, 3 commands',
    '            if the device does not support the mode: dmc_offs_save, bpw 1024',
  ]);
});

test('several are counted, with where each goes and what it sends', () => {
  const source = { ...sectionOf().source, file: 'pkg.zip', member: 'boot.bin' };
  const boot = sectionOf({ image: new Uint8Array(2048), sentSha256: 'ab'.repeat(32), bufferId: 2, source });
  assert.equal(lines(boot, sesSectionOf({ subenclosureId: 3, bpw: 'auto' })), [
    '  send      1 of 2: WRITE BUFFER dmc_offs_defer, buffer 2, bpw 4096, 1 command',
    '            of pkg.zip!boot.bin: 2 KiB (2048 bytes), sha256 abababababab',
    '  send      2 of 2: SES page 0Eh dmc_offs_save to subenclosure 3, bpw auto',
  ]);
});

test('manufacturing data and programs are hard to overlook', () => {
  const [, warning] = lines(sectionOf({ region: 'manufacturing' }));
  assert.match(warning!, 'REPLACES MANUFACTURING DATA');
  const { image, source } = sectionOf();
  const program = { via: 'external', argv: ['/bin/flash', '1'], withinMs: 90_000 } as const;
  assert.equal(lines({ ...program, image, source, sentSha256: firmware.sha256 }), [
    '  send      the program /bin/flash 1, within 90s',
    '            runbook does not see what the program sends; it checks the unit before and after',
  ]);
});

test.run();
