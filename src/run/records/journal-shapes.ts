import {
  firstMismatch,
  isCount,
  isFlag,
  isSeconds,
  isSha256,
  isText,
  isTime,
  oneOf,
  optional,
  orNull,
} from '../../base/shape.ts';
import type { Shape } from '../../base/shape.ts';
import { refusal, REFUSAL } from '../../base/refusal.ts';
import { parseJson } from '../../base/versioned-document.ts';
import { ANSWERS_KEPT, DEVICE_STATES } from './journal-entry.ts';
import type { EntryBody, JournalEntry, UnknownEntry } from './journal-entry.ts';
import { CHANGES } from '../facts/changes.ts';
import { PENDING_EVENTS, SENT_EVIDENCE } from '../facts/evidence.ts';
import { FOUND_BEFORE } from '../facts/found-before.ts';
import { isGood, OUTCOMES } from '../facts/outcome.ts';
import type { DeviceResult } from '../facts/outcome.ts';
import { PROOF } from '../facts/goal.ts';

export const isOutcome = oneOf(...OUTCOMES);
export const isPendingEvents = orNull({ list: oneOf(...PENDING_EVENTS) });

const RESULT: Shape = {
  fields: {
    id: isText,
    play: isText,
    paths: { list: isText },
    vendor: isText,
    product: isText,
    before: orNull(isText),
    after: orNull(isText),
    outcome: isOutcome,
    reason: orNull(isText),
    pending: isPendingEvents,
    bytes: isCount,
    chunks: isCount,
    seconds: isSeconds,
    error: orNull(REFUSAL),
    sent: optional(SENT_EVIDENCE),
    changed: optional(CHANGES),
  },
};

/** The fields of UnitWork. */
export const UNIT_WORK = {
  play: isText,
  vendor: isText,
  product: isText,
  deviceType: isCount,
  logicalUnit: orNull(isText),
  serialNumber: orNull(isText),
  enclosure: optional(orNull(isText)),
  shares: optional({ list: isText }),
  before: isText,
  target: isText,
  imageSha256: isSha256,
  proof: PROOF,
};

const DEVICE: Shape = {
  fields: {
    id: isText,
    ...UNIT_WORK,
    paths: { list: isText },
    recovering: optional(isFlag),
    sentSha256: { list: isSha256 },
    totalBytes: isCount,
  },
};

const SHAPES: Readonly<Record<EntryBody['type'], Shape>> = {
  'run-started': {
    fields: {
      run: isText,
      command: oneOf('apply', 'verify'),
      runbook: isText,
      commit: optional(orNull(isText)),
      host: {
        fields: { name: isText, kind: oneOf('linux', 'lab'), bootId: orNull(isText), fresh: isFlag },
      },
      process: { fields: { pid: isCount, startTicks: orNull(isText) } },
      playbook: orNull({
        fields: { file: isText, sha256: isSha256, name: isText, gitCommit: optional(orNull(isText)) },
      }),
      planDigest: orNull(isSha256),
      devices: { list: DEVICE },
    },
  },
  planned: { fields: { device: isText, planned: DEVICE } },
  state: {
    fields: {
      device: isText,
      state: isText,
      revision: optional(isText),
      serialNumber: optional(orNull(isText)),
      mode: optional(isCount),
      pass: optional(isCount),
      section: optional(isCount),
      sections: optional(isCount),
      activation: optional(isCount),
      activations: optional(isCount),
      offsetBytes: optional(isCount),
      doneBytes: optional(isCount),
      totalBytes: optional(isCount),
      chunk: optional(isCount),
      chunks: optional(isCount),
      deferred: optional(isFlag),
      waitsFor: optional({ list: oneOf(...PENDING_EVENTS) }),
      helps: optional({ list: oneOf(...PENDING_EVENTS) }),
      isVolatile: optional(isFlag),
      shownWaiting: optional(isText),
      step: optional(isText),
      ...FOUND_BEFORE,
    },
  },
  answer: { fields: { device: isText, says: oneOf(...ANSWERS_KEPT), error: REFUSAL } },
  error: { fields: { device: orNull(isText), error: REFUSAL } },
  notice: { fields: { device: orNull(isText), message: isText } },
  'unit-attention': { fields: { device: isText, asc: isCount, ascq: isCount, text: isText } },
  'phase-finished': { fields: { device: isText, phase: isText, durationMs: isSeconds } },
  verdict: { fields: { result: RESULT } },
  'run-finished': {
    fields: {
      exit: { fields: { code: isCount, name: isText } },
      format: optional(isText),
      startedAt: optional(isTime),
      fresh: optional(isFlag),
      verdicts: optional({ list: { fields: { device: isText, outcome: isOutcome } } }),
    },
  },
};

const LINE: Shape = { fields: { n: isCount, at: isTime, type: isText } };

/** One line of a journal as a value; `problem`: where it is not what it should be. Never throws. */
export function parseEntry(
  line: string,
): { readonly entry: JournalEntry | UnknownEntry } | { readonly problem: string } {
  const parsed = parseJson(line);
  if (parsed.fault !== null) return { problem: parsed.message };
  const { value } = parsed;
  const place = firstMismatch(value, LINE);
  if (place !== null) return { problem: `is damaged at ${place}` };
  const entry = value as JournalEntry;
  const shape = Object.hasOwn(SHAPES, entry.type) ? SHAPES[entry.type] : undefined;
  if (shape === undefined) return { entry: unknownEntry(entry, entry.type) };
  const wrong = firstMismatch(value, shape);
  if (wrong !== null) return { problem: `is damaged at ${wrong}` };
  if (entry.type === 'state' && !DEVICE_STATES.includes(entry.state)) {
    return { entry: unknownEntry(entry, entry.state) };
  }
  return { entry: entry.type === 'verdict' ? { ...entry, result: withError(entry.result) } : entry };
}

/** Older versions wrote no error beside some outcomes that are not good. */
function withError(result: DeviceResult): DeviceResult {
  const { outcome, reason } = result;
  return isGood(outcome) || (result as { readonly error: unknown }).error !== null
    ? result
    : { ...result, outcome, error: refusal('not-settled', { what: reason ?? outcome }) };
}

function unknownEntry(line: JournalEntry, named: string): UnknownEntry {
  const { device } = line as { device?: unknown };
  return {
    n: line.n,
    at: line.at,
    type: 'unknown',
    named,
    device: typeof device === 'string' ? device : null,
  };
}
