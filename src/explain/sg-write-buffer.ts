import type { DownloadModeName, ResolvedWriteBufferSection } from '../playbook/resolved.ts';
import { CHUNK_TIMEOUT_MS, LAST_TIMEOUT_MS } from '../run/unit/procedure.ts';
import { chunksOfSection, option, unless, type Run } from './pieces.ts';
import { shellLine, shellLoop, shellWord } from './shell.ts';

/** What sg_write_buffer gives a command when it is not told. */
const USUAL_TIMEOUT_S = 300;
/**
 * More than this of a file is left out without a word, unless `--length` asks for it (scsi-microcode.md#sg_write_buffer).
 */
const READ_BYTES = 8 << 20;
const PAD = 0xff;

/** One call to send a section: its own, or its fallback. */
export interface WriteBufferCall {
  readonly section: ResolvedWriteBufferSection;
  readonly bpw: number | 'whole';
  readonly file: string;
  readonly node: string;
}

/** The calls of sg_write_buffer that put the same commands on the wire. */
export function writeBufferLines(call: WriteBufferCall): readonly string[] {
  const { section, node } = call;
  const { runs, count } = chunksOfSection(section, call.bpw);
  const lines = runs.flatMap((run) => runLines(call, run, count));
  const { endWith, bufferId, modeSpecific, timeouts } = section;
  if (endWith === null) return lines;
  const words = [
    ...specificWords(endWith, modeSpecific),
    ...unless('id', bufferId, 0),
    ...timeoutWords(timeouts.lastMs ?? LAST_TIMEOUT_MS),
  ];
  return [...lines, shellLine(['sg_write_buffer', option('mode', endWith), ...words, node])];
}

/** The field is reserved in all other modes. */
const specificWords = (mode: DownloadModeName, modeSpecific: number): readonly string[] =>
  mode === 'dmc_offs_ev_defer' ? unless('specific', modeSpecific, 0) : [];

function runLines(call: WriteBufferCall, run: Run<DownloadModeName>, count: number): readonly string[] {
  const { section, bpw, file, node } = call;
  const { stepBytes } = chunksOfSection(section, bpw);
  const { source, image, offsetBytes, bufferId, bufferIdStep, modeSpecific } = section;
  const isLast = run.first + run.count === count;
  const end = isLast ? image.length : (run.first + run.count) * stepBytes;
  const start = run.first * stepBytes;
  const isPart = run.count < count;
  const head = ['sg_write_buffer', option('mode', run.mode)];
  const tail = [
    ...specificWords(run.mode, modeSpecific),
    ...timeoutWords(longestMs(section, run.first === 0, isLast)),
    option('in', file),
    node,
  ];
  if (bufferIdStep === 0 || run.count === 1) {
    const asked = isPart || source.lengthBytes !== null || end - start > READ_BYTES;
    return [
      shellLine([
        ...head,
        ...(typeof bpw === 'number' && (!isPart || run.count > 1) ? [option('bpw', bpw)] : []),
        ...unless('id', bufferId + run.first * bufferIdStep, 0),
        ...unless('offset', offsetBytes + start, 0),
        ...unless('skip', source.skipBytes + start, 0),
        ...(asked ? [option('length', end - start)] : []),
        ...tail,
      ]),
    ];
  }
  // The tool has one buffer id for all of its chunks: one call for each.
  const last = run.first + run.count - 1;
  const restBytes = isLast ? image.length - last * stepBytes : stepBytes;
  return shellLoop(run.count, (index) =>
    [
      shellLine(head),
      option('id', index.linear(bufferId, bufferIdStep)),
      option('offset', index.linear(offsetBytes, stepBytes)),
      option('skip', index.linear(source.skipBytes, stepBytes)),
      option('length', index.before(last, stepBytes, restBytes)),
      ...tail.map(shellWord),
    ].join(' '),
  );
}

/** Mode 0Fh. */
export const writeBufferActivation = (section: ResolvedWriteBufferSection | null, node: string): string =>
  shellLine([
    'sg_write_buffer',
    '--mode=activate_mc',
    ...timeoutWords(section?.timeouts.activateMs ?? LAST_TIMEOUT_MS),
    node,
  ]);

/** What the tool cannot do as the playbook says it. */
export function writeBufferLimits({ source, timeouts }: ResolvedWriteBufferSection): readonly string[] {
  const told: string[] = [];
  if (source.fill !== null && source.fill !== PAD)
    told.push(`fills with ${source.fill} behind the image; the tool only knows 255`);
  const { firstMs, chunkMs, lastMs } = timeouts;
  const seconds = (ms: number): number => Math.ceil(ms / 1000);
  const all = [firstMs ?? CHUNK_TIMEOUT_MS, chunkMs ?? CHUNK_TIMEOUT_MS, lastMs ?? LAST_TIMEOUT_MS].map(
    seconds,
  );
  if (new Set(all).size > 1)
    told.push(
      `waits ${all[0]} s for the first chunk, ${all[1]} s for the others, ${all[2]} s for the last, or as long as the device asks for; the tool has one time-out`,
    );
  return told;
}

function longestMs({ timeouts }: ResolvedWriteBufferSection, hasFirst: boolean, hasLast: boolean): number {
  const { firstMs, chunkMs, lastMs } = timeouts;
  if (hasLast) return Math.max(lastMs ?? LAST_TIMEOUT_MS, chunkMs ?? 0, firstMs ?? 0);
  return Math.max(chunkMs ?? CHUNK_TIMEOUT_MS, hasFirst ? (firstMs ?? 0) : 0);
}

const timeoutWords = (ms: number): readonly string[] =>
  unless('timeout', Math.max(1, Math.ceil(ms / 1000)), USUAL_TIMEOUT_S);
