import { createHash } from 'node:crypto';
import type {
  ActivationStepWords,
  MatchWords,
  PlayWords,
  SectionWords,
  StepWithAValue,
} from '../generated/playbook.ts';
import type { FirmwareImage } from '../firmware/image.ts';
import type { Report } from './diagnostics.ts';
import { UNCHANGED } from './checks/verify-checks.ts';
import { parseExpect } from './grammar.ts';
import { parseDuration, parseSize } from '../base/units.ts';
import type { ImageSource, ImageWords } from './image-source.ts';
import { joinParts } from './image-parts.ts';
import type { PlacedResolved } from './image-parts.ts';
import { resolveSection } from './resolve-section.ts';
import { bytesOf, resolveWitness } from './resolve-witness.ts';
import { checkProofs } from './section-proofs.ts';
import type { ActivationStep, ResolvedMatch, ResolvedPlay, ResolvedVerify } from './resolved.ts';
import { sectionsOf } from './sections.ts';
import { DeviceType } from '../scsi/device-type.ts';

const DEFAULT_WITHIN = '2m';
const DEFAULT_EXPECT = '1..';

/** Null after a problem. */
export async function resolvePlay(
  play: PlayWords,
  pointer: string,
  images: ImageSource,
  report: Report,
): Promise<ResolvedPlay | null> {
  const { firmware } = play;
  const whole = imageWords(firmware);
  const image = await fetchImage(whole, `${pointer}/firmware`, images, report);
  const sections: PlacedResolved[] = [];
  let isComplete = true;
  const hashes: string[] = [];
  for (const placed of sectionsOf(play, pointer)) {
    const { section } = placed;
    const words = hasOwnImage(section) ? imageWords({ file: firmware.file, ...section }) : whole;
    const own = words === whole ? image : await fetchImage(words, placed.pointer, images, report);
    const resolved = own === null ? null : resolveSection(placed, words, own, firmware.revision, report);
    if (resolved === null) isComplete = false;
    else sections.push({ section: resolved, pointer: placed.pointer });
    if (own !== null) hashes.push(own.sha256);
  }
  const joined = joinParts(sections, report);
  if (isComplete) checkProofs(joined, play, report);
  if (image === null || !isComplete) return null;
  const ownHashes = hashes.filter((sha256) => sha256 !== image.sha256);
  return {
    name: play.name,
    after: play.after ?? null,
    match: resolveMatch(play.match),
    expect: parseExpect(play.expect ?? DEFAULT_EXPECT)!,
    firmware: {
      file: firmware.member === undefined ? firmware.file : `${firmware.file}!${firmware.member}`,
      sha256: image.sha256,
      sizeBytes: image.bytes.length,
      revision: firmware.revision.trimEnd(),
      product: firmware.product?.trimEnd() ?? null,
      vendor: firmware.vendor?.trimEnd() ?? null,
      serialMayChange: firmware.serial === 'may-change',
    },
    imageSha256: ownHashes.length === 0 ? image.sha256 : digestOf([image.sha256, ...hashes]),
    download: joined.map(({ section }) => section),
    activate: (play.activate ?? []).map(resolveStep),
    verify: resolveVerify(play),
  };
}

const digestOf = (hashes: readonly string[]): string =>
  createHash('sha256').update(hashes.join('\n')).digest('hex');

/** A section may send another file, or another member of the same one. */
export const hasOwnImage = ({ file, member }: SectionWords): boolean =>
  file !== undefined || member !== undefined;

export const imageWords = (words: {
  readonly file: string;
  readonly member?: string;
  readonly strip?: number | string;
  readonly sha256?: string;
  readonly size?: number | string;
  readonly is?: 'verbatim';
}): ImageWords => ({
  file: words.file,
  member: words.member ?? null,
  strip: words.strip === undefined ? null : (parseSize(words.strip) ?? String(words.strip)),
  sha256: words.sha256 ?? null,
  sizeBytes: words.size === undefined ? null : parseSize(words.size),
  isVerbatim: words.is === 'verbatim',
});

/** Null after a problem. */
export async function fetchImage(
  words: ImageWords,
  pointer: string,
  images: ImageSource,
  report: Report,
): Promise<FirmwareImage | null> {
  const answer = await images.get(words);
  if ('image' in answer) return answer.image;
  const { key, ...problem } = answer.problem;
  report({ ...problem, path: `${pointer}/${key}` });
  return null;
}

function resolveMatch(match: MatchWords): ResolvedMatch {
  return {
    type: match.type,
    deviceType: DeviceType[match.type],
    vendor: match.vendor.trimEnd(),
    product: match.product.trimEnd(),
    revision: match.revision.map((revision) => revision.trimEnd()),
    identity: match.identity ?? null,
    proof: (match.proof ?? []).map((proof) => ({
      page: proof.vpd ?? 'standard',
      offset: parseSize(proof.offset)!,
      equals: bytesOf(proof.equals),
      text: proof.equals,
    })),
  };
}

function resolveVerify({ verify = {}, firmware }: PlayWords): ResolvedVerify {
  const unchanged = verify.revision === UNCHANGED;
  const aliases = Object.entries(verify.aliases ?? {}).filter(([shown]) => !shown.startsWith('x-'));
  return {
    revision: (unchanged ? firmware.revision : (verify.revision ?? firmware.revision)).trimEnd(),
    unchanged,
    aliases: Object.fromEntries(aliases.map(([shown, means]) => [shown.trimEnd(), means.trimEnd()])),
    witness: verify.witness === undefined ? null : resolveWitness(verify.witness, firmware.revision),
    paths: verify.paths ?? 'same',
    withinMs: parseDuration(verify.within ?? DEFAULT_WITHIN)!,
  };
}

function resolveStep(step: ActivationStepWords): ActivationStep {
  if (typeof step === 'string') return { step };
  const [key] = Object.keys(step).filter((word) => !word.startsWith('x-')) as (keyof StepWithAValue)[];
  switch (key) {
    case 'wait-ready':
    case 'start-unit':
      return { step: key, withinMs: parseDuration(step[key]!)! };
    case 'pause':
      return { step: key, forMs: parseDuration(step[key]!)! };
    case 'reload-driver':
      return { step: key, driver: step[key]! };
    case 'run':
      return { step: key, argv: step[key]! };
    case undefined:
      throw new Error('an empty step was not refused');
    default:
      return key satisfies never;
  }
}
