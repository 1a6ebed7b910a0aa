import type { RunEvent } from '../run/facts/events.ts';
import { isFailure, type DeviceResult } from '../run/facts/outcome.ts';
import { printable } from './ink.ts';
import { percent, speed, summary } from './picture.ts';
import { clockText, counted, secondsText, sizeText } from './quantities.ts';
import { labelOf, SILENCE_MS, silenceMs, type DeviceView, type RunView } from './run-view.ts';

/** Above this number of devices a log gets one line about all of them instead of lines about each. */
const FEW_DEVICES = 16;

const PROGRESS_EVERY_MS = 10_000;
const SILENCE_EVERY_MS = 60_000;

/**
 * The lines of a run for a log file or a pipe: state changes, and at most one line of progress per device in 10 s.
 * With many devices: failures, and one summary in 10 s.
 */
export class PlainLines {
  readonly #view: RunView;
  #nextSummaryMs = 0;
  readonly #nextProgressMs = new Map<string, number>();
  readonly #nextSilenceMs = new Map<string, number>();

  constructor(view: RunView) {
    this.#view = view;
  }

  /** Lines for an event that the view has taken in already. */
  afterEvent(event: RunEvent, nowMs: number): string[] {
    return this.#lines(event, nowMs).map(printable);
  }

  /** Lines that are due because time has passed; call it about once a second. */
  afterTime(nowMs: number): string[] {
    if (this.#view.devices.size === 0 || this.#view.exit !== null) return [];
    if (this.#many()) {
      if (nowMs < this.#nextSummaryMs) return [];
      this.#nextSummaryMs = nowMs + PROGRESS_EVERY_MS;
      return [summary(this.#view, nowMs)];
    }
    return [...this.#view.devices.values()].flatMap((device) => this.#silence(device, nowMs));
  }

  #lines(event: RunEvent, nowMs: number): string[] {
    const many = this.#many();
    switch (event.type) {
      case 'run-started':
        this.#nextSummaryMs = nowMs + PROGRESS_EVERY_MS;
        return [`run ${event.run}: ${counted(event.devices.length, 'device')} to update`];
      case 'device-planned': {
        const { id, play, before, target } = event.device;
        return many ? [] : [this.#about(id, `play ${play}: ${before} → ${target}`)];
      }
      case 'phase-started':
        return many ? [] : [this.#about(event.device, event.phase)];
      case 'progress':
        return many ? [] : this.#progress(event.device, nowMs);
      case 'waiting':
        return many
          ? []
          : [this.#about(event.device, `waiting for ${event.what}, at most ${clockText(event.withinMs)}`)];
      case 'unit-attention':
        return many ? [] : [this.#about(event.device, `unit attention cleared: ${event.text}`)];
      case 'notice':
        return many ? [] : [this.#about(event.device, event.message)];
      case 'phase-finished':
        return [];
      case 'device-finished':
        return many && !isFailure(event.result.outcome) ? [] : [resultLine(event.result)];
      case 'stop-requested':
        return [event.effect];
      case 'run-finished':
        return many ? [summary(this.#view, nowMs)] : [];
    }
  }

  #progress(id: string, nowMs: number): string[] {
    const device = this.#view.devices.get(id);
    if (device === undefined) return [];
    const due = this.#nextProgressMs.get(id);
    // The first chunk says nothing about the speed: wait for the first 10 s.
    if (due === undefined) this.#nextProgressMs.set(id, nowMs + PROGRESS_EVERY_MS);
    if (due === undefined || nowMs < due) return [];
    this.#nextProgressMs.set(id, nowMs + PROGRESS_EVERY_MS);
    const { doneBytes, totalBytes } = device;
    const sent = `${percent(doneBytes, totalBytes)} of ${sizeText(totalBytes)}`;
    return [this.#about(id, `download ${sent}  ${speed(device, nowMs)}`.trimEnd())];
  }

  #silence(device: DeviceView, nowMs: number): string[] {
    const silentMs = silenceMs(device, nowMs);
    const { id } = device.planned;
    if (silentMs < SILENCE_MS) {
      this.#nextSilenceMs.delete(id);
      return [];
    }
    if (nowMs < (this.#nextSilenceMs.get(id) ?? 0)) return [];
    this.#nextSilenceMs.set(id, nowMs + SILENCE_EVERY_MS);
    return [printable(this.#about(id, `no answer for ${Math.floor(silentMs / 1000)} s`))];
  }

  #about(id: string, text: string): string {
    return `${this.#view.devices.get(id)?.label ?? id}: ${text}`;
  }

  #many(): boolean {
    return this.#view.devices.size > FEW_DEVICES;
  }
}

function resultLine(result: DeviceResult): string {
  const change =
    result.before !== null && result.after !== null && result.before !== result.after
      ? `, ${result.before} → ${result.after}`
      : '';
  const reason = result.reason === null ? '' : `: ${result.reason}`;
  const time = result.seconds > 0 ? `, ${secondsText(result.seconds)}` : '';
  return `${labelOf(result.paths[0] ?? result.id)}: ${result.outcome}${change}${time}${reason}`;
}
