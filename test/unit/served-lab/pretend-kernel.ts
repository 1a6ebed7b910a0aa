/** The other side of the ring: what the kernel's TCMU driver writes and reads, by its own document, byte by byte. */
export interface KernelAnswer {
  readonly id: number;
  readonly status: number;
  readonly flags: number;
  readonly readLength: number;
  readonly sense: Uint8Array;
}

const RING_OFFSET = 256;
const RING_SIZE = 4096;
const DATA_OFFSET = RING_OFFSET + RING_SIZE;
const DATA_SIZE = 0x20000;
const ENTRY_BYTES = 112; // struct tcmu_cmd_entry with its answer

export const UNKNOWN_OPERATION = 1;
export const READ_LENGTH_VALID = 2;

export class PretendKernel {
  readonly memory = new ArrayBuffer(DATA_OFFSET + DATA_SIZE);
  readonly bytes = new Uint8Array(this.memory);
  readonly #view = new DataView(this.memory);
  #head = 0;
  /** How far the answers were read. */
  #read = 0;
  #data = DATA_OFFSET;

  constructor({ version = 2, flags = 0x0f }: { version?: number; flags?: number } = {}) {
    this.#view.setUint16(0, version, true);
    this.#view.setUint16(2, flags, true);
    this.#view.setUint32(4, RING_OFFSET, true);
    this.#view.setUint32(8, RING_SIZE, true);
  }

  get tail(): number {
    return this.#view.getUint32(64, true);
  }

  get head(): number {
    return this.#head;
  }

  /** Puts a command into the ring, its data in pieces of these sizes. Returns where they lie. */
  command(
    id: number,
    cdb: readonly number[],
    pieceBytes: readonly number[] = [],
    data?: Uint8Array,
  ): number[] {
    const base = Math.max(ENTRY_BYTES, 48 + 16 * pieceBytes.length);
    const entry = this.#entry(base + 16 * Math.ceil(cdb.length / 16), 1, id);
    const roots: number[] = [];
    let sent = 0;
    this.#view.setUint32(entry + 8, pieceBytes.length, true);
    for (const [index, length] of pieceBytes.entries()) {
      const at = this.#data;
      this.#data += length + 64; // never one right behind the other
      roots.push(at);
      this.#view.setBigUint64(entry + 48 + 16 * index, BigInt(at), true);
      this.#view.setBigUint64(entry + 56 + 16 * index, BigInt(length), true);
      if (data !== undefined) this.bytes.set(data.subarray(sent, sent + length), at);
      sent += length;
    }
    this.#view.setBigUint64(entry + 24, BigInt(entry + base), true);
    this.bytes.set(cdb, entry + base);
    return roots;
  }

  taskManagement(type: number, ids: readonly number[]): void {
    const entry = this.#entry(32 + 8 * Math.ceil(ids.length / 4), 2, 0);
    this.bytes[entry + 8] = type;
    this.#view.setUint32(entry + 12, ids.length, true);
    for (const [index, id] of ids.entries()) this.#view.setUint16(entry + 32 + 2 * index, id, true);
  }

  unknown(): number {
    return this.#entry(64, 7, 0);
  }

  /** What was answered since the last call: the entries up to the tail. */
  answers(): KernelAnswer[] {
    const answers: KernelAnswer[] = [];
    while (this.#read !== this.tail) {
      const entry = RING_OFFSET + this.#read;
      const word = this.#view.getUint32(entry, true);
      if ((word & 7) === 1) {
        answers.push({
          id: this.#view.getUint16(entry + 4, true),
          flags: this.bytes[entry + 7]!,
          status: this.bytes[entry + 8]!,
          readLength: this.#view.getUint32(entry + 12, true),
          sense: this.bytes.slice(entry + 16, entry + 112),
        });
      }
      this.#read = (this.#read + (word & ~7)) % RING_SIZE;
    }
    return answers;
  }

  /** Room for an entry; an entry never goes over the end, padding fills the rest. */
  #entry(sizeBytes: number, operation: number, id: number): number {
    const left = RING_SIZE - this.#head;
    if (sizeBytes > left) {
      this.#view.setUint32(RING_OFFSET + this.#head, left, true); // operation 0
      this.#advance(left);
    }
    const used = (this.#head - this.tail + RING_SIZE) % RING_SIZE;
    if (used + sizeBytes >= RING_SIZE) throw new Error('the ring is full');
    const entry = RING_OFFSET + this.#head;
    this.bytes.fill(0, entry, entry + sizeBytes);
    this.#view.setUint32(entry, sizeBytes | operation, true);
    this.#view.setUint16(entry + 4, id, true);
    this.#advance(sizeBytes);
    return entry;
  }

  #advance(bytes: number): void {
    this.#head = (this.#head + bytes) % RING_SIZE;
    this.#view.setUint32(12, this.#head, true);
  }
}
