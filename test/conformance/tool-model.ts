// What the two tools put on the wire for a command line, written from scsi-microcode.md#the-two-tools and held against the
// recorded runs: with it a command line that was never recorded can be compared with what runbook sends.
import { createHash } from 'node:crypto';
import { toHex } from '../../src/base/bytes.ts';
import type { Sent } from './support.ts';

const WRITE_BUFFER_MODES: Readonly<Record<string, number>> = {
  dmc: 4,
  dmc_save: 5,
  dmc_offs: 6,
  dmc_offs_save: 7,
  dmc_offs_ev_defer: 13,
  dmc_offs_defer: 14,
  activate_mc: 15,
};
const SHORT: Readonly<Record<string, string>> = { '-b': 'bpw', '-m': 'mode', '-I': 'in' };
const MOST_READ = 8 << 20;

/** Only the forms that are needed here: decimal, 0x, and k. */
function number(text: string): number {
  const value = text.endsWith('k') ? 1024 * Number(text.slice(0, -1)) : Number(text);
  if (!Number.isInteger(value) || value < 0) throw new Error(`the tool does not read the number "${text}"`);
  return value;
}

interface Words {
  readonly value: (name: string) => string | null;
  readonly count: (name: string, usual: number) => number;
  readonly flag: (name: string) => boolean;
}

function parse(args: readonly string[], known: readonly string[]): Words {
  const options = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const long = /^--([a-z]+)(?:=(.*))?$/.exec(args[i]!);
    const name = long?.[1] ?? SHORT[args[i]!];
    if (name === undefined) continue; // the device
    if (!known.includes(name)) throw new Error(`the tool has no option --${name}`);
    options.set(name, long === null ? args[++i]! : (long[2] ?? ''));
  }
  const value = (name: string): string | null => options.get(name) ?? null;
  return {
    value,
    count: (name, usual) => (options.has(name) ? number(options.get(name)!.replace(/,.*$/, '')) : usual),
    flag: (name) => options.has(name),
  };
}

const modeOf = (text: string, names: Readonly<Record<string, number>>): number => {
  const mode = names[text] ?? Number(text);
  if (!Number.isInteger(mode)) throw new Error(`the tool has no mode ${text}`);
  return mode;
};

/** What the tool reads of a file: from `skip` on, `length` bytes with FFh behind what is there. */
function readFile({ value, count }: Words, files: ReadonlyMap<string, Uint8Array>, most: number): Uint8Array {
  const name = value('in');
  if (name === null) return new Uint8Array(0);
  const bytes = files.get(name);
  if (bytes === undefined) throw new Error(`the tool cannot open ${name}`);
  const rest = bytes.subarray(count('skip', 0));
  const length = count('length', 0);
  if (length === 0) return rest.subarray(0, most);
  const read = new Uint8Array(length).fill(0xff);
  read.set(rest.subarray(0, length));
  return read;
}

const out = (cdb: readonly number[], data: Uint8Array, timeoutMs: number): Sent => ({
  cdb: toHex(Uint8Array.from(cdb)),
  dir: data.length === 0 ? 'none' : 'out',
  len: data.length,
  timeout_ms: timeoutMs,
  ...(data.length === 0 ? {} : { sha256: createHash('sha256').update(data).digest('hex') }),
});

const be24 = (n: number): readonly number[] => [(n >> 16) & 0xff, (n >> 8) & 0xff, n & 0xff];

/** sg_write_buffer 1.46. */
export function sgWriteBuffer(args: readonly string[], files: ReadonlyMap<string, Uint8Array>): Sent[] {
  const words = parse(args, ['mode', 'bpw', 'in', 'id', 'offset', 'skip', 'length', 'specific', 'timeout']);
  const { value, count } = words;
  const mode = modeOf(value('mode') ?? '0', WRITE_BUFFER_MODES);
  const data = readFile(words, files, MOST_READ);
  const timeoutMs = 1000 * count('timeout', 300);
  const command = (at: number, chunk: Uint8Array): Sent => {
    const [id, offset] = [count('id', 0), count('offset', 0) + at];
    const byte1 = (count('specific', 0) << 5) | mode;
    return out([0x3b, byte1, id, ...be24(offset), ...be24(chunk.length), 0], chunk, timeoutMs);
  };
  const bpw = count('bpw', 0);
  if (bpw === 0) return [command(0, data)];
  const sent: Sent[] = [];
  for (let at = 0; at < data.length; at += bpw) sent.push(command(at, data.subarray(at, at + bpw)));
  if (/,act/.test(value('bpw')!))
    sent.push(out([0x3b, 0x0f, 0, 0, 0, 0, 0, 0, 0, 0], new Uint8Array(0), timeoutMs));
  return sent;
}

const STATUS: Sent = { cdb: '1c010e200000', dir: 'in', len: 8192, timeout_ms: 60_000 };
const SES_TIMEOUT_MS = 7_200_000;

/** sg_ses_microcode 1.46 on a device that says GOOD to everything and keeps its generation code. */
export function sgSesMicrocode(
  args: readonly string[],
  files: ReadonlyMap<string, Uint8Array>,
  generationCode: number,
): Sent[] {
  const known = ['mode', 'bpw', 'in', 'id', 'subenc', 'offset', 'skip', 'length', 'tlength', 'non', 'ealsd'];
  const words = parse(args, known);
  const { value, count, flag } = words;
  const mode = modeOf(value('mode') ?? '0', WRITE_BUFFER_MODES);
  const data = readFile(words, files, Infinity);
  const total = Math.max(count('tlength', 0), data.length);
  const page = (pageMode: number, offset: number, chunk: Uint8Array): Sent => {
    const length = 24 + Math.ceil(chunk.length / 4) * 4;
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    bytes.set([0x0e, count('subenc', 0)]);
    view.setUint16(2, length - 4);
    view.setUint32(4, generationCode);
    bytes[8] = pageMode;
    bytes[11] = count('id', 0);
    view.setUint32(12, offset);
    view.setUint32(16, total);
    view.setUint32(20, chunk.length);
    bytes.set(chunk, 24);
    return out([0x1d, 0x10, 0, length >> 8, length & 0xff, 0], bytes, SES_TIMEOUT_MS);
  };
  const sent = [STATUS];
  const bpw = count('bpw', 0);
  const step = bpw === 0 ? Math.max(1, data.length) : bpw;
  if (mode === 0x0f) {
    sent.push(page(mode, 0, data));
    if (!flag('non') && !flag('ealsd')) sent.push(STATUS);
    return sent;
  }
  for (let at = 0; at < data.length; at += step) {
    sent.push(page(mode, bpw === 0 ? count('offset', 0) : at, data.subarray(at, at + step)));
    const silent = flag('non') || (flag('ealsd') && mode !== 0x0e && at + step >= data.length);
    if (!silent) sent.push(STATUS);
  }
  if (value('bpw')?.includes(',act') === true) {
    sent.push(page(0x0f, 0, new Uint8Array(0)));
    if (!flag('non') && !flag('ealsd')) sent.push(STATUS);
  }
  return sent;
}
