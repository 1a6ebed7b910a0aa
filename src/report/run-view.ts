import type { Phase, PlannedDevice, RunEvent } from '../run/facts/events.ts';
import { isFailure, type DeviceResult, type Exit, type Outcome } from '../run/facts/outcome.ts';

/** A device that gave no sign for this long gets "no answer for N s" (decisions.md#time-outs). */
export const SILENCE_MS = 30_000;

/** What a screen knows about one device. Times are those of the screen's clock. */
export interface DeviceView {
  readonly planned: PlannedDevice;
  /** `sg4`: what fits in a column and what people type. */
  readonly label: string;
  state: 'queued' | 'running' | 'finished';
  phase: Phase | null;
  doneBytes: number;
  totalBytes: number;
  lastHeardMs: number;
  wait: { readonly what: string; readonly untilMs: number } | null;
  result: DeviceResult | null;
  /** Progress of the last seconds, oldest first: the rate follows the device and not its history. */
  samples: { readonly atMs: number; readonly bytes: number }[];
}

/** How long an answer to ^Z stands on the screen. */
const TOLD_MS = 10_000;
/** Before that the rate of the whole is the chance of its first chunk. */
const LEAST_ELAPSED_MS = 2000;
const SAMPLE_EVERY_MS = 1000;
const SAMPLES = 10;

/** Everything that a person is shown while a run goes on, built from its events alone. */
export class RunView {
  readonly devices = new Map<string, DeviceView>();
  startedMs = 0;
  exit: Exit | null = null;
  /** Nothing is begun any more. */
  isOver = false;
  #stop: { readonly text: string; readonly untilMs: number } | null = null;
  /** Results that did not end well, in the order in which they came. */
  readonly failures: DeviceResult[] = [];
  readonly outcomes = new Map<Outcome, number>();

  handle(event: RunEvent, nowMs: number): void {
    switch (event.type) {
      case 'run-started':
        this.startedMs = nowMs;
        for (const planned of event.devices) this.devices.set(planned.id, newDevice(planned, nowMs));
        return;
      case 'device-planned':
        this.#planAgain(event.device, nowMs);
        return;
      case 'phase-started':
        this.#update(event.device, nowMs, (device) => {
          device.state = 'running';
          device.phase = event.phase;
          device.wait = null;
        });
        return;
      case 'progress':
        this.#update(event.device, nowMs, (device) => {
          device.wait = null;
          addProgress(device, event.doneBytes, event.totalBytes, nowMs);
        });
        return;
      case 'waiting':
        this.#update(event.device, nowMs, (device) => {
          device.wait = { what: event.what, untilMs: nowMs + event.withinMs };
        });
        return;
      case 'unit-attention':
      case 'notice':
        this.#update(event.device, nowMs, () => undefined);
        return;
      case 'phase-finished':
        this.#update(event.device, nowMs, (device) => (device.wait = null));
        return;
      case 'device-finished':
        this.#finish(event.result, nowMs);
        return;
      case 'stop-requested':
        // What asks for no end has no end of its own.
        this.#stop = { text: event.effect, untilMs: event.signal === 'SIGTSTP' ? nowMs + TOLD_MS : Infinity };
        return;
      case 'run-finished':
        this.exit = event.exit;
        this.isOver = true;
        return;
    }
  }

  /** What a signal does, while it does it; null: nothing. */
  stopTextAt(nowMs: number): string | null {
    return this.isOver || this.#stop === null || nowMs >= this.#stop.untilMs ? null : this.#stop.text;
  }

  /** Bytes of all devices together, as they were sent; what a finished device did not get is not counted as sent. */
  bytes(): { doneBytes: number; totalBytes: number } {
    let doneBytes = 0;
    let totalBytes = 0;
    for (const device of this.devices.values()) {
      totalBytes += device.totalBytes;
      doneBytes += device.doneBytes;
    }
    return { doneBytes, totalBytes };
  }

  running(): DeviceView[] {
    return [...this.devices.values()].filter(({ state }) => state === 'running');
  }

  count(state: DeviceView['state']): number {
    let count = 0;
    for (const device of this.devices.values()) if (device.state === state) count++;
    return count;
  }

  /** The next play of a unit: its line begins again, and it counts for what comes of it. */
  #planAgain(planned: PlannedDevice, nowMs: number): void {
    const before = this.devices.get(planned.id)?.result?.outcome;
    if (before !== undefined) {
      const left = (this.outcomes.get(before) ?? 1) - 1;
      if (left > 0) this.outcomes.set(before, left);
      else this.outcomes.delete(before);
    }
    this.devices.set(planned.id, newDevice(planned, nowMs));
  }

  #finish(result: DeviceResult, nowMs: number): void {
    const shown = this.devices.get(result.id);
    // A later play that was left out on this unit: its line tells why already.
    if (shown?.result != null && shown.planned.play !== result.play) return;
    this.outcomes.set(result.outcome, (this.outcomes.get(result.outcome) ?? 0) + 1);
    if (isFailure(result.outcome) || result.outcome === 'refused') this.failures.push(result);
    this.#update(result.id, nowMs, (device) => {
      device.state = 'finished';
      device.wait = null;
      device.result = result;
    });
  }

  #update(id: string, nowMs: number, change: (device: DeviceView) => void): void {
    const device = this.devices.get(id);
    if (device === undefined) return;
    device.lastHeardMs = nowMs;
    change(device);
  }
}

