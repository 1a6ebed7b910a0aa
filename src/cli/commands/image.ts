import type { Refusal } from '../../base/refusal.ts';
import { REFUSALS } from '../../base/refusals/list.ts';
import type { Content } from '../../firmware/content.ts';
import { doubtOf } from '../../firmware/foreign.ts';
import { ImageError } from '../../firmware/image-error.ts';
import type { FirmwareImage } from '../../firmware/image.ts';
import { onlyImage, openFirmware } from '../../firmware/read-firmware.ts';
import type { Contents, Found } from '../../firmware/read-firmware.ts';
import { readableIn } from '../../firmware/readable.ts';
import { saveImage, SaveError } from '../../firmware/save-image.ts';
import { parseSize } from '../../base/units.ts';
import { documentOf } from '../../report/documents.ts';
import { failureText } from '../../report/failure-text.ts';
import { imageText, type CarrierView, type FoundImage, type ImageView } from '../../report/image-text.ts';
import { exitOf } from '../../run/facts/outcome.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { inkOf, type Io } from '../io.ts';

export interface ImageOptions extends CommonOptions {
  readonly member?: string;
  readonly strip?: string;
  readonly out?: string;
  /** The file is meant, whatever it looks like. */
  readonly verbatim?: boolean;
}

/** `runbook image FILE`: what a package holds, or what an image is; one member can be written. Executes nothing. */
export async function image(file: string, options: ImageOptions, io: Io): Promise<Answer> {
  const { member = null, out = null } = options;
  const strip = options.strip === undefined ? null : (parseSize(options.strip) ?? options.strip);
  let view: ImageView;
  try {
    // A member that is written may be a package itself.
    const takes = options.verbatim === true || (out !== null && member !== null);
    const carriers = takes ? 'take' : 'list';
    const found = await openFirmware(file, { member, strip }, { carriers });
    const wantsImage = out !== null || strip !== null;
    const taken = wantsImage ? { image: onlyImage(found) } : found;
    if (out !== null && 'image' in taken) await saveImage(out, taken.image.bytes);
    view = viewOf(file, member, out, taken);
  } catch (error) {
    if (error instanceof ImageError) return failed(error, 'INVALID', options, io);
    if (error instanceof SaveError) return failed(error, 'REFUSED', options, io);
    throw error;
  }
  const exit = exitOf('OK');
  return {
    exit,
    document: documentOf('runbook.image/1', 'image', exit, { body: { ...view } }),
    text: imageText(view, inkOf(io.stdout, io.env, options.color)),
  };
}

function viewOf(file: string, member: string | null, out: string | null, found: Found): ImageView {
  return {
    file,
    member,
    carrier: 'contents' in found ? carrierView(found.contents) : null,
    image: 'image' in found ? foundImage(found.image) : null,
    out,
  };
}

const carrierView = ({ kind, members }: Contents): CarrierView => ({
  kind,
  members: members.map((member) => ({
    name: member.name,
    kind: member.kind,
    bytes: member.sizeBytes,
    content: contentWord(member.content),
  })),
});

function contentWord(content: Content | null): string | null {
  switch (content?.kind) {
    case undefined:
      return null;
    case 'carrier':
      return content.carrier;
    case 'packed':
      return content.packing;
    case 'web-page':
      return 'a web page';
    case 'unopened':
      return content.what;
  }
}

function foundImage({ bytes, sha256 }: FirmwareImage): FoundImage {
  const { inquiry, texts } = readableIn(bytes);
  return {
    bytes: bytes.length,
    sha256,
    doubt: doubtOf(bytes),
    inquiry: inquiry.map(({ offsetBytes, ...words }) => ({ offset: offsetBytes, ...words })),
    texts: texts.map(({ offsetBytes, text }) => ({ offset: offsetBytes, text })),
  };
}

/** What is recognised has its own way to the firmware, and the one of all that is meant. */
function refusalOf(error: ImageError | SaveError): Refusal {
  const { refusal } = error;
  if (error.code !== 'foreign' || error.next === null) return refusal;
  return { ...refusal, next: `${error.next}. ${REFUSALS.foreign.next}` };
}

function failed(
  error: ImageError | SaveError,
  name: 'INVALID' | 'REFUSED',
  options: ImageOptions,
  io: Io,
): Answer {
  const exit = exitOf(name);
  const failure = refusalOf(error);
  return {
    exit,
    document: documentOf('runbook.error/1', 'image', exit, { error: failure }),
    text: '',
    notes: failureText(failure, inkOf(io.stderr, io.env, options.color)),
  };
}
