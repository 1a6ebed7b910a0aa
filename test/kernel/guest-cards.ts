// Runs in the guest, bundled to CommonJS: serves the devices of a lab file (first argument) as sg nodes, and writes each command
// that reaches one of them to a file (second argument), one JSON object a line. SIGUSR2 takes the power from all of them for a
// moment. Nothing asynchronous may come before libc is loaded: see native/libc.ts.
import type { CardCommand } from './card-log.ts';

process.env['UV_THREADPOOL_SIZE'] ??= '8';

async function main(labFile: string, logFile: string): Promise<void> {
  const { loadServingCalls } = await import('../../src/native/libc.ts');
  const calls = await loadServingCalls();
  const { createHash } = await import('node:crypto');
  const { openSync, writeSync } = await import('node:fs');
  const { toHex } = await import('../../src/base/bytes.ts');
  const { systemClock: clock } = await import('../../src/base/clock.ts');
  const { openLab } = await import('../../src/cli/lab.ts');
  const { requireKernelTarget } = await import('../../src/served-lab/kernel-requirements.ts');
  const { LAB_ROOTS: roots } = await import('../../src/served-lab/lab-roots.ts');
  const { ServedLab } = await import('../../src/served-lab/served-lab.ts');

  const { host } = await openLab(labFile, {});
  const log = openSync(logFile, 'a');
  for (const device of host.devices) {
    device.putInFront(({ cdb, dataOut }) => {
      const entry: CardCommand = {
        unit: device.identity.serial,
        atMs: clock.nowMs(),
        cdb: toHex(cdb),
        dataOutBytes: dataOut?.length ?? 0,
        dataOutSha256: createHash('sha256')
          .update(dataOut ?? '')
          .digest('hex'),
      };
      writeSync(log, `${JSON.stringify(entry)}\n`);
      return undefined; // the device answers
    });
  }
  await requireKernelTarget(roots);
  const lab = new ServedLab({ lab: 'cards', roots, calls, clock, onNodes: () => undefined });
  process.on('SIGUSR2', () => lab.powerCycle(new Set(host.devices)));
  await lab.bringUp(host);
  process.stdout.write(`${lab.units.map(({ sgNode }) => sgNode).join(' ')}\n`);
  await lab.serving;
}

void main(process.argv[2]!, process.argv[3]!);
