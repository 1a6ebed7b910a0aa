import type { Refusal } from '../../base/refusal.ts';
import type { SentEvidence } from '../facts/evidence.ts';
import type { DeviceResult, PendingEvent } from '../facts/outcome.ts';
import type { DeviceFacts } from '../facts/inspect.ts';
import { nodesOf } from '../facts/nodes.ts';
import type { SentImage } from './procedure.ts';

/** What is said of a unit beside its outcome. */
export interface ResultRest {
  readonly after?: string | null;
  readonly pending?: readonly PendingEvent[] | null;
  readonly error?: Refusal | null;
  readonly sent?: SentEvidence;
}

/** The result of one unit; `download` null: nothing was sent. */
export function unitResult(
  { facts, play }: { readonly facts: DeviceFacts; readonly play: { readonly name: string } },
  {
    download,
    ...said
  }: Pick<DeviceResult, 'outcome' | 'reason' | 'seconds'> & { readonly download: SentImage | null },
  { after = null, pending = null, error = null, sent }: ResultRest,
): DeviceResult {
  return {
    id: facts.id,
    play: play.name,
    paths: nodesOf(facts),
    vendor: facts.vendor,
    product: facts.product,
    before: facts.revision,
    after,
    ...said,
    pending,
    bytes: download?.doneBytes ?? 0,
    chunks: download?.doneChunks ?? 0,
    error,
    ...(sent !== undefined && { sent }),
  };
}
