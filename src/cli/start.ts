// The first lines of the program, required by entry.cjs. The threads are started before anything asynchronous can
// happen: see startLibc (decisions.md#starting-and-building).
import { startLibc } from '../native/libc.ts';
import { NativeError } from '../native/native-error.ts';
import { withEnvironment } from './environment.ts';
import { processIo } from './io.ts';
import { scanArguments } from './scan.ts';

const { argv, fromEnvironment } = withEnvironment(process.argv.slice(2), process.env);
const scan = scanArguments(argv);
if (scan.opensDevices) start();

void import('./main.ts').then(async ({ main }) => {
  process.exitCode = await main(argv, scan, processIo(), fromEnvironment);
});

/** What is missing on this machine is told by the command that needs it, in its own format. */
function start(): void {
  try {
    startLibc();
  } catch (error) {
    if (!(error instanceof NativeError)) throw error;
  }
}
