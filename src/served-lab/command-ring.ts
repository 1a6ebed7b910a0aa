import { ServedError } from './served-error.ts';

/** One piece of the data buffer of a command, from the start of the mapping. */
interface Piece {
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** A command that the kernel has put into the ring. */
export interface RingCommand {
  readonly kind: 'command';
  readonly id: number;
  readonly cdb: Uint8Array;
  /** Data buffer of the initiator, in or out. */
  readonly pieces: readonly Piece[];
  readonly dataBytes: number;
}

/** The kernel has done something to commands that it gave us before. Wants no answer. */
export interface RingTaskManagement {
  readonly kind: 'task-management';
  /** See {@link TaskManagement}. */
  readonly type: number;
  /** Commands that are not to go on. */
  readonly ids: readonly number[];
}

export interface RingAnswer {
  /** SCSI status. */
  readonly status: number;
  readonly sense: Uint8Array;
  readonly dataIn: Uint8Array;
}

/** tmr_type of a task management entry. */
export const TaskManagement = { abortTask: 1, abortTaskSet: 2, clearTaskSet: 4, lunReset: 5 } as const;

const Operation = { padding: 0, command: 1, taskManagement: 2 } as const;
const OPERATION_MASK = 7;
const MAILBOX_VERSION = 2;
const FLAG_OUT_OF_ORDER = 1;
const UNKNOWN_OPERATION = 1;
const READ_LENGTH_VALID = 2;
const SENSE_BYTES = 96;
/** Mailbox: version, flags, ring offset, ring size, head; the tail lies on a cache line of its own. */
const Mailbox = { version: 0, flags: 2, ringOffset: 4, ringSize: 8, head: 12, tail: 64 } as const;
/** Entry: length and operation, command id, flags; then the request, or the answer in its place. */
const Entry = { lengthAndOperation: 0, id: 4, ourFlags: 7 } as const;
const Request = { pieceCount: 8, cdbOffset: 24, pieces: 48 } as const;
const Answer = { status: 8, dataInBytes: 12, sense: 16 } as const;
const TaskManagementEntry = { type: 8, count: 12, ids: 32 } as const;

/**
 * The memory that the kernel's TCMU driver shares with its user (linux/target_core_user.h, the kernel's document
 * tcmu-design): a ring of commands, and their data behind it. Numbers are in the byte order of the machine, which is
 * little endian wherever this runs. Answers may come in another order than the commands.
 */
export class CommandRing {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #offset: number;
  readonly #size: number;
  /** Where we read on; the tail, up to which the kernel may write again, follows with the answers. */
  #cursor: number;
  #unanswered = 0;

