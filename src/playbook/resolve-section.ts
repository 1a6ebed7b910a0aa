import { cutImage } from '../firmware/cut.ts';
import type { FirmwareImage } from '../firmware/image.ts';
import { imageOf } from '../firmware/image.ts';
import type {
  SectionWords,
  SesSectionWords,
  TimeOuts,
  WriteBufferSectionWords,
} from '../generated/playbook.ts';
import type { Report } from './diagnostics.ts';
import { parseDuration, parseSize } from '../base/units.ts';
import type { ImageWords } from './image-source.ts';
import type {
  ResolvedSection,
  ResolvedSesSection,
  ResolvedWriteBufferSection,
  SectionTimeouts,
} from './resolved.ts';
import { resolveWitness } from './resolve-witness.ts';
import { bufferOf, modeChoicesOf } from './sections.ts';
import type { ChunkedSection, PlacedSection, ModeChoice } from './sections.ts';
import { sesProblem, writeBufferProblem } from './transfer.ts';

/**
 * Cuts the image and checks that the commands can carry it. Null after a problem.
 *
 * @param target `firmware.revision`
 */
export function resolveSection(
  { section, pointer }: PlacedSection,
  { file, member, strip }: ImageWords,
  image: FirmwareImage,
  target: string,
  report: Report,
): ResolvedSection | null {
  const proof = resolveProof(section, target);
  if (section.via === 'external') {
    return {
      ...proof,
      via: 'external',
      argv: section.run,
      withinMs: parseDuration(section.within)!,
      image: image.bytes,
      sentSha256: image.sha256,
      source: { file, member, strip, skipBytes: 0, lengthBytes: null, fill: null },
    };
  }
  const piece = {
    skipBytes: parseSize(section.skip ?? 0)!,
    lengthBytes: section.length === undefined ? null : parseSize(section.length),
    fill: section.fill ?? null,
  };
  const cut = cutImage(image.bytes, piece);
  if ('key' in cut) {
    const hint =
      cut.key === 'length'
        ? 'a device can take a filled image for a damaged one; if the vendor wants it, add fill: 0xff'
        : null;
    report({ code: 'image-cut', path: `${pointer}/${cut.key}`, message: cut.message, hint });
    return null;
  }
  if (image.isAbsent && cut.bytes !== image.bytes) {
    const key = (['skip', 'length'] as const).find((word) => section[word] !== undefined) ?? 'via';
    const message = `${file} is not here, and the hash of a part of it cannot be known without it`;
    report({
      code: 'image-missing',
      path: `${pointer}/${key}`,
      message,
      hint: 'put the image beside the playbook',
    });
    return null;
  }
  if (!fits(section, pointer, cut.bytes.length, report)) return null;
  const sent = cut.bytes === image.bytes ? image : imageOf(cut.bytes);
  const source = { file, member, strip, ...piece };
  return section.via === 'ses'
    ? { ...resolveSes(section, sent), ...proof, source }
    : { ...resolveWriteBuffer(section, sent), ...proof, source };
}

/** The revision of a section is that of its own descriptor. The checks have made sure that there is one proof at most. */
function resolveProof(
  section: SectionWords,
  target: string,
): Pick<ResolvedSection, 'witness' | 'isUnproven'> {
  const { witness, unproven } = section;
  const own =
    section.via === 'ses' && section.revision !== undefined
      ? ({
          kind: 'ses-revision',
          subenclosureId: section.subenclosure ?? 0,
          equals: section.revision.trimEnd(),
        } as const)
      : witness && resolveWitness(witness, target);
  return { ...(own !== undefined && { witness: own }), ...(unproven !== undefined && { isUnproven: true }) };
}

function fits(section: ChunkedSection, pointer: string, imageBytes: number, report: Report): boolean {
  for (const { mode, bpw, pointers } of modeChoicesOf(section, pointer)) {
    if (bpw === null) return false;
    const problem =
      section.via === 'ses'
        ? sesProblem(bpw, imageBytes)
        : writeBufferProblem({ mode, bpw, ...bufferOf(section), imageBytes });
    if (problem === null) continue;
    const { key, ...rest } = problem;
    report({ ...rest, path: pointers[key] });
    return false;
  }
  return true;
}

function resolveWriteBuffer(
  section: WriteBufferSectionWords,
  sent: FirmwareImage,
): Omit<ResolvedWriteBufferSection, 'source'> {
  const [own, fallback] = modeChoicesOf(section, '');
  return {
    via: 'write-buffer',
    mode: section.mode,
    lastMode: section['last-mode'] ?? null,
    endWith: section['end-with']?.mode ?? null,
    otherwise: section.otherwise === undefined ? null : { mode: section.otherwise.mode, bpw: fallback!.bpw! },
    modeSpecific: section['mode-specific'] ?? 0,
    ...resolveSending(section, own!, sent),
  };
}

function resolveSes(section: SesSectionWords, sent: FirmwareImage): Omit<ResolvedSesSection, 'source'> {
  const [own, fallback] = modeChoicesOf(section, '');
  const totalBytes = section['total-length'] === undefined ? 0 : parseSize(section['total-length'])!;
  return {
    via: 'ses',
    mode: section.mode,
    lastMode: section['last-mode'] ?? null,
    endWith: section['end-with']?.mode ?? null,
    otherwise: section.otherwise === undefined ? null : { mode: section.otherwise.mode, bpw: fallback!.bpw! },
    subenclosureId: section.subenclosure ?? 0,
    // As sg_ses_microcode does: the whole is never less than what is sent.
    totalLengthBytes: Math.max(totalBytes, sent.bytes.length),
    statusReads: section['status-reads'] ?? 'auto',
    finalStatus: section['final-status'] ?? 'read',
    ...resolveSending(section, own!, sent),
  };
}

function resolveSending(
  section: ChunkedSection,
  own: ModeChoice,
  sent: FirmwareImage,
): Pick<
  ResolvedWriteBufferSection,
  'bpw' | 'offsetBytes' | 'bufferId' | 'bufferIdStep' | 'timeouts' | 'image' | 'sentSha256' | 'region'
> {
  return {
    bpw: own.bpw!,
    ...bufferOf(section),
    timeouts: resolveTimeouts(section.timeout),
    region: section.region ?? 'firmware',
    image: sent.bytes,
    sentSha256: sent.sha256,
  };
}

/** One time stands for all four. */
function resolveTimeouts(timeout: TimeOuts | undefined): SectionTimeouts {
  const of = (duration: string | undefined): number | null =>
    duration === undefined ? null : parseDuration(duration);
  if (typeof timeout === 'string') {
    const ms = parseDuration(timeout);
    return { firstMs: ms, chunkMs: ms, lastMs: ms, activateMs: ms };
  }
  return {
    firstMs: of(timeout?.first),
    chunkMs: of(timeout?.chunk),
    lastMs: of(timeout?.last),
    activateMs: of(timeout?.activate),
  };
}
