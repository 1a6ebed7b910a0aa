// The only file that imports tar.
import { Parser } from 'tar';
import type { ReadEntry } from 'tar';
import { cutOff, damaged } from './image-error.ts';
import type { Budget } from './limits.ts';
import type { Member, MemberKind } from './member.ts';

/** What the parser tells, in its order. Bytes belong to the last entry. */
type TarEvent = ReadEntry | Uint8Array | 'entry-end';

/** Members of a tar: POSIX, GNU, and what came before them. */
export async function* tarMembers(
  chunks: AsyncIterable<Uint8Array>,
  place: string,
  budget: Budget,
): AsyncGenerator<Member, void> {
  const events = eventsOf(chunks, place);
  try {
    for (;;) {
      const next = await events.next();
      if (next.done === true) return;
      if (next.value === 'entry-end' || next.value instanceof Uint8Array) continue; // what nobody asked for
      const entry = next.value;
      const name = budget.member(place, entry.path);
      yield { name, kind: kindOf(entry.type), sizeBytes: entry.size, bytes: () => bodyOf(events) };
    }
  } finally {
    await events.return();
  }
}

async function* bodyOf(events: AsyncGenerator<TarEvent, void>): AsyncGenerator<Uint8Array, void> {
  for (;;) {
    const { value } = await events.next();
    if (!(value instanceof Uint8Array)) return;
    yield value;
  }
}

async function* eventsOf(chunks: AsyncIterable<Uint8Array>, place: string): AsyncGenerator<TarEvent, void> {
  const parsing = new Parsing();
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    const events = parsing.feed(chunk);
    if (parsing.problem !== null) {
      const cause = parsing.problem.charAt(0).toLowerCase() + parsing.problem.slice(1);
      throw damaged(place, `its tar is broken before byte ${bytes} (${cause})`);
    }
    yield* events;
  }
  if (!parsing.sawEndMark) throw cutOff(place, 'a tar, which has no end mark', bytes);
}

/** The parser, asked instead of listened to. With all of its listeners there from the start it works synchronously. */
class Parsing {
  /** The first thing that the parser did not understand. It would go on behind it. */
  problem: string | null = null;
  sawEndMark = false;
  #ended = false;
  #events: TarEvent[] = [];
  readonly #parser = new Parser({
    brotli: false,
    zstd: false, // what comes in is unpacked already
    onwarn: (_code, message) => (this.problem ??= message),
    onReadEntry: (entry) => this.#push(entry),
  });

  constructor() {
    this.#parser.on('ignoredEntry', (entry: ReadEntry) => {
      // An entry about the next one, too long to be a name; or of a type that the parser does not know.
      if (entry.meta) this.problem ??= 'a name in it has no end';
      else this.#push(entry);
    });
    this.#parser.on('nullBlock', () => (this.sawEndMark = true));
    this.#parser.on('eof', () => (this.#ended = true));
  }

  feed(chunk: Uint8Array): readonly TarEvent[] {
    // The parser keeps whatever comes behind the end, without limit.
    if (!this.#ended) this.#parser.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #push(entry: ReadEntry): void {
    this.#events.push(entry);
    entry.on('data', (data) => this.#events.push(data));
    entry.on('end', () => this.#events.push('entry-end'));
  }
}

function kindOf(type: string): MemberKind {
  switch (type) {
    case 'File':
    case 'OldFile':
    case 'ContiguousFile':
      return 'file';
    case 'Directory':
    case 'GNUDumpDir':
      return 'directory';
    case 'Link':
    case 'SymbolicLink':
      return 'link';
    default:
      return 'other';
  }
}
