import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { concatBytes } from '../base/bytes.ts';
import type { Report } from './diagnostics.ts';
import type {
  ResolvedChunkedSection,
  ResolvedSection,
  ResolvedSesSection,
  ResolvedWriteBufferSection,
} from './resolved.ts';

/** A section, and where the playbook says it. */
export interface PlacedResolved {
  readonly section: ResolvedSection;
  readonly pointer: string;
}

/**
 * One image in several files: a section that begins in the same buffer where the one before it ends, and is sent alike, goes on with
 * its image. The unit sees one download; to it there is no end between two parts.
 */
export function joinParts(sections: readonly PlacedResolved[], report: Report): readonly PlacedResolved[] {
  const joined: PlacedResolved[] = [];
  for (const placed of sections) {
    const before = joined.at(-1);
    const whole = before === undefined ? null : joinedWith(before.section, placed.section);
    if (whole === null) joined.push(placed);
    else joined[joined.length - 1] = { section: whole, pointer: placed.pointer };
  }
  for (const { section, pointer } of joined) warnOfRest(section, pointer, report);
  return joined;
}

/** null: they are not parts of one image. */
function joinedWith(before: ResolvedSection, next: ResolvedSection): ResolvedChunkedSection | null {
  if (before.via === 'external' || next.via === 'external') return null;
  if (next.offsetBytes !== before.offsetBytes + before.image.length || !isAlike(before, next)) return null;
  const { bpw } = before;
  // Each part was one command, and stays one.
  const isWhole = bpw === 'whole';
  const step = isWhole ? before.image.length : bpw;
  if (isWhole && next.image.length > before.image.length) return null;
  const image = concatBytes(before.image, next.image);
  const parts = {
    image,
    sentSha256: createHash('sha256').update(image).digest('hex'),
    bpw: step,
    more: [...(before.more ?? []), next.source],
    ...(next.witness !== undefined && { witness: next.witness }),
    ...(next.isUnproven && { isUnproven: next.isUnproven }),
  };
  if (before.via === 'ses' && next.via === 'ses') {
    const totalLengthBytes = Math.max(before.totalLengthBytes, next.totalLengthBytes);
    const { lastMode, endWith, finalStatus } = next;
    return { ...before, ...parts, lastMode, endWith, finalStatus, totalLengthBytes };
  }
  if (before.via === 'write-buffer' && next.via === 'write-buffer')
    return { ...before, ...parts, lastMode: next.lastMode, endWith: next.endWith };
  return null;
}

/** What two parts of one image may have of their own; in everything else they are equal, or one would be sent like the other. */
const OF_A_PART: readonly string[] = [
  'image',
  'sentSha256',
  'source',
  'more',
  'witness',
  'isUnproven',
  'offsetBytes',
  'bpw',
  'lastMode',
  'endWith',
  'finalStatus',
  'totalLengthBytes',
] satisfies (keyof ResolvedWriteBufferSection | keyof ResolvedSesSection)[];

function isAlike(before: ResolvedChunkedSection, next: ResolvedChunkedSection): boolean {
  const shared = (section: ResolvedChunkedSection): unknown =>
    Object.fromEntries(Object.entries(section).filter(([key]) => !OF_A_PART.includes(key)));
  const isFirst = before.lastMode === null && before.endWith === null && before.bufferIdStep === 0;
  const sameStep = before.bpw === next.bpw || (next.bpw === 'whole' && before.bpw === next.image.length);
  return isFirst && sameStep && isDeepStrictEqual(shared(before), shared(next));
}

/** Where MICROCODE IMAGE LENGTH says more than all parts are, the unit goes on waiting. */
function warnOfRest(section: ResolvedSection, pointer: string, report: Report): void {
  if (section.via !== 'ses') return;
  const { totalLengthBytes, offsetBytes, image } = section;
  const endBytes = offsetBytes + image.length;
  if (totalLengthBytes <= endBytes) return;
  report({
    code: 'image-parts',
    severity: 'warning',
    path: `${pointer}/total-length`,
    message: `total-length is ${totalLengthBytes}, and what is sent ends at ${endBytes}: the unit waits for the rest, and the download fails`,
    hint: `add a section with the rest and offset: ${endBytes}, or correct total-length`,
  });
}
