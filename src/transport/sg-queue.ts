import { read, write } from 'node:fs';
import { constants } from 'node:os';
import type { CallResult, Libc } from '../native/libc.ts';
import { PROBE_TIMEOUT_MS } from '../scsi/command.ts';
import { standardInquiry } from '../scsi/inquiry.ts';
import { encodeSgHeader } from './sg-header.ts';
import { SgMemory } from './sg-memory.ts';

/** Of include/scsi/sg.h; each takes the address of an int. */
const SG_SET_FORCE_PACK_ID = 0x227b;
const SG_GET_NUM_WAITING = 0x227d;
const SG_SET_KEEP_ORPHAN = 0x2287;

const { EAGAIN, EDOM } = constants.errno;

/** sg has 16 places for a descriptor (SG_MAX_QUEUE). A driver that has this many and more is not the one known here. */
const MOST_PLACES = 64;
/** Ids of commands that keep a place taken; those of all others are lower. */
const FIRST_KEEPER = 0x4000_0000;
const SHORTEST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 100;

/** errno of SG_IO when all places of a descriptor are taken: nothing was sent. */
export const NO_PLACE_ERRNO = EDOM;

export interface SgQueueParts {
  readonly fd: number;
  readonly libc: Pick<Libc, 'ioctl' | 'addressOf'>;
  /** write(2) and read(2) on the descriptor, in a thread; resolve to the errno. */
  readonly write?: (fd: number, header: Buffer) => Promise<number>;
  readonly read?: (fd: number, header: Buffer) => Promise<number>;
  readonly sleep?: (ms: number) => Promise<void>;
}

/**
 * What keeps SG_IO from sending a command twice. SG_IO waits interruptibly: a SIGSTOP, the freezer of a cgroup or of the whole
 * system, which nobody can block, ends the wait, and when the process goes on the kernel calls SG_IO again and so sends
 * the command a second time. Here all places of the descriptor but one are taken by finished commands whose answers nobody
 * reads, and the answer of a command whose wait was ended keeps its place too (SG_SET_KEEP_ORPHAN). The second SG_IO then finds
 * no place and ends with {@link NO_PLACE_ERRNO} before anything is sent, and `fetch` gets the answer to the first.
 */
export class SgQueue {
  readonly #parts: Required<SgQueueParts>;
  readonly #memory: SgMemory;

  constructor(parts: SgQueueParts) {
    this.#parts = { write: writeHeader, read: readHeader, sleep: pause, ...parts };
    this.#memory = new SgMemory((bytes) => parts.libc.addressOf(bytes));
  }

  /**
   * Takes all places but one, with INQUIRY commands one after the other. The first of them has the descriptor's own buffer and
   * is the one that gives its place back. Takes none where the driver does not know the calls for it.
   */
  async leaveOneSlot(): Promise<void> {
    const { write, sleep } = this.#parts;
    if ((await this.#call(SG_SET_KEEP_ORPHAN, 1)).errno !== 0) return;
    if ((await this.#call(SG_SET_FORCE_PACK_ID, 1)).errno !== 0) return;
    for (let taken = 0; taken < MOST_PLACES; taken++) {
      const errno = await write(this.#parts.fd, this.#keeper(taken));
      if (errno === EDOM) {
        if (taken > 0) await this.fetch(this.#keeper(0));
        return;
      }
      if (errno !== 0) return; // SG_IO will have the same errno
      for (let ms = SHORTEST_PAUSE_MS; (await this.#call(SG_GET_NUM_WAITING, 0)).value <= taken;) {
        await sleep(ms);
        ms = Math.min(LONGEST_PAUSE_MS, ms * 2);
      }
    }
  }

  /**
   * The answer of a command that was sent and not waited for: waits for it, and writes it where the command's header says.
   *
   * @param header as it was when the command was sent
   * @returns errno
   */
  async fetch(header: Buffer): Promise<number> {
    const { fd, read, sleep } = this.#parts;
    for (let ms = SHORTEST_PAUSE_MS; ; ms = Math.min(LONGEST_PAUSE_MS, ms * 2)) {
      const errno = await read(fd, header);
      if (errno !== EAGAIN) return errno;
      await sleep(ms);
    }
  }

  #keeper(index: number): Buffer {
    const { cdb, dataInBytes } = standardInquiry();
    const data = this.#memory.dataIn(dataInBytes);
    encodeSgHeader(this.#memory.header, {
      direction: 'in',
      cdbBytes: cdb.length,
      cdbAddress: this.#memory.putCdb(cdb),
      dataBytes: data.length,
      dataAddress: this.#parts.libc.addressOf(data),
      senseBytes: this.#memory.sense.length,
      senseAddress: this.#memory.senseAddress,
      timeoutMs: PROBE_TIMEOUT_MS,
      packId: FIRST_KEEPER + index,
    });
    return this.#memory.header;
  }

  async #call(request: number, value: number): Promise<CallResult & { readonly value: number }> {
    const argument = Buffer.alloc(4);
    argument.writeInt32LE(value);
    const called = await this.#parts.libc.ioctl(this.#parts.fd, request, argument, this.#memory);
    return { ...called, value: argument.readInt32LE() };
  }
}

const writeHeader = (fd: number, header: Buffer): Promise<number> =>
  new Promise((resolve) => {
    write(fd, header, 0, header.length, null, (error) => resolve(errnoOf(error)));
  });

const readHeader = (fd: number, header: Buffer): Promise<number> =>
  new Promise((resolve) => {
    read(fd, header, 0, header.length, null, (error) => resolve(errnoOf(error)));
  });

const errnoOf = (error: NodeJS.ErrnoException | null): number => -(error?.errno ?? 0);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
