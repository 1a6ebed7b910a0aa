import { hex } from '../base/bytes.ts';
import type { Ink } from './ink.ts';
import { printable } from './ink.ts';
import { counted, exactSizeText } from './quantities.ts';
import { renderTable } from './table.ts';

/** Body of runbook.image/1: what a carrier holds, or what an image is. */
export interface ImageView {
  /** As given on the command line. */
  readonly file: string;
  readonly member: string | null;
  readonly carrier: CarrierView | null;
  readonly image: FoundImage | null;
  /** Where the image was written. */
  readonly out: string | null;
}

export interface CarrierView {
  readonly kind: string;
  readonly members: readonly {
    readonly name: string;
    readonly kind: 'file' | 'directory' | 'link' | 'other';
    readonly bytes: number;
    /** What its first bytes betray: `scexe`, `gzip`, `a web page`; null: maybe an image. */
    readonly content: string | null;
  }[];
}

export interface FoundImage {
  readonly bytes: number;
  readonly sha256: string;
  /** What makes a person look again, in words that follow "it"; null: nothing. */
  readonly doubt: string | null;
  readonly inquiry: readonly {
    readonly offset: number;
    readonly vendor: string;
    readonly product: string;
    readonly revision: string;
  }[];
  readonly texts: readonly { readonly offset: number; readonly text: string }[];
}

/** What is in a firmware file: the members of a package, or what was found in an image. Ends with a line break. */
export function imageText(view: ImageView, ink: Ink): string {
  const place = view.member === null ? view.file : `${view.file}!${view.member}`;
  const lines =
    view.carrier === null
      ? [ink('bold', printable(place)), ...foundLines(view, ink)]
      : carrierLines(place, view.carrier, ink);
  return lines.map((line) => `${line}\n`).join('');
}

function carrierLines(place: string, { kind, members }: CarrierView, ink: Ink): readonly string[] {
  const files = members.filter((member) => member.kind === 'file');
  const head = `${printable(place)}: package (${kind}), ${counted(files.length, 'file')}`;
  if (members.length === 0) return [head];
  const rows = members.map((member) => [
    member.name,
    member.kind === 'file' ? exactSizeText(member.bytes) : KIND_TEXT[member.kind],
    member.content ?? '',
  ]);
  const table = renderTable(['MEMBER', 'SIZE', 'HOLDS'], rows, ink);
  return [head, '', ...table, '', 'To open one: --member NAME; inside a nested package: --member NAME!NAME'];
}

const KIND_TEXT = { directory: 'directory', link: 'link', other: 'special file' };

function foundLines({ image, out }: ImageView, ink: Ink): readonly string[] {
  if (image === null) return [];
  const lines = [`  size    ${exactSizeText(image.bytes)}`, `  sha256  ${image.sha256}`];
  if (image.doubt !== null) lines.push(`  note    it ${image.doubt}`);
  if (image.inquiry.length > 0) {
    const rows = image.inquiry.map(({ offset, vendor, product, revision }) => [
      hex(offset, 6),
      vendor,
      product,
      revision,
    ]);
    lines.push('', ...renderTable(['AT', 'VENDOR', 'PRODUCT', 'REVISION'], rows, ink, { indent: '  ' }));
  }
  if (image.texts.length > 0) {
    const rows = image.texts.map(({ offset, text }) => [hex(offset, 6), text]);
    lines.push('', ...renderTable(['AT', 'TEXT'], rows, ink, { indent: '  ' }));
  }
  if (image.inquiry.length + image.texts.length === 0)
    lines.push('', '  it contains no text that identifies it');
  if (out !== null) lines.push('', `written to ${printable(out)}`);
  return lines;
}
