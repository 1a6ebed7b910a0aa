import type { PlannedDevice, RunEvent } from '../../../src/run/facts/events.ts';
import { refusal } from '../../../src/base/refusal.ts';
import { isGood } from '../../../src/run/facts/outcome.ts';
import type { DeviceResult, ResultEnd } from '../../../src/run/facts/outcome.ts';

/** A fleet of HP cards that a run works on: sg1, sg2, … */
export function plannedDevices(count: number, totalBytes = 1 << 20): PlannedDevice[] {
  return Array.from({ length: count }, (_, i) => ({
    id: idOf(i + 1),
    play: 'hp-sas-expander',
    node: `/dev/sg${i + 1}`,
    vendor: 'HP',
    product: 'HP SAS EXP Card',
    before: '2.08',
    target: '2.10',
    totalBytes,
  }));
}

/** Id of the n-th card. */
export const idOf = (n: number): string => `naa.5001438000000${n.toString(16).padStart(3, '0')}`;

export const runStarted = (devices: readonly PlannedDevice[]): RunEvent => ({
  type: 'run-started',
  run: '20240101-000000-abcd',
  playbook: { file: 'upgrade.yml', sha256: '0'.repeat(64), name: 'HP cards to 2.10' },
  devices,
});

export const phaseStarted = (n: number, phase: 'check' | 'download' | 'activate' | 'verify'): RunEvent => ({
  type: 'phase-started',
  device: idOf(n),
  phase,
});

export const progress = (n: number, doneBytes: number, totalBytes = 1 << 20): RunEvent => ({
  type: 'progress',
  device: idOf(n),
  doneBytes,
  totalBytes,
  chunk: doneBytes / 4096,
  chunks: totalBytes / 4096,
});

/** What may be said of a unit, whatever fits together. */
export type ResultFields = Partial<{ [Key in keyof DeviceResult]: DeviceResult[Key] }>;

/** A card that is updated, or what `fields` say of it. What is not good has an error. */
export function resultOf(
  n: number,
  { outcome = 'updated', error = null, ...fields }: ResultFields = {},
): DeviceResult {
  const end: ResultEnd = isGood(outcome)
    ? { outcome, error }
    : { outcome, error: error ?? refusal('not-settled', { what: fields.reason ?? outcome }) };
  return {
    id: idOf(n),
    play: 'hp-sas-expander',
    paths: [`/dev/sg${n}`],
    vendor: 'HP',
    product: 'HP SAS EXP Card',
    before: '2.08',
    after: '2.10',
    reason: null,
    pending: null,
    bytes: 1 << 20,
    chunks: 256,
    seconds: 12.3,
    ...fields,
    ...end,
  };
}

export const finished = (n: number, fields: Partial<DeviceResult> = {}): RunEvent => ({
  type: 'device-finished',
  result: resultOf(n, fields),
});
