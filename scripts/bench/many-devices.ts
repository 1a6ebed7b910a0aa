// Many devices at 50 ms a command: the time of a run against the ideal, and against a bare loop per device that sends
// as many commands over the same transports.
import { testUnitReady } from '../../src/scsi/test-unit-ready.ts';
import type { SimulatedHost } from '../../src/simulator/simulated-host.ts';
import { benchLab, planOn, runOn, tell } from './bench-lab.ts';

const DEVICES = 256;
const LATENCY_MS = 50;
const BPW = 32 * 1024;
const chunks = Number(process.argv[2] ?? 64);

/** The most commands that one device got: the others wait for none. */
const longestLog = (host: SimulatedHost): number => Math.max(...host.devices.map(({ log }) => log.length));

async function timed<Result>(work: () => Promise<Result>): Promise<{ result: Result; ms: number }> {
  const startedMs = performance.now();
  const result = await work();
  return { result, ms: performance.now() - startedMs };
}

async function bareLoops(host: SimulatedHost, commands: number): Promise<void> {
  const attached = await host.discover();
  await Promise.all(
    attached.map(async (device) => {
      const transport = await host.open(device, 'change');
      for (let sent = 0; sent < commands; sent++) await transport.execute(testUnitReady());
    }),
  );
}

async function main(): Promise<void> {
  const lab = await benchLab({
    devices: DEVICES,
    imageBytes: chunks * BPW,
    bpw: BPW,
    latencyMs: LATENCY_MS,
    keepLog: true,
  });
  const host = lab.createHost();
  const inspection = await timed(() => planOn(host, lab.playbook));
  const looks = longestLog(host);
  const run = await timed(() => runOn(host, inspection.result));
  const commands = longestLog(host) - looks;
  const bare = await timed(() => bareLoops(lab.createHost(), commands));
  tell({
    devices: DEVICES,
    latencyMs: LATENCY_MS,
    commands,
    looks,
    inspectMs: inspection.ms,
    runMs: run.ms,
    bareMs: bare.ms,
    idealMs: commands * LATENCY_MS,
    inspectIdealMs: looks * LATENCY_MS,
  });
}

void main();
