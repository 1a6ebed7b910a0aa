import { automaticPageBytes } from '../microcode/ses/pages.ts';
import { automaticBytesPerWrite } from '../microcode/write-buffer/commands.ts';
import type {
  BytesPerWrite,
  ResolvedChunkedSection,
  ResolvedExternalSection,
  ResolvedPlay,
  ResolvedSection,
  ResolvedWriteBufferSection,
} from '../playbook/resolved.ts';
import { WRITE_BUFFER_MODES } from '../scsi/write-buffer.ts';
import type { DeviceFacts } from '../run/facts/inspect.ts';
import { nodeOf } from '../run/facts/nodes.ts';
import type { Plan } from '../run/plan/plan.ts';
import { activationStep } from './activation.ts';
import { givenImage } from './pieces.ts';
import { sesMicrocodeLimits, sesMicrocodeLines } from './sg-ses-microcode.ts';
import { writeBufferLimits, writeBufferLines } from './sg-write-buffer.ts';
import { shellLine, shellWord } from './shell.ts';
import type { ExplainedStep } from './pieces.ts';
import { DeviceType } from '../scsi/device-type.ts';

type GivenImage = Omit<ReturnType<typeof givenImage>, 'section'>;

export interface ExplainedUnit {
  readonly id: string;
  readonly play: string;
  readonly node: string;
  readonly steps: readonly ExplainedStep[];
}

/** Every unit that the plan updates, with its steps, play by play. */
export function explainPlan({ decisions, playbook }: Plan): readonly ExplainedUnit[] {
  return decisions.flatMap(({ facts, play: name, action }) => {
    const play = playbook.plays.find((candidate) => candidate.name === name);
    if (play === undefined || (action !== 'update' && action !== 'follows')) return [];
    const steps = explainUnit(play, facts, playbook.file);
    return [{ id: facts.id, play: play.name, node: nodeOf(facts), steps }];
  });
}

type ExplainedFacts = Pick<DeviceFacts, 'paths' | 'deviceType' | 'enclosures'>;

/** The steps of a play on one unit. Pure: no device is asked. */
export function explainUnit(
  play: ResolvedPlay,
  facts: ExplainedFacts,
  playbookFile: string,
): readonly ExplainedStep[] {
  const node = nodeOf(facts);
  return [
    checkStep(play, facts),
    ...play.download.map((section) => downloadStep(section, facts, playbookFile)),
    ...play.activate.map((step) => activationStep(step, play, facts.paths[0]!)),
    verifyStep(play, facts.deviceType, node),
  ];
}

function checkStep({ download, activate, match }: ResolvedPlay, facts: ExplainedFacts): ExplainedStep {
  const node = nodeOf(facts);
  const commands = [
    ['sg_turs', node],
    ['sg_inq', node],
    ['sg_vpd', '--page=sn', node],
    ['sg_vpd', '--page=di', node],
  ];
  if (facts.deviceType === DeviceType.enclosure) commands.push(['sg_ses', '--page=cf', node]);
  for (const { page } of match.proof)
    commands.push(
      page === 'standard' ? ['sg_inq', '--hex', node] : ['sg_vpd', `--page=${page}`, '--hex', node],
    );
  commands.push(['sg_requests', node]);
  const writes = download.flatMap((section) => (section.via === 'write-buffer' ? [section] : []));
  if (writes.length > 0) commands.push(['sg_vpd', '--page=ei', node]);
  const modes = new Set<string>(writes.flatMap(modesOf));
  if (activate.some(({ step }) => step === 'activate_mc') && download.every(({ via }) => via !== 'ses'))
    modes.add('activate_mc');
  for (const mode of modes) {
    const code = WRITE_BUFFER_MODES[mode as keyof typeof WRITE_BUFFER_MODES];
    commands.push(['sg_opcodes', '--rctd', `--opcode=0x3b,0x${code.toString(16)}`, node]);
  }
  for (const id of new Set(writes.map(({ bufferId }) => bufferId)))
    commands.push(['sg_read_buffer', '--mode=desc', `--id=${id}`, node]);
  if (download.some(({ via }) => via === 'ses')) commands.push(['sg_ses', '--page=sdp', node]);
  return {
    step: 'check',
    commands: commands.map(shellLine),
    otherwise: [],
    beside: [
      'takes the lock of the unit, and opens the node for itself alone',
      'takes every unit attention that waits, and waits until the unit is ready',
      'refuses when identity, vendor, product or revision are not as planned, or the unit does not know what the playbook wants of it',
      ...((facts.enclosures?.[0]?.processCount ?? 1) > 1
        ? [
            'asks the other modules of the enclosure, and refuses while one is gone, not ready, or of a revision that is not known',
          ]
        : []),
    ],
  };
}

const modesOf = ({ mode, lastMode, endWith, otherwise }: ResolvedWriteBufferSection): readonly string[] =>
  [mode, lastMode, endWith, otherwise?.mode ?? null].filter((name) => name !== null);