/** Bytes per second from the first of the last samples until now; null until two of them are there. */
export function rateOf(device: DeviceView, nowMs: number): number | null {
  const first = device.samples[0];
  const last = device.samples.at(-1);
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return null;
  return ((last.bytes - first.bytes) * 1000) / (Math.max(nowMs, last.atMs) - first.atMs);
}

/**
 * How long it takes to send the rest; null: nothing to send, or nothing to tell it from. While devices wait for their turn,
 * as long as it took from the start; then as long as the slowest that answers says of itself. What comes after the last
 * byte of a device is not in it.
 */
export function remainingMs(view: RunView, nowMs: number): number | null {
  const elapsedMs = nowMs - view.startedMs;
  const { doneBytes } = view.bytes();
  if (view.isOver || doneBytes === 0 || elapsedMs < LEAST_ELAPSED_MS) return null;
  const running = view.running();
  const answering = running.filter((device) => silenceMs(device, nowMs) < SILENCE_MS);
  if (running.length > 0 && answering.length === 0) return null;
  if (view.count('queued') === 0) {
    const left = answering.flatMap((device) => deviceRemainingMs(device, nowMs) ?? []);
    return left.length === 0 ? null : Math.max(...left);
  }
  let leftBytes = 0;
  for (const { state, totalBytes, doneBytes: sentBytes } of view.devices.values())
    if (state !== 'finished') leftBytes += totalBytes - sentBytes;
  return leftBytes === 0 ? null : (leftBytes * elapsedMs) / doneBytes;
}

/** How long it takes to send the rest of one device at its rate; null: it has none, or nothing is left. */
export function deviceRemainingMs(device: DeviceView, nowMs: number): number | null {
  const rate = rateOf(device, nowMs);
  const leftBytes = device.totalBytes - device.doneBytes;
  return rate === null || rate <= 0 || leftBytes === 0 ? null : (leftBytes * 1000) / rate;
}

/** Milliseconds since the last sign of a device that owes us an answer; a bounded wait is not silence. */
export function silenceMs(device: DeviceView, nowMs: number): number {
  if (device.state !== 'running' || device.wait !== null) return 0;
  return nowMs - device.lastHeardMs;
}

/** `/dev/sg4` → `sg4`. */
export function labelOf(node: string): string {
  return node.replace(/^\/dev\//, '');
}

function newDevice(planned: PlannedDevice, nowMs: number): DeviceView {
  return {
    planned,
    label: labelOf(planned.node),
    state: 'queued',
    phase: null,
    doneBytes: 0,
    totalBytes: planned.totalBytes,
    lastHeardMs: nowMs,
    wait: null,
    result: null,
    samples: [],
  };
}

function addProgress(device: DeviceView, doneBytes: number, totalBytes: number, nowMs: number): void {
  if (doneBytes < device.doneBytes) device.samples = []; // the download began again from 0
  device.doneBytes = doneBytes;
  device.totalBytes = totalBytes;
  const newest = device.samples.at(-1);
  const before = device.samples.at(-2);
  // The newest sample moves along until it is a second away from the one before it.
  if (newest !== undefined && before !== undefined && nowMs - before.atMs < SAMPLE_EVERY_MS)
    device.samples.pop();
  device.samples.push({ atMs: nowMs, bytes: doneBytes });
  if (device.samples.length > SAMPLES) device.samples.shift();
}
