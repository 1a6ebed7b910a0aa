// The first lines of the bundle. libuv reads UV_THREADPOOL_SIZE when the first asynchronous call is made, so nothing
// asynchronous, and no import that could do such a thing, may come before it (decisions.md#starting-and-building).
import { setPoolSize } from '../native/pool-size.ts';
import { processIo } from './io.ts';
import { scanArguments } from './scan.ts';

const argv = process.argv.slice(2);
const scan = scanArguments(argv);
if (scan.opensDevices) setPoolSize();

void import('./main.ts').then(async ({ main }) => {
  process.exitCode = await main(argv, scan, processIo());
});