function downloadStep(
  sent: ResolvedSection,
  facts: Pick<DeviceFacts, 'paths'>,
  playbookFile: string,
): ExplainedStep {
  const { section, ...given } = givenImage(sent, playbookFile);
  if (section.via === 'external') return externalStep(section, given, nodeOf(facts));
  const { made } = given;
  const { otherwise } = section;
  const fallback = otherwise === null ? [] : sendLines(asFallback(section), otherwise.bpw, given, facts);
  const bpw =
    section.bpw === 'auto'
      ? ['chooses the bpw itself: smaller than here where the unit wants a boundary that asks for it']
      : [];
  return {
    step: 'download',
    commands: [...made, ...sendLines(section, section.bpw, given, facts)],
    otherwise: fallback,
    beside: [
      `has compared the SHA-256 of what is sent with the playbook (${section.sentSha256.slice(0, 12)}…)`,
      ...bpw,
      ...besideOf(section),
    ],
  };
}

/** `via: external` calls no tool of sg3_utils, but the program of the playbook. */
function externalStep(
  { argv, withinMs }: ResolvedExternalSection,
  { file, made }: GivenImage,
  node: string,
): ExplainedStep {
  const told = [`RUNBOOK_NODE=${shellWord(node)}`, `RUNBOOK_IMAGE=${shellWord(file)}`];
  return {
    step: 'download',
    commands: [...made, [...told, shellLine(argv)].join(' ')],
    otherwise: [],
    beside: [
      'gives it a copy of the image that was compared with the playbook, and tells it more of the unit (RUNBOOK_ID, RUNBOOK_SERIAL, RUNBOOK_TARGET and others)',
      `starts it without a shell, in / and with a fixed environment, ends it after ${Math.ceil(withinMs / 1000)} s, and keeps its output`,
      'does not believe its exit code: the unit is read again',
    ],
  };
}

function besideOf(section: ResolvedChunkedSection): readonly string[] {
  if (section.via === 'ses') {
    return [
      ...sesMicrocodeLimits(section),
      'judges every answer and every status page: the offset that the unit expects next, its size limit, a changed generation code',
      'starts once more from offset 0 at most, after it has asked the unit; polls a status in between at the end (01h, 02h), where the tool says success',
    ];
  }
  return [
    ...writeBufferLimits(section),
    'sends a chunk again only where the unit said that it did not execute it; the tool gives up at every status but GOOD, a unit attention included',
    'asks the unit when an answer is lost, and starts once more from offset 0 at most',
  ];
}

/** The fallback has neither a last mode nor an end of its own. */
function asFallback(section: ResolvedChunkedSection): ResolvedChunkedSection {
  const { otherwise } = section;
  if (otherwise === null) return section;
  const alone = { lastMode: null, endWith: null } as const;
  return section.via === 'ses'
    ? { ...section, mode: section.otherwise!.mode, ...alone }
    : { ...section, mode: section.otherwise!.mode, ...alone };
}

function sendLines(
  section: ResolvedChunkedSection,
  bpw: BytesPerWrite,
  { file }: Pick<GivenImage, 'file'>,
  { paths }: Pick<DeviceFacts, 'paths'>,
): readonly string[] {
  const node = nodeOf({ paths });
  const limitBytes = paths[0]!.limits.maximumTransferBytes ?? Infinity;
  if (section.via === 'ses') {
    const bytes = bpw === 'auto' ? automaticPageBytes(limitBytes) : bpw;
    return sesMicrocodeLines({ section, bpw: bytes, file, node });
  }
  const bytes = bpw === 'auto' ? automaticBytesPerWrite(section.image.length, null, limitBytes) : bpw;
  return writeBufferLines({ section, bpw: bytes, file, node });
}

function verifyStep({ verify }: ResolvedPlay, deviceType: number, node: string): ExplainedStep {
  const commands = [
    ['sg_inq', node],
    ['sg_turs', node],
  ];
  if (deviceType === DeviceType.enclosure) commands.push(['sg_ses', '--page=cf', node]);
  const { witness } = verify;
  if (witness?.kind === 'vpd') commands.push(['sg_vpd', `--page=${witness.pageCode}`, '--hex', node]);
  if (witness?.kind === 'inquiry') commands.push(['sg_inq', '--len=255', '--hex', node]);
  if (witness?.kind === 'link-rate') commands.push(['grep', '.', '/sys/class/sas_phy/*/negotiated_linkrate']);
  if (witness?.kind === 'sysfs') commands.push(['cat', `/sys/${witness.path.replace(/^\/(sys\/)?/, '')}`]);
  const wanted = verify.unchanged ? 'what the witness says' : `revision ${verify.revision}`;
  return {
    step: 'verify',
    commands: commands.map(shellLine),
    otherwise: [],
    beside: [
      `asks again until a fresh INQUIRY shows ${wanted} and the unit is ready, for ${Math.ceil(verify.withinMs / 1000)} s; the tools end with the last chunk`,
      ...(verify.paths === 'same'
        ? ['compares the paths to the unit and behind it with those of before']
        : []),
    ],
  };
}
