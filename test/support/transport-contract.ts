import * as assert from 'uvu/assert';
import { TransportError } from '../../src/base/errors.ts';
import type { ScsiCommand } from '../../src/scsi/command.ts';
import type { Transport } from '../../src/transport/transport.ts';
import { suite } from './suite.ts';

export interface ContractOptions {
  /** Data to the device that it accepts with GOOD. Default: the first 64 KiB of an image with WRITE BUFFER mode 0Eh. */
  readonly largeDataOut?: ScsiCommand;
}

/**
 * What every Transport promises, hardware included. `open` is called once per test with the test's title and gives a transport to
 * a device that may be written: the last test sends it the beginning of an image. Bytes are made here by hand, so
 * that no mistake of a codec hides one of a transport. Needs no file and no clock, and runs from a bundle.
 */
export function transportContract(
  name: string,
  open: (title: string) => Promise<Transport>,
  { largeDataOut = writeBufferStart }: ContractOptions = {},
): void {
  const contract = suite(`${name} keeps the transport contract`);
  const test = (title: string, check: (transport: Transport) => Promise<void>): void => {
    contract(title, async () => {
      const transport = await open(title);
      try {
        await check(transport);
      } finally {
        await transport.close();
      }
    });
  };

  test('returns the bytes of a good command, all status fields quiet', async (transport) => {
    const outcome = await transport.execute(inquiry(36));
    const { errno, status, hostStatus, driverStatus, sense, residualBytes, dataIn } = outcome;
    assert.equal(
      { errno, status, hostStatus, driverStatus },
      { errno: 0, status: 0, hostStatus: 0, driverStatus: 0 },
    );
    assert.is(sense.length, 0);
    assert.is(residualBytes, 0);
    assert.is(dataIn.length, 36);
    assert.ok(dataIn[4]! >= 31, 'ADDITIONAL LENGTH of standard INQUIRY data is at least 31');
    assert.ok(
      dataIn.subarray(8, 36).every((byte) => byte === 0 || (byte >= 0x20 && byte <= 0x7e)),
      'vendor, product and revision are ASCII, or NUL, with which some devices fill up',
    );
  });

  test('reports a refused command as an outcome, with the sense bytes and no more', async (transport) => {
    const outcome = await transport.execute(reservedVpdPage);
    const { sense } = outcome;
    assert.is(outcome.errno, 0);
    assert.is(outcome.status, 0x02);
    assert.is(outcome.hostStatus, 0);
    assert.ok([0x70, 0x72].includes(sense[0]!), 'current sense data, fixed or descriptor format');
    assert.is(sense.length, 8 + sense[7]!, 'header and ADDITIONAL SENSE LENGTH');
    const fixed = sense[0] === 0x70;
    assert.is(sense[fixed ? 2 : 1]! & 0x0f, 5, 'ILLEGAL REQUEST');
    assert.is(sense[fixed ? 12 : 2], 0x24, 'invalid field in CDB');
  });

  test('sends a command without data', async (transport) => {
    const outcome = await transport.execute(inquiry(0));
    assert.is(outcome.errno, 0);
    assert.is(outcome.status, 0);
    assert.is(outcome.dataIn.length, 0);
    assert.is(outcome.residualBytes, 0);
  });

  test('cuts data-in at what arrived', async (transport) => {
    const { status, residualBytes, dataIn } = await transport.execute(inquiry(252));
    assert.is(status, 0);
    assert.is(dataIn.length, 252 - Math.max(0, residualBytes));
    assert.ok(dataIn.length >= 36);
  });

  test('sends much data to the device', async (transport) => {
    const outcome = await transport.execute(largeDataOut);
    assert.is(outcome.errno, 0);
    assert.is(outcome.status, 0);
    assert.is(outcome.hostStatus, 0);
    assert.is(outcome.residualBytes, 0);
    assert.is(outcome.dataIn.length, 0);
  });

  test('refuses a second command while one is in flight, and the first gets its answer', async (transport) => {
    const first = transport.execute(inquiry(36));
    const second = transport.execute(inquiry(36));
    assert.is(await codeOfRejection(second), 'bug');
    assert.is((await first).dataIn.length, 36);
    assert.is((await transport.execute(inquiry(36))).dataIn.length, 36, 'and the next one too');
  });

  test('lets the command in flight end before it closes', async (transport) => {
    const answer = transport.execute(inquiry(36));
    await transport.close();
    assert.is((await answer).dataIn.length, 36);
  });

  test('rejects after close, and closes twice', async (transport) => {
    await transport.close();
    await transport.close();
    assert.is(await codeOfRejection(transport.execute(inquiry(36))), 'closed');
  });

  contract.run();
}

/** `bug` for anything but a TransportError. */
async function codeOfRejection(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof TransportError ? error.code : 'bug';
  }
  return 'none';
}

function command(name: string, cdb: readonly number[], dataInBytes: number): ScsiCommand {
  return {
    name,
    cdb: Uint8Array.from(cdb),
    dataInBytes,
    timeoutMs: 20_000,
    changesDevice: false,
    decode: () => undefined,
  };
}

export function inquiry(allocationBytes: number): ScsiCommand {
  return command('INQUIRY', [0x12, 0, 0, 0, allocationBytes, 0], allocationBytes);
}

/** VPD page AFh is reserved in SPC-5: refused everywhere without changing anything. */
export const reservedVpdPage = command('INQUIRY (VPD page AFh)', [0x12, 1, 0xaf, 0, 252, 0], 252);

const writeBufferStart: ScsiCommand = {
  ...command('WRITE BUFFER (dmc_offs_defer)', [0x3b, 0x0e, 0, 0, 0, 0, 0x01, 0, 0, 0], 0),
  dataOut: Uint8Array.from({ length: 0x1_0000 }, (_, i) => (i * 7 + 13 + (i >> 8) * 29) & 0xff),
  changesDevice: true,
};
