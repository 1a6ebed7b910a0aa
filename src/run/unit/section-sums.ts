import type { PendingEvent } from '../facts/outcome.ts';
import type { DownloadHooks, SectionProcedure, SentImage } from './procedure.ts';

export function sumOf<Item>(items: readonly Item[], count: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + count(item), 0);
}

/** Any one of these events is enough for all of the lists that are not empty; where there is none, what the last one waits for. */
export function commonEvents<Event extends PendingEvent>(
  lists: readonly (readonly Event[])[],
): readonly Event[] {
  const waiting = lists.filter((events) => events.length > 0);
  const common = (waiting[0] ?? []).filter((event) => waiting.every((events) => events.includes(event)));
  return common.length > 0 ? common : (waiting.at(-1) ?? []);
}

/** Progress of section `index` as progress over all of them; `ends` are those before it. */
export function progressOver(
  sections: readonly SectionProcedure[],
  ends: readonly SentImage[],
  index: number,
  onProgress: DownloadHooks['onProgress'],
): DownloadHooks['onProgress'] {
  const ended = ends.slice(0, index);
  const doneBytes = sumOf(ended, (end) => end.doneBytes);
  const doneChunks = sumOf(ended, (end) => end.doneChunks);
  const totalBytes = sumOf(sections, ({ size }) => size.bytes);
  const laterChunks = sumOf(sections.slice(index + 1), ({ size }) => size.chunks);
  return (progress) =>
    onProgress({
      doneBytes: doneBytes + progress.doneBytes,
      totalBytes,
      chunk: doneChunks + progress.chunk,
      chunks: doneChunks + progress.chunks + laterChunks,
    });
}
