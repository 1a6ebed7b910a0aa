import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { ADDITIONAL_SENSE, additionalSenseText } from '../../../src/scsi/additional-sense.ts';
import { suite } from '../../support/suite.ts';

const additionalSense = suite('scsi/additional-sense');

/** Every ASC with its ASCQs that a download can meet. */
const MET_IN_A_DOWNLOAD: readonly (readonly [asc: number, ascqs: readonly number[]])[] = [
  [0x00, [0x00, 0x16, 0x22]],
  [
    0x04,
    [
      0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x12, 0x14, 0x1a, 0x1b,
      0x1d, 0x1e, 0x1f, 0x20, 0x21, 0x22, 0x24,
    ],
  ],
  [0x03, [0x00]],
  [0x08, [0x00, 0x01, 0x02, 0x03]],
  [0x0b, [0x00, 0x01, 0x02, 0x03, 0x12, 0x13]],
  [0x1a, [0x00]],
  [0x20, [0x00]],
  [0x21, [0x00]],
  [0x24, [0x00]],
  [0x25, [0x00]],
  [0x26, [0x00, 0x01, 0x02, 0x98, 0x99]],
  [0x27, [0x00]],
  [0x28, [0x00]],
  [0x29, [0x00, 0x01, 0x02, 0x03, 0x04, 0x07]],
  [0x2a, [0x01, 0x09, 0x10]],
  [0x2c, [0x00]],
  [0x2e, [0x00, 0x01, 0x02]],
  [0x2f, [0x00]],
  [0x35, [0x00, 0x01, 0x02, 0x03, 0x04, 0x05]],
  [0x3e, [0x00, 0x01, 0x03]],
  [0x3f, [0x00, 0x01, 0x02, 0x03, 0x05, 0x0e, 0x16]],
  [0x44, [0x00]],
  [0x47, [0x00, 0x01, 0x03]],
  [0x4b, [0x00, 0x02, 0x03, 0x05]],
  [0x4e, [0x00]],
  [0x55, [0x00, 0x01, 0x03]],
  [0x5d, [0x00]],
  [0x5e, [0x00]],
  [0x67, [0x00, 0x0c]],
  [0x74, [0x00, 0x08]],
];

additionalSense('has a text of its own for everything that a download can meet', () => {
  for (const [asc, ascqs] of MET_IN_A_DOWNLOAD) {
    for (const ascq of ascqs) {
      const where = `${asc.toString(16)}/${ascq.toString(16)}`;
      assert.type(ADDITIONAL_SENSE[asc * 256 + ascq], 'string', where);
      assert.ok(additionalSenseText(asc, ascq).length > 4, where);
    }
  }
});

additionalSense('names the words that decide what an operator does', () => {
  assert.is(additionalSenseText(0x00, 0x22), 'deferred microcode is pending');
  assert.match(additionalSenseText(0x04, 0x1e), /microcode activation required/);
  assert.match(additionalSenseText(0x04, 0x1f), /microcode download required/);
  assert.match(additionalSenseText(0x04, 0x22), /power cycle required/);
  assert.is(additionalSenseText(0x2c, 0x00), 'command sequence error');
  assert.is(additionalSenseText(0x3f, 0x16), 'microcode has been changed without reset');
  assert.match(additionalSenseText(0x0b, 0x13), /microcode digital signature validation failure/);
  assert.is(additionalSenseText(0x74, 0x08), 'digital signature validation failure');
});

additionalSense('keeps the number where the qualifier is a number', () => {
  assert.is(additionalSenseText(0x40, 0x85), 'diagnostic failure on component 85h');
  assert.is(additionalSenseText(0x42, 0x07), 'power-on or self-test failure 07h');
  assert.match(additionalSenseText(0x3f, 0x8a), /8Ah.*flash/);
});

additionalSense('tells vendor codes from unknown ones, and keeps both', () => {
  assert.is(additionalSenseText(0x90, 0x01), 'vendor specific additional sense 90/01');
  assert.is(additionalSenseText(0x24, 0x81), 'vendor specific additional sense 24/81');
  assert.is(additionalSenseText(0x12, 0x34), 'unknown additional sense 12/34');
});

additionalSense('has a text for each of the 65,536 codes, and survives numbers that are none', () => {
  for (let code = 0; code <= 0xffff; code++)
    assert.ok(additionalSenseText(code >> 8, code & 0xff).length > 0);
  fc.assert(
    fc.property(fc.integer(), fc.integer(), (asc, ascq) => {
      assert.ok(additionalSenseText(asc, ascq).length > 0);
    }),
  );
});

additionalSense('says no text twice', () => {
  const texts = Object.values(ADDITIONAL_SENSE);
  const doubled = texts.filter((text, i) => texts.indexOf(text) !== i);
  assert.equal(doubled, []);
});

additionalSense.run();
