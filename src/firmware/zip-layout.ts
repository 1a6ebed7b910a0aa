import { viewOf } from '../base/bytes.ts';
import { readRange } from './random-access.ts';
import type { RandomAccess } from './random-access.ts';
import { damaged } from './image-error.ts';

/*
 * A zip says everything twice or more, and readers differ in what they believe: of one that contradicts itself, the hash
 * would be that of other bytes than another program takes out. So all of it has to agree, and each byte has to belong to
 * something.
 */

/** A member as the directory and the header in front of its data say it. */
export interface ZipPlace {
  readonly name: string;
  readonly headerBytes: number;
  readonly dataStartBytes: number;
  readonly dataEndBytes: number;
  /** Sizes and checksum stand behind the data. */
  readonly hasDescriptor: boolean;
}

const END_BYTES = 22;
const LOCATOR_BYTES = 20;
const LOCATOR_MAGIC = 0x07064b50;
const END64_BYTES = 56;
const DESCRIPTOR_BYTES = [12, 16, 20, 24];

/**
 * Throws where the end records and the directory are not one behind the other up to the end of the file, or the members
 * do not fill the file up to the directory. `commentBytes`: behind the end record.
 */
export async function checkZipLayout(
  access: RandomAccess,
  origin: string,
  members: readonly ZipPlace[],
  commentBytes: number,
): Promise<void> {
  const directoryStart = await directoryStartOf(access, origin, members.length, commentBytes);
  let at = 0;
  for (const member of [...members].sort((a, b) => a.headerBytes - b.headerBytes)) {
    if (member.headerBytes < at) throw damaged(origin, `its member ${member.name} lies within another one`);
    if (member.headerBytes > at) throw stray(origin, at, member.headerBytes);
    at = member.dataEndBytes;
    if (member.hasDescriptor) at = behindDescriptor(at, members, directoryStart);
  }
  if (at > directoryStart) throw damaged(origin, 'its last member runs into its directory');
  if (at < directoryStart) throw stray(origin, at, directoryStart);
}

/** A descriptor has four forms; the right one ends where the next thing begins. */
function behindDescriptor(at: number, members: readonly ZipPlace[], directoryStart: number): number {
  const next = [directoryStart, ...members.map(({ headerBytes }) => headerBytes)];
  return next.find((start) => DESCRIPTOR_BYTES.includes(start - at)) ?? at;
}

const stray = (origin: string, from: number, to: number): Error =>
  damaged(origin, `its bytes ${from} to ${to - 1} belong to no member: is it two zips in one?`);

/** Where the directory begins, by end records that agree with each other and with what was read. */
async function directoryStartOf(
  access: RandomAccess,
  origin: string,
  members: number,
  commentBytes: number,
): Promise<number> {
  const end = access.sizeBytes - commentBytes - END_BYTES;
  const record = viewOf(await readRange(access, origin, end, end + END_BYTES));
  const fields = [
    { value: record.getUint16(8, true), none: 0xffff },
    { value: record.getUint16(10, true), none: 0xffff },
    { value: record.getUint32(12, true), none: 0xffffffff },
    { value: record.getUint32(16, true), none: 0xffffffff },
  ];
  const large = await largeEnd(access, origin, end);
  const disks = [record.getUint16(4, true), record.getUint16(6, true), ...(large?.disks ?? [])];
  if (disks.some((disk) => disk !== 0)) throw damaged(origin, 'it is one part of a zip of several');
  if (large !== null && fields.some(({ value, none }, i) => value !== none && value !== large.fields[i]))
    throw damaged(origin, 'its two end records contradict each other');
  const [here, all, bytes, start] = large?.fields ?? fields.map(({ value }) => value);
  if (here !== members || all !== members)
    throw damaged(
      origin,
      `its end record counts ${here === members ? all : here} members, its directory has ${members}`,
    );
  if (start! + bytes! !== (large?.startBytes ?? end))
    throw damaged(origin, 'its directory is not where its end record says: is it two zips in one?');
  return start!;
}

interface LargeEnd {
  readonly startBytes: number;
  readonly fields: readonly number[];
  /** All zero, but in one part of several. */
  readonly disks: readonly number[];
}

/** The end record for large zips, in front of its locator; null: there is none. */
async function largeEnd(access: RandomAccess, origin: string, end: number): Promise<LargeEnd | null> {
  const locatorStart = end - LOCATOR_BYTES;
  if (locatorStart < END64_BYTES) return null;
  const locator = viewOf(await readRange(access, origin, locatorStart, end));
  if (locator.getUint32(0, true) !== LOCATOR_MAGIC) return null;
  const startBytes = Number(locator.getBigUint64(8, true));
  const record = viewOf(await readRange(access, origin, startBytes, startBytes + END64_BYTES));
  const fields = [24, 32, 40, 48].map((at) => Number(record.getBigUint64(at, true)));
  const disks = [16, 20].map((at) => record.getUint32(at, true));
  disks.push(locator.getUint32(4, true), locator.getUint32(16, true) - 1);
  // Whatever extends the record belongs to it.
  const isRight = startBytes + 12 + Number(record.getBigUint64(4, true)) === locatorStart;
  return { startBytes: isRight ? startBytes : -1, fields, disks };
}
