import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { fromHex } from '../../../src/base/bytes.ts';
import { TransportError } from '../../../src/base/errors.ts';
import type { ScsiCommand } from '../../../src/scsi/command.ts';
import { changesNothing, readOnly } from '../../../src/transport/read-only.ts';
import { outcomeOf } from '../../../src/transport/transport.ts';
import { suite } from '../../support/suite.ts';

const wrapper = suite('transport/read-only');

/** `changesDevice: false` in all of them: the wrapper must not believe it. */
function commandOf(cdb: string, dataOut?: Uint8Array): ScsiCommand {
  return {
    name: cdb,
    cdb: fromHex(cdb),
    ...(dataOut && { dataOut }),
    dataInBytes: dataOut ? 0 : 252,
    timeoutMs: 1000,
    changesDevice: false,
    decode: () => undefined,
  };
}

for (const [name, cdb, passes] of [
  ['standard INQUIRY', '120000002400', true],
  ['INQUIRY of a VPD page', '12018300fc00', true],
  ['REQUEST SENSE', '03000000fc00', true],
  ['REPORT LUNS', 'a00000000000000001000000', true],
  ['REPORT SUPPORTED OPERATION CODES', 'a30c023b000e000000140000', true],
  ['READ BUFFER descriptor', '3c030000000000000400', true],
  ['READ BUFFER echo buffer descriptor', '3c0b0000000000000400', true],
  ['READ BUFFER microcode status', '3c0f0000000000001000', true],
  ['READ BUFFER with MODE SPECIFIC bits', '3ce30000000000000400', true],
  ['Supported Diagnostic Pages', '1c010000fc00', true],
  ['Configuration page', '1c010120000000', true],
  ['Enclosure Status page', '1c010220000000', true],
  ['Additional Element Status page', '1c010a20000000', true],
  ['Subenclosure Nickname Status page', '1c010f20000000', true],
  ['TEST UNIT READY', '000000000000', false],
  ['START STOP UNIT', '1b0100000100', false],
  ['WRITE BUFFER', '3b0e0000000000100000', false],
  ['WRITE BUFFER that activates, without data', '3b0f0000000000000000', false],
  ['SEND DIAGNOSTIC self-test, without data', '1d0400000000', false],
  ['READ BUFFER data', '3c020000000000100000', false],
  ['READ BUFFER vendor specific', '3c010000000000100000', false],
  ['READ BUFFER error history, which may lock it', '3c1c0000000000100000', false],
  ['Download Microcode Status page', '1c010e200000', false],
  ['RECEIVE DIAGNOSTIC RESULTS without PCV', '1c0001200000', false],
  ['a vendor’s diagnostic page', '1c018020000000', false],
  ['another MAINTENANCE IN', 'a305000000000000fc00', false],
  ['MAINTENANCE OUT', 'a406000000000000fc000000', false],
  ['FORMAT UNIT', '040000000000', false],
  ['START STOP UNIT', '1b0000000000', false],
  ['MODE SELECT', '151000000000', false],
  ['a vendor command', 'c00000000000', false],
  ['a CDB that is too short', '1200', false],
] as const) {
  wrapper(`${passes ? 'lets' : 'does not let'} ${name} pass`, () => {
    assert.is(changesNothing(commandOf(cdb)), passes);
  });
}

wrapper('lets the Download Microcode Status page and TEST UNIT READY pass only for who holds a lock', () => {
  assert.is(changesNothing(commandOf('1c010e200000'), { whileLocked: true }), true);
  assert.is(changesNothing(commandOf('000000000000'), { whileLocked: true }), true);
  assert.is(changesNothing(commandOf('1d100000fc00'), { whileLocked: true }), false);
});

wrapper('does not let an allowed CDB pass that carries data to the device', () => {
  assert.is(changesNothing(commandOf('120000002400', Uint8Array.of(1))), false);
});

wrapper('does not let a command pass that says itself that it changes the device', () => {
  assert.is(changesNothing({ ...commandOf('120000002400'), changesDevice: true }), false);
});

wrapper('lets nothing pass but its eleven forms, whatever the bytes are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 16 }), (cdb) => {
      if (!changesNothing({ ...commandOf('00'), cdb })) return;
      const second = cdb[1]! & 0x1f;
      const ok =
        [0x03, 0x12, 0xa0].includes(cdb[0]!) ||
        (cdb[0] === 0xa3 && second === 0x0c) ||
        (cdb[0] === 0x3c && [0x03, 0x0b, 0x0f].includes(second)) ||
        (cdb[0] === 0x1c && (second & 1) === 1 && [0, 1, 2, 5, 7, 0x0a, 0x0f].includes(cdb[2]!));
      assert.ok(ok);
    }),
    { numRuns: 2000 },
  );
});

wrapper('rejects with changes-device, sends nothing, and passes the rest through', async () => {
  const sent: string[] = [];
  let closed = 0;
  const transport = readOnly({
    execute: async ({ name }) => {
      sent.push(name);
      return outcomeOf({ status: 8 });
    },
    close: async () => {
      closed++;
    },
  });
  await transport.execute(commandOf('3b0f0000000000000000')).then(
    () => assert.unreachable('must reject'),
    (error: unknown) => {
      assert.instance(error, TransportError);
      assert.is((error as TransportError).code, 'changes-device');
      assert.match(String(error), '3Bh');
    },
  );
  assert.equal(sent, []);
  assert.equal(await transport.execute(commandOf('120000002400')), outcomeOf({ status: 8 }));
  assert.equal(sent, ['120000002400']);
  await transport.close();
  assert.is(closed, 1);
});

wrapper.run();