  /** Throws ServedError where the kernel speaks another version. */
  constructor(memory: ArrayBuffer) {
    this.#bytes = new Uint8Array(memory);
    this.#view = new DataView(memory);
    const version = this.#view.getUint16(Mailbox.version, true);
    const outOfOrder = (this.#view.getUint16(Mailbox.flags, true) & FLAG_OUT_OF_ORDER) !== 0;
    if (version !== MAILBOX_VERSION || !outOfOrder) {
      throw new ServedError(
        'kernel-refused',
        `the TCMU driver of this kernel speaks version ${version} of its protocol, runbook speaks version ${MAILBOX_VERSION}`,
        'Use a Linux kernel from 5.9 on.',
      );
    }
    this.#offset = this.#view.getUint32(Mailbox.ringOffset, true);
    this.#size = this.#view.getUint32(Mailbox.ringSize, true);
    this.#cursor = this.#view.getUint32(Mailbox.tail, true);
  }

  /** Commands that were read and not answered. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** The next entry that is for us; null: nothing is there. */
  next(): RingCommand | RingTaskManagement | null {
    while (this.#cursor !== this.#view.getUint32(Mailbox.head, true)) {
      const entry = this.#offset + this.#cursor;
      const operation = this.#operation(entry);
      this.#cursor = this.#after(this.#cursor);
      if (operation === Operation.command) {
        this.#unanswered++;
        return this.#command(entry);
      }
      const told = operation === Operation.taskManagement ? this.#taskManagement(entry) : null;
      if (operation !== Operation.padding && told === null) this.#raise(entry, UNKNOWN_OPERATION);
      this.#releaseRead();
      if (told !== null) return told;
    }
    return null;
  }

  /** Data that came with the command, copied: the kernel takes the memory back with the answer. */
  dataOut({ pieces, dataBytes }: RingCommand): Uint8Array {
    const data = new Uint8Array(dataBytes);
    let at = 0;
    for (const { offsetBytes, lengthBytes } of pieces) {
      data.set(this.#bytes.subarray(offsetBytes, offsetBytes + lengthBytes), at);
      at += lengthBytes;
    }
    return data;
  }

  /** Answers a command. The kernel looks when it is told to, by a write of 4 bytes to the device. */
  answer(command: RingCommand, { status, sense, dataIn }: RingAnswer): void {
    const movedBytes = this.#scatter(command, dataIn);
    // Answers stand in the order in which they are given: each takes the place of the oldest command.
    let tail = this.#view.getUint32(Mailbox.tail, true);
    while (this.#operation(this.#offset + tail) !== Operation.command) tail = this.#after(tail);
    const entry = this.#offset + tail;
    const next = this.#after(tail);
    this.#view.setUint16(entry + Entry.id, command.id, true);
    this.#view.setUint8(entry + Entry.ourFlags, 0);
    this.#bytes.fill(0, entry + Answer.status, entry + Answer.sense + SENSE_BYTES);
    this.#view.setUint8(entry + Answer.status, status);
    this.#bytes.set(sense.subarray(0, SENSE_BYTES), entry + Answer.sense);
    // The residual. A length of 0 means to the kernel that there is none, so that "no data at all" cannot be said.
    if (movedBytes < command.dataBytes && movedBytes > 0) {
      this.#raise(entry, READ_LENGTH_VALID);
      this.#view.setUint32(entry + Answer.dataInBytes, movedBytes, true);
    }
    this.#view.setUint32(Mailbox.tail, next, true);
    this.#unanswered--;
    this.#releaseRead();
  }

  #command(entry: number): RingCommand {
    const pieces: Piece[] = [];
    const pieceCount = this.#view.getUint32(entry + Request.pieceCount, true);
    for (let at = entry + Request.pieces; pieces.length < pieceCount; at += 16) {
      pieces.push({ offsetBytes: this.#number64(at), lengthBytes: this.#number64(at + 8) });
    }
    const cdbOffset = this.#number64(entry + Request.cdbOffset);
    return {
      kind: 'command',
      id: this.#view.getUint16(entry + Entry.id, true),
      cdb: this.#bytes.slice(cdbOffset, cdbOffset + cdbBytes(this.#bytes, cdbOffset)),
      pieces,
      dataBytes: pieces.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0),
    };
  }

  #taskManagement(entry: number): RingTaskManagement {
    const count = this.#view.getUint32(entry + TaskManagementEntry.count, true);
    const ids = Array.from({ length: count }, (_, index) =>
      this.#view.getUint16(entry + TaskManagementEntry.ids + 2 * index, true),
    );
    return { kind: 'task-management', type: this.#view.getUint8(entry + TaskManagementEntry.type), ids };
  }

  #scatter({ pieces }: RingCommand, data: Uint8Array): number {
    let moved = 0;
    for (const { offsetBytes, lengthBytes } of pieces) {
      const part = data.subarray(moved, moved + lengthBytes);
      this.#bytes.set(part, offsetBytes);
      moved += part.length;
    }
    return moved;
  }

  /** What needs no answer goes back to the kernel as soon as no command stands before it. */
  #releaseRead(): void {
    if (this.#unanswered === 0) this.#view.setUint32(Mailbox.tail, this.#cursor, true);
  }

  #raise(entry: number, flag: number): void {
    this.#view.setUint8(entry + Entry.ourFlags, this.#view.getUint8(entry + Entry.ourFlags) | flag);
  }

  #operation(entry: number): number {
    return this.#view.getUint32(entry + Entry.lengthAndOperation, true) & OPERATION_MASK;
  }

  #after(position: number): number {
    const word = this.#view.getUint32(this.#offset + position + Entry.lengthAndOperation, true);
    return (position + (word & ~OPERATION_MASK)) % this.#size;
  }

  #number64(at: number): number {
    return Number(this.#view.getBigUint64(at, true));
  }
}

/** Length of a command block by the group code of its operation code; the vendor groups are taken for 10 bytes, as the kernel does. */
const GROUP_BYTES = [6, 10, 10, 12, 16, 12, 10, 10] as const;
const VARIABLE_LENGTH = 0x7f;

function cdbBytes(bytes: Uint8Array, at: number): number {
  const operationCode = bytes[at]!;
  if (operationCode === VARIABLE_LENGTH) return 8 + bytes[at + 7]!;
  return GROUP_BYTES[operationCode >> 5]!;
}
