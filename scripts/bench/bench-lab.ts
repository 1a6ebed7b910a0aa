import { createHash } from 'node:crypto';
import { systemClock } from '../../src/base/clock.ts';
import type { LabFile } from '../../src/generated/lab.ts';
import { loadPlaybook } from '../../src/playbook/playbook.ts';
import { resolvePlaybook } from '../../src/playbook/resolve.ts';
import type { ResolvedPlaybook } from '../../src/playbook/resolved.ts';
import { silentScreen } from '../../src/report/screen.ts';
import type { Screen } from '../../src/report/screen.ts';
import type { RunEvent } from '../../src/run/facts/events.ts';
import { inspect } from '../../src/run/facts/inspect.ts';
import { makePlan } from '../../src/run/plan/plan.ts';
import type { Plan } from '../../src/run/plan/plan.ts';
import { runPlan } from '../../src/run/engine/run.ts';
import type { RunSummary } from '../../src/run/engine/run.ts';
import { StopSwitch } from '../../src/run/facts/stop.ts';
import { createLabHost } from '../../src/simulator/lab-host.ts';
import { labImages } from '../../src/simulator/lab-images.ts';
import type { SimulatedHost } from '../../src/simulator/simulated-host.ts';

export interface BenchLabOptions {
  readonly devices: number;
  readonly imageBytes: number;
  readonly bpw: number;
  /** What each simulated device takes for a command. Default 0. */
  readonly latencyMs?: number;
  readonly keepLog?: boolean;
}

export interface BenchLab {
  readonly image: Uint8Array;
  readonly playbook: ResolvedPlaybook;
  /** A fresh host: all devices at their old revision. */
  createHost(): SimulatedHost;
}

const IMAGE = 'disk.bin';

/**
 * Alike simulated disks and a playbook that brings all of them at once to a new revision: mode 07h, one verification.
 * Made from words, as the program does it, so that what the way from words to bytes costs is in the numbers.
 */
export async function benchLab(options: BenchLabOptions): Promise<BenchLab> {
  const lab: LabFile = {
    lab: 'v1',
    images: [{ name: IMAGE, bytes: options.imageBytes, rule: 'standard', revision: '0002' }],
    devices: Array.from({ length: options.devices }, () => ({
      persona: 'disk',
      revision: '0001',
      ...(options.latencyMs === undefined ? {} : { latency: `${options.latencyMs}ms` }),
    })),
  };
  const images = await labImages(lab, '.');
  const image = images.get(IMAGE)!;
  const loaded = loadPlaybook('bench.yml', playbookText(options, image));
  const { resolved, diagnostics } =
    loaded.playbook === null
      ? { resolved: null, diagnostics: loaded.diagnostics }
      : await resolvePlaybook(loaded.playbook, { directory: '.', labImages: images });
  if (resolved === null) throw new Error(diagnostics.map(({ message }) => message).join('; '));
  const keepLog = options.keepLog ?? false;
  return {
    image,
    playbook: resolved,
    createHost: () => createLabHost(lab, { images, clock: systemClock, keepLog }),
  };
}

function playbookText({ devices, bpw }: BenchLabOptions, image: Uint8Array): string {
  const sha256 = createHash('sha256').update(image).digest('hex');
  return `runbook: v1
name: bench
plays:
  - name: disks
    match: {type: disk, vendor: LAB, product: DISK, revision: ["0001"]}
    firmware: {file: ${IMAGE}, sha256: "${sha256}", revision: "0002"}
    download: {via: write-buffer, mode: dmc_offs_save, bpw: ${bpw}}
strategy: {concurrent: ${devices}, redundancy: outage-accepted}
`;
}

/** Stages 4 and 5 of the design. */
export async function planOn(host: SimulatedHost, playbook: ResolvedPlaybook): Promise<Plan> {
  const deviceTypes = new Set(playbook.plays.map(({ match }) => match.deviceType));
  return makePlan(playbook, await inspect(host, deviceTypes, systemClock));
}

/** Stage 7. Throws when one device is not updated: what fails early would look fast. */
export async function runOn(
  host: SimulatedHost,
  plan: Plan,
  { screen = silentScreen, onEvent }: { screen?: Screen; onEvent?: (event: RunEvent) => void } = {},
): Promise<RunSummary> {
  const emit = (event: RunEvent): void => {
    screen.handle(event);
    onEvent?.(event);
  };
  const summary = await runPlan(plan, { host, clock: systemClock, emit, stop: new StopSwitch(), screen });
  const other = summary.results.find(({ outcome }) => outcome !== 'updated');
  if (other !== undefined || summary.results.length !== host.devices.length) {
    throw new Error(`not all devices were updated: ${other?.reason ?? 'some were not selected'}`);
  }
  return summary;
}

/** The middle one. Few slow runs, as a busy machine gives them, do not move it. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** What a workload found, for bench.mjs: one line of JSON. */
export function tell(result: object): void {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
