import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { decodeLevel0Discovery, level0Discovery } from '../../../src/scsi/security-protocol-in.ts';
import type { LockingFeature } from '../../../src/scsi/security-protocol-in.ts';
import { suite } from '../../support/suite.ts';
import { encodeLevel0Discovery } from '../run/guards/locked-drive.ts';
import { onlyDecodeErrors, record } from './only-decode-errors.ts';

const test = suite('scsi/security-protocol-in');

test('Level 0 Discovery is asked with protocol 01h, 0001h, 512 bytes', () => {
  const command = level0Discovery();
  assert.is(toHex(command.cdb), 'a20100010000000002000000');
  assert.is(command.dataInBytes, 512);
  assert.is(command.changesDevice, false);
});

test('what is encoded is decoded', () => {
  fc.assert(
    fc.property(
      fc.option(
        record<LockingFeature>({ supported: fc.boolean(), enabled: fc.boolean(), locked: fc.boolean() }),
      ),
      (locking) => assert.equal(decodeLevel0Discovery(encodeLevel0Discovery(locking)), locking),
    ),
  );
});

const header = (length: number): string => length.toString(16).padStart(8, '0') + '00000001'.padEnd(88, '0');

test('the locking feature is found behind others, whatever their length', () => {
  const features = '0001100c' + '11'.repeat(12) + '0200200400000000' + '0002100c07' + '00'.repeat(11);
  const bytes = fromHex(header(44 + features.length / 2) + features);
  assert.equal(decodeLevel0Discovery(bytes), { supported: true, enabled: true, locked: true });
});

test('a drive without the feature, and bytes behind the end, say nothing of locks', () => {
  const locked = '0002100c07' + '00'.repeat(11);
  assert.is(decodeLevel0Discovery(fromHex(header(44))), null);
  assert.is(decodeLevel0Discovery(fromHex(header(44) + locked)), null);
  assert.is(decodeLevel0Discovery(new Uint8Array(512)), null);
});

test('an answer that is cut off is an error of the answer', () => {
  assert.throws(() => decodeLevel0Discovery(new Uint8Array(20)), /Level 0 Discovery: got 20 bytes, need 48/);
  assert.throws(() => decodeLevel0Discovery(fromHex(header(48) + '0002100c')), /has no data/);
  onlyDecodeErrors(decodeLevel0Discovery);
});

test.run();
