// Runs in the guest, bundled to CommonJS: two WRITE BUFFERs to an sg node of scsi_debug. The second one takes 4 s, and its
// outcome is the last line on stdout.
// Arguments: the node, and `guarded` or `bare` (without what keeps a command from being sent twice).
import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import type { ScsiCommand } from '../../src/scsi/command.ts';
import type { Transport } from '../../src/transport/transport.ts';

process.env['UV_THREADPOOL_SIZE'] ??= '8';

const CHUNK_BYTES = 4096;
const writeBuffer: ScsiCommand = {
  name: 'WRITE BUFFER',
  cdb: Uint8Array.from([0x3b, 0x0e, 0, 0, 0, 0, 0, CHUNK_BYTES >> 8, 0, 0]),
  dataOut: new Uint8Array(CHUNK_BYTES),
  dataInBytes: 0,
  timeoutMs: 60_000,
  changesDevice: true,
  decode: () => undefined,
};

async function openBare(node: string): Promise<Transport> {
  const { loadLibc } = await import('../../src/native/libc.ts');
  const { SgTransport } = await import('../../src/transport/sg-transport.ts');
  const libc = await loadLibc();
  return new SgTransport({
    node,
    libc,
    fd: openSync(node, constants.O_RDWR | constants.O_NONBLOCK),
    closeFd: closeSync,
  });
}

async function main(node: string, how: string): Promise<void> {
  const { openSgIo } = await import('../../src/transport/sg-io.ts');
  const { testUnitReady } = await import('../../src/scsi/test-unit-ready.ts');
  const transport = await (how === 'bare' ? openBare(node) : openSgIo(node, 'change'));
  while ((await transport.execute(testUnitReady())).status !== 0);
  await transport.execute(writeBuffer);
  writeFileSync('/sys/bus/pseudo/drivers/scsi_debug/delay', '400'); // hundredths of a second
  const { errno, status, hostStatus } = await transport.execute(writeBuffer);
  console.log(JSON.stringify({ errno, status, hostStatus }));
  await transport.close();
}

void main(process.argv[2]!, process.argv[3]!);
