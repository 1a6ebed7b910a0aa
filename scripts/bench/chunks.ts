// Own time per chunk: a whole run over the simulator without latency, against a bare loop that sends the same commands
// over the same transport. In turns, so that a busy machine slows both.
import { createScreen } from '../../src/report/screen.ts';
import { testUnitReady } from '../../src/scsi/test-unit-ready.ts';
import { writeBuffer, WRITE_BUFFER_MODES } from '../../src/scsi/write-buffer.ts';
import type { BenchLab } from './bench-lab.ts';
import { benchLab, median, planOn, runOn, tell } from './bench-lab.ts';

const BPW = 4096;
const CHUNKS = 2048;
const rounds = Number(process.argv[2] ?? 9);

async function runMs(lab: BenchLab): Promise<number> {
  const host = lab.createHost();
  const plan = await planOn(host, lab.playbook);
  // The picture of a terminal that nobody looks at: drawing is part of the price.
  const screen = createScreen({
    stream: { write: () => true },
    tty: true,
    size: () => ({ columns: 100, rows: 40 }),
    color: true,
  });
  const startedMs = performance.now();
  await runOn(host, plan, { screen });
  return performance.now() - startedMs;
}

async function bareMs(lab: BenchLab): Promise<number> {
  const { image } = lab;
  const host = lab.createHost();
  const [device] = await host.discover();
  const transport = await host.open(device!, 'change');
  await transport.execute(testUnitReady()); // takes the power-on unit attention
  const commands = Array.from({ length: CHUNKS }, (_, index) =>
    writeBuffer({
      mode: WRITE_BUFFER_MODES.dmc_offs_save,
      bufferId: 0,
      offsetBytes: index * BPW,
      data: image.subarray(index * BPW, (index + 1) * BPW),
      timeoutMs: 300_000,
    }),
  );
  const startedMs = performance.now();
  for (const command of commands) {
    const { status } = await transport.execute(command);
    if (status !== 0) throw new Error(`${command.name} ended with status ${status}`);
  }
  return performance.now() - startedMs;
}

async function main(): Promise<void> {
  const lab = await benchLab({ devices: 1, imageBytes: CHUNKS * BPW, bpw: BPW });
  const runs: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < rounds + 2; round++) {
    const pair = [await runMs(lab), await bareMs(lab)] as const;
    if (round < 2) continue; // until the code is compiled
    runs.push(pair[0]);
    bare.push(pair[1]);
  }
  const perChunkUs = (ms: readonly number[]): number => (median(ms) * 1000) / CHUNKS;
  const ownUs = median(runs.map((ms, round) => ((ms - bare[round]!) * 1000) / CHUNKS));
  tell({ chunks: CHUNKS, rounds, runUs: perChunkUs(runs), bareUs: perChunkUs(bare), ownUs });
}

void main();
