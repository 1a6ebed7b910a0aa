import { MAX_CDB_BYTES, MAX_SENSE_BYTES, SG_HEADER_BYTES } from './sg-header.ts';

/**
 * What the kernel reads and writes for a command, beside the data that a command brings. Kept from command to command:
 * new memory for each is what a chunk costs most of in this process. The kernel may write to it until the command has
 * come back; so nothing in here is given out, only copied, and who lost a command never uses it again.
 */
export class SgMemory {
  readonly header: Buffer;
  readonly sense: Uint8Array;
  readonly senseAddress: bigint;
  readonly #cdb: Uint8Array;
  readonly #cdbAddress: bigint;
  #dataIn = new Uint8Array(0);

  constructor(addressOf: (bytes: Uint8Array) => bigint) {
    const senseAt = SG_HEADER_BYTES + MAX_CDB_BYTES;
    const whole = Buffer.alloc(senseAt + MAX_SENSE_BYTES);
    this.header = whole.subarray(0, SG_HEADER_BYTES);
    this.#cdb = new Uint8Array(whole.buffer, whole.byteOffset + SG_HEADER_BYTES, MAX_CDB_BYTES);
    this.sense = new Uint8Array(whole.buffer, whole.byteOffset + senseAt, MAX_SENSE_BYTES);
    this.#cdbAddress = addressOf(this.#cdb);
    this.senseAddress = addressOf(this.sense);
  }

  /** Puts the CDB where the kernel reads it, clears the sense bytes, and returns the address of the CDB. */
  putCdb(cdb: Uint8Array): bigint {
    this.#cdb.fill(0);
    this.#cdb.set(cdb.subarray(0, MAX_CDB_BYTES));
    this.sense.fill(0);
    return this.#cdbAddress;
  }

  /** Zeros, so many. */
  dataIn(lengthBytes: number): Uint8Array {
    if (this.#dataIn.length < lengthBytes) this.#dataIn = new Uint8Array(lengthBytes);
    else this.#dataIn.fill(0, 0, lengthBytes);
    return this.#dataIn.subarray(0, lengthBytes);
  }
}
