// Runs in the guest, bundled to CommonJS: the transport contract on the sg node given as the first argument.
// The last line on stdout is the result. Nothing asynchronous may come before libc is loaded: see native/libc.ts.
import type { Transport } from '../../src/transport/transport.ts';

process.env['UV_THREADPOOL_SIZE'] ??= '8';
globalThis.UVU_DEFER = 1; // uvu queues its suites and leaves their start to us
globalThis.UVU_INDEX = 0;
globalThis.UVU_QUEUE = [[]];

/** The rest of a unit attention would end the first command of a test. */
async function openQuiet(node: string): Promise<Transport> {
  const { openSgIo } = await import('../../src/transport/sg-io.ts');
  const { testUnitReady } = await import('../../src/scsi/test-unit-ready.ts');
  const transport = await openSgIo(node, 'change');
  for (let left = 8; left > 0; left--) {
    if ((await transport.execute(testUnitReady())).status === 0) break;
  }
  return transport;
}

async function main(node: string): Promise<void> {
  const { transportContract } = await import('../support/transport-contract.ts');
  transportContract(`sg_io on ${node}`, () => openQuiet(node));
  const result = { passed: 0, total: 0 };
  for (const runSuite of globalThis.UVU_QUEUE![0]!) {
    const [errors, passed, , total] = await runSuite();
    if (typeof errors === 'string') console.log(errors);
    result.passed += passed;
    result.total += total;
  }
  console.log(`\n${JSON.stringify(result)}`);
}

void main(process.argv[2]!);
