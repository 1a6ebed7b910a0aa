// The only file that imports zstddec: the decoder of the reference implementation, as WebAssembly. Its own streaming
// takes an error for an endless stream, so the functions of the library are called here.
import { ZSTDDecoder } from 'zstddec/stream';
import { viewOf } from '../base/bytes.ts';
import type { ByteReader } from './byte-reader.ts';
import { cutOff, damaged, unsupported } from './image-error.ts';
import type { ImageError } from './image-error.ts';
import type { Budget } from './limits.ts';

const INPUT_BYTES = 8 * 1024;
/** ZSTD_inBuffer and ZSTD_outBuffer: pointer, size, position, of 32 bits each. */
const BUFFER_BYTES = 12;

/** What is called of libzstd. Pointers are offsets in its memory; a negative result is an error (zstd_errors.h). */
interface Library {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(bytes: number): number;
  free(pointer: number): void;
  ZSTD_createDCtx(): number;
  ZSTD_freeDCtx(context: number): number;
  ZSTD_decompressStream(context: number, output: number, input: number): number;
  ZSTD_DStreamOutSize(): number;
}

/** ZSTD_ErrorCode; the rest is damage without a better name. */
const CAUSE = { parameter: 14, window: 16, checksum: 22, dictionary: 32, memory: 64 } as const;

/**
 * Unpacks Zstandard frames (RFC 8878), one after the other, with every check that `zstd` makes: sizes, checksums, and no
 * window above 128 MiB.
 */
export async function* unzstd(reader: ByteReader, budget: Budget): AsyncGenerator<Uint8Array, void> {
  const meter = budget.meter(reader);
  const decoder = new Decoder(await library());
  try {
    for (let isFull = false, isComplete = false; ;) {
      const input = (await reader.some()).subarray(0, INPUT_BYTES);
      if (input.length === 0 && !isFull) {
        if (isComplete) return;
        throw cutOff(reader.origin, 'Zstandard data', reader.offsetBytes);
      }
      const { result, takenBytes, output } = decoder.step(input);
      reader.drop(takenBytes);
      if (result < 0) throw errorOf(-result, reader);
      isFull = output.length === decoder.outputBytes;
      isComplete = result === 0;
      if (isComplete) meter.piece();
      meter.count(output.length);
      if (output.length > 0) yield output;
    }
  } finally {
    decoder.free();
  }
}

function errorOf(code: number, { origin, offsetBytes }: ByteReader): ImageError {
  switch (code) {
    case CAUSE.checksum:
      return damaged(origin, 'the checksum of its Zstandard data is wrong');
    case CAUSE.dictionary:
      return unsupported(origin, 'needs a Zstandard dictionary');
    case CAUSE.window:
    case CAUSE.memory:
      return unsupported(origin, 'needs more than 128 MiB of memory to be unpacked');
    case CAUSE.parameter:
      return damaged(origin, 'its Zstandard header is invalid');
    default:
      return damaged(origin, `its Zstandard data is invalid near byte ${offsetBytes}`);
  }
}

/** One ZSTD_DCtx with its buffers. */
class Decoder {
  readonly outputBytes: number;
  readonly #library: Library;
  readonly #context: number;
  readonly #data: number;
  readonly #room: number;
  readonly #buffers: number;

  constructor(lib: Library) {
    this.#library = lib;
    this.outputBytes = lib.ZSTD_DStreamOutSize();
    this.#context = lib.ZSTD_createDCtx();
    this.#data = lib.malloc(INPUT_BYTES);
    this.#room = lib.malloc(this.outputBytes);
    this.#buffers = lib.malloc(2 * BUFFER_BYTES);
  }

  /** Takes some of the input, gives some output; `result` 0: a frame is complete. */
  step(input: Uint8Array): { result: number; takenBytes: number; output: Uint8Array } {
    const lib = this.#library;
    new Uint8Array(lib.memory.buffer).set(input, this.#data);
    const inputBuffer = this.#buffers;
    const outputBuffer = this.#buffers + BUFFER_BYTES;
    this.#setBuffer(inputBuffer, this.#data, input.length);
    this.#setBuffer(outputBuffer, this.#room, this.outputBytes);
    // size_t of WebAssembly comes as a signed number.
    const result = lib.ZSTD_decompressStream(this.#context, outputBuffer, inputBuffer);
    // The call may have made the memory larger: another buffer from here on.
    const memory = new Uint8Array(lib.memory.buffer);
    const position = (buffer: number): number => viewOf(memory).getUint32(buffer + 8, true);
    return {
      result,
      takenBytes: position(inputBuffer),
      output: memory.slice(this.#room, this.#room + position(outputBuffer)),
    };
  }

  free(): void {
    this.#library.ZSTD_freeDCtx(this.#context);
    for (const pointer of [this.#data, this.#room, this.#buffers]) this.#library.free(pointer);
  }

  #setBuffer(at: number, pointer: number, sizeBytes: number): void {
    const view = viewOf(new Uint8Array(this.#library.memory.buffer));
    [pointer, sizeBytes, 0].forEach((value, index) => view.setUint32(at + 4 * index, value, true));
  }
}

let loaded: Promise<Library> | null = null;

/** Loaded once; all decoders share its memory. */
const library = (): Promise<Library> => (loaded ??= load());

async function load(): Promise<Library> {
  const decoder = new ZSTDDecoder();
  const loading: { exports?: Library } = {};
  const keep = decoder._init.bind(decoder);
  decoder._init = (result) => {
    keep(result);
    loading.exports = (result as unknown as { instance: { exports: Library } }).instance.exports;
  };
  await decoder.init();
  if (loading.exports === undefined) throw new Error('zstddec was loaded by somebody else');
  return loading.exports;
}
