import type { ResolvedSesSection, SesModeName } from '../playbook/resolved.ts';
import { LAST_TIMEOUT_MS } from '../run/unit/procedure.ts';
import { chunksOfSection, option, unless, type Run } from './pieces.ts';
import { shellLine, shellLoop, shellWord } from './shell.ts';

const PAD = 0xff;

/** One call to send a section: its own, or its fallback. */
export interface SesCall {
  readonly section: ResolvedSesSection;
  readonly bpw: number | 'whole';
  readonly file: string;
  readonly node: string;
}

/** The calls of sg_ses_microcode that send the same pages. Each of them reads the status page once before it begins. */
export function sesMicrocodeLines(call: SesCall): readonly string[] {
  const { runs, count } = chunksOfSection(call.section, call.bpw);
  return runs.flatMap((run) => runLines(call, run, count));
}

function runLines(call: SesCall, run: Run<SesModeName>, count: number): readonly string[] {
  const { section, bpw, file, node } = call;
  const { stepBytes } = chunksOfSection(section, bpw);
  const { source, image, offsetBytes, bufferId, bufferIdStep, totalLengthBytes } = section;
  const isLast = run.first + run.count === count;
  const head = ['sg_ses_microcode', option('mode', run.mode)];
  const subenclosure = unless('subenc', section.subenclosureId, 0);
  const skipsEnd = section.finalStatus === 'skip' && isLast;
  const flags = [...(section.statusReads === 'none' ? ['--non'] : []), ...(skipsEnd ? ['--ealsd'] : [])];
  const tail = [...flags, option('in', file), node];
  // With --bpw the tool begins at offset 0 with one buffer id, whatever it was told.
  const inOneCall = run.first === 0 && offsetBytes === 0 && bufferIdStep === 0;
  if (inOneCall || run.count === 1) {
    const start = run.first * stepBytes;
    const end = isLast ? image.length : (run.first + run.count) * stepBytes;
    const isPart = run.count < count;
    return [
      shellLine([
        ...head,
        ...(typeof bpw === 'number' && inOneCall ? [option('bpw', bpw)] : []),
        ...subenclosure,
        ...unless('id', bufferId + run.first * bufferIdStep, 0),
        ...unless('offset', offsetBytes + start, 0),
        ...unless('skip', source.skipBytes + start, 0),
        ...(isPart || source.lengthBytes !== null ? [option('length', end - start)] : []),
        ...unless('tlength', totalLengthBytes, end - start),
        ...tail,
      ]),
    ];
  }
  const last = run.first + run.count - 1;
  const restBytes = isLast ? image.length - last * stepBytes : stepBytes;
  return shellLoop(run.count, (index) =>
    [
      shellLine([...head, ...subenclosure]),
      option('id', index.linear(bufferId, bufferIdStep)),
      option('offset', index.linear(offsetBytes, stepBytes)),
      option('skip', index.linear(source.skipBytes, stepBytes)),
      option('length', index.before(last, stepBytes, restBytes)),
      option('tlength', totalLengthBytes),
      ...tail.map(shellWord),
    ].join(' '),
  );
}

/** Page 0Eh with mode 0Fh. */
export function sesActivation(section: ResolvedSesSection, node: string): string {
  const flags = [
    ...(section.statusReads === 'none' ? ['--non'] : []),
    ...(section.finalStatus === 'skip' ? ['--ealsd'] : []),
  ];
  return shellLine([
    'sg_ses_microcode',
    '--mode=activate_mc',
    ...unless('subenc', section.subenclosureId, 0),
    ...unless('id', section.bufferId, 0),
    option('tlength', section.totalLengthBytes),
    ...flags,
    node,
  ]);
}

/** What the tool cannot do as the playbook says it. */
export function sesMicrocodeLimits({ source, timeouts, endWith }: ResolvedSesSection): readonly string[] {
  const told: string[] = [];
  if (source.fill !== null && source.fill !== PAD)
    told.push(`fills with ${source.fill} behind the image; the tool only knows 255`);
  if (endWith !== null)
    told.push(`sends an empty page of mode ${endWith} at the end; the tool sends none without data`);
  const own = [timeouts.firstMs, timeouts.chunkMs, timeouts.lastMs].filter((ms) => ms !== null);
  if (own.some((ms) => ms !== LAST_TIMEOUT_MS))
    told.push(
      `waits ${[...new Set(own)].map((ms) => `${Math.ceil(ms / 1000)} s`).join(', ')} for a page; the tool always waits 7200 s`,
    );
  return told;
}
