import type { DeviceResult } from '../facts/outcome.ts';
import type { KeptAnswer } from './journal-entry.ts';
import { knowledgeOf } from './knowledge.ts';
import type { DeviceRecord, RunRecord } from './run-record.ts';
import { sentByInterrupted } from './sent-before.ts';

/** A run that died behind an internal failure of a unit needs no verdict on it: the unit itself has said what it is. Pure. */
export const withFrozenEnds = (run: RunRecord): RunRecord =>
  run.state === 'died' ? { ...run, devices: run.devices.map((device) => withEnd(device, run.run)) } : run;

function withEnd(device: DeviceRecord, run: string): DeviceRecord {
  return device.result === null && device.answer?.says === 'frozen'
    ? { ...device, result: frozenEnd(device, device.answer, run) }
    : device;
}

function frozenEnd(device: DeviceRecord, { error }: KeptAnswer, run: string): DeviceResult {
  const { id, play, paths, vendor, product, before, facts } = device;
  return {
    ...{ id, play, paths, vendor, product, before },
    after: null,
    outcome: 'frozen',
    reason: error.message,
    error,
    pending: null,
    bytes: facts.doneBytes ?? 0,
    chunks: facts.chunk ?? 0,
    seconds: 0,
    sent: sentByInterrupted(device, knowledgeOf(device, run).known),
  };
}
