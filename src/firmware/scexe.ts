import type { ByteReader } from './byte-reader.ts';
import { gunzip } from './gzip.ts';
import { cutOff, damaged, ImageError } from './image-error.ts';
import type { Budget } from './limits.ts';
import type { Member } from './member.ts';
import { tarMembers } from './tar.ts';

const MAX_HEADER_BYTES = 64 * 1024;
const MAX_HEADER_LINES = 1000;
const LINE_FEED = 0x0a;
const GZIP_MAGIC = '1f8b08';

/**
 * Members of an HPE Smart Component: a shell script whose variable `_SKIP` names the line where a gzip stream of a tar
 * begins. The script is looked at for that one number, and not a word of it is executed.
 */
export async function* scexeMembers(reader: ByteReader, budget: Budget): AsyncGenerator<Member, void> {
  const { origin } = reader;
  for await (const member of tarMembers(archiveOf(reader, budget), origin, budget)) {
    if (member.kind === 'link' || member.kind === 'other') {
      throw new ImageError(
        'unsafe',
        `${origin} holds ${member.name}, which is not a regular file; a Smart Component has only regular files`,
        'do not use this file: download it again from the vendor',
      );
    }
    yield member;
  }
}

/** The unpacked tar. */
async function* archiveOf(reader: ByteReader, budget: Budget): AsyncGenerator<Uint8Array, void> {
  try {
    await skipScript(reader);
    yield* gunzip(reader, budget, 'any');
  } catch (error) {
    throw explained(error);
  }
}

async function skipScript(reader: ByteReader): Promise<void> {
  const { origin } = reader;
  const head = await reader.peek(MAX_HEADER_BYTES);
  const lines = linesOf(head);
  const payloadLine = skipOf(lines, origin);
  const start = lines[payloadLine - 1]?.startBytes;
  if (start === undefined) {
    if (head.length < MAX_HEADER_BYTES) throw cutOff(origin, 'the script before its archive', head.length);
    throw damaged(origin, `its line ${payloadLine} is not within the first ${MAX_HEADER_BYTES} bytes`);
  }
  reader.drop(start);
  const magic = await reader.peek(GZIP_MAGIC.length / 2);
  if (Buffer.from(magic).toString('hex') === GZIP_MAGIC) return;
  if (magic.length < GZIP_MAGIC.length / 2)
    throw cutOff(origin, 'the script before its archive', start + magic.length);
  throw damaged(origin, `_SKIP leads to line ${payloadLine}, where no gzip stream begins`);
}

interface Line {
  readonly startBytes: number;
  readonly text: string;
}

function linesOf(head: Uint8Array): readonly Line[] {
  const lines: Line[] = [];
  for (let start = 0; lines.length <= MAX_HEADER_LINES;) {
    const end = head.indexOf(LINE_FEED, start);
    lines.push({
      startBytes: start,
      text: Buffer.from(head.subarray(start, end < 0 ? undefined : end)).toString('latin1'),
    });
    if (end < 0) break;
    start = end + 1;
  }
  return lines;
}

/** The number of the line where the archive begins, counted from 1. */
function skipOf(lines: readonly Line[], origin: string): number {
  const first = assignmentsIn(lines)[0];
  if (first === undefined) throw damaged(origin, 'its script does not set _SKIP');
  if (first.endsWith('\r')) throw damaged(origin, 'the line endings of its script were changed');
  if (!/^\d{1,9}$/.test(first))
    throw damaged(origin, 'its script sets _SKIP to something that is not a number');
  const line = Number(first);
  if (line > MAX_HEADER_LINES) throw damaged(origin, `its script is longer than ${MAX_HEADER_LINES} lines`);
  // What looks like an assignment within the archive is none.
  const inScript = assignmentsIn(lines.slice(0, Math.max(0, line - 1))).length;
  if (inScript !== 1) throw damaged(origin, `its script sets _SKIP ${inScript} times; it must be once`);
  return line;
}

function assignmentsIn(lines: readonly Line[]): readonly string[] {
  return lines
    .filter(({ text }) => !/^\s*#/.test(text))
    .flatMap(({ text }) =>
      [...text.matchAll(/(?:^|[\s;&|({])_SKIP=([^ \t;&|)}]*)/g)].map(([, value]) => value!),
    );
}

/** The usual reasons, for those who see the error. */
function explained(error: unknown): unknown {
  if (!(error instanceof ImageError) || error.next !== null) return error;
  if (error.code !== 'cut' && error.code !== 'damaged') return error;
  const next =
    'download it again as a binary file: editors and text transfers that change line endings break it';
  return new ImageError(error.code, error.message, next);
}
