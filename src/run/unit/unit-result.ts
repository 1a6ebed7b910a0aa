import type { FactName } from '../../base/facts.ts';
import type { SentEvidence } from '../facts/evidence.ts';
import type { DeviceResult, ResultEnd } from '../facts/outcome.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { nodesOf } from '../facts/nodes.ts';
import { NOTHING_SENT } from './procedure.ts';
import type { SentFacts } from './procedure.ts';

/** What is said of a unit beside its end. */
export interface ResultRest {
  readonly reason: string | null;
  readonly seconds: number;
  /** Absent: nothing was sent. */
  readonly download?: Pick<SentFacts, 'doneBytes' | 'doneChunks'>;
  readonly after?: DeviceResult['after'];
  readonly pending?: DeviceResult['pending'];
  readonly sent?: SentEvidence;
  readonly without?: readonly FactName[];
  readonly changed?: DeviceResult['changed'];
}

/** The result of one unit. */
export const unitResult = (
  { facts, play }: { readonly facts: DeviceFacts; readonly play: { readonly name: string } },
  end: ResultEnd,
  {
    download = NOTHING_SENT,
    reason,
    seconds,
    after = null,
    pending = null,
    sent,
    without = [],
    changed,
  }: ResultRest,
): DeviceResult => ({
  id: facts.id,
  play: play.name,
  paths: nodesOf(facts),
  vendor: facts.vendor,
  product: facts.product,
  before: facts.revision,
  after,
  ...end,
  reason,
  pending,
  bytes: download.doneBytes,
  chunks: download.doneChunks,
  seconds,
  ...(sent !== undefined && { sent }),
  ...(without.length > 0 && { without }),
  ...(changed !== undefined && { changed }),
});
