// What the moving picture costs while 500 devices work: its share of one processor, and the longest time for which it
// kept the loop from the devices.
import { createScreen } from '../../src/report/screen.ts';
import type { Screen } from '../../src/report/screen.ts';
import { benchLab, planOn, runOn, tell } from './bench-lab.ts';

const DEVICES = 500;
const LATENCY_MS = 50;
const BPW = 32 * 1024;
const chunks = Number(process.argv[2] ?? 64);

async function main(): Promise<void> {
  let screenMs = 0;
  let longestMs = 0;
  let frames = 0;
  const timed = (work: () => void): void => {
    const startedMs = performance.now();
    work();
    const tookMs = performance.now() - startedMs;
    screenMs += tookMs;
    longestMs = Math.max(longestMs, tookMs);
  };
  const inner = createScreen({
    stream: { write: () => frames++ },
    tty: true,
    size: () => ({ columns: 120, rows: 50 }),
    color: true,
    every: (ms, tick) => {
      const timer = setInterval(() => timed(tick), ms);
      return () => clearInterval(timer);
    },
  });
  const screen: Screen = {
    start: () => timed(() => inner.start()),
    handle: (event) => timed(() => inner.handle(event)),
    stop: () => timed(() => inner.stop()),
  };
  const lab = await benchLab({
    devices: DEVICES,
    imageBytes: chunks * BPW,
    bpw: BPW,
    latencyMs: LATENCY_MS,
  });
  const host = lab.createHost();
  const plan = await planOn(host, lab.playbook);
  const cpuBefore = process.cpuUsage();
  const startedMs = performance.now();
  await runOn(host, plan, { screen });
  const wallMs = performance.now() - startedMs;
  const cpu = process.cpuUsage(cpuBefore);
  tell({
    devices: DEVICES,
    wallMs,
    frames,
    longestMs,
    screenShare: screenMs / wallMs,
    processShare: (cpu.user + cpu.system) / 1000 / wallMs,
  });
}

void main();
