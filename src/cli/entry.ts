// The first lines of the program. Nothing but the scan of argv is loaded before the threads are started, so nothing
// asynchronous can come before them: see startLibc (decisions.md#starting-and-building).
import { processIo } from './io.ts';
import { scanArguments } from './scan.ts';

const argv = process.argv.slice(2);
const scan = scanArguments(argv);

async function run(): Promise<void> {
  if (scan.opensDevices) {
    const { startLibc } = await import('../native/libc.ts');
    // Where there is no libc to be had, the first thing that needs it says so.
    await startLibc().catch(() => undefined);
  }
  const { main } = await import('./main.ts');
  process.exitCode = await main(argv, scan, processIo());
}

void run();
