import { valueOf } from '../../base/facts.ts';
import type { Fact } from '../../base/facts.ts';
import { refusal } from '../../base/refusal.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import { readFactOnce } from '../../device/fact.ts';
import { configuration } from '../../ses/configuration.ts';
import type { EnclosureDescriptor } from '../../ses/configuration.ts';
import type { SubenclosureMicrocodeStatus } from '../../ses/download-microcode-status.ts';
import { microcodeStatusFacts, microcodeStatusText } from '../../ses/microcode-status.ts';
import { receiveDiagnosticResults } from '../../ses/receive-diagnostic-results.ts';
import type { SesDownload } from './pages.ts';
import { readStatusEntry, refusalByStatus, statusWithField } from './status.ts';

/** What is known of the subenclosure before the first byte. */
export interface SesBegin {
  readonly generationCode: number;
  /** Page 01h about our subenclosure; null: the page could not be read. */
  readonly descriptor: EnclosureDescriptor | null;
}

/**
 * The status page before the first byte: the generation code to send, nobody else at work, no image that waits, and a
 * maximum that the image does not exceed. A failure means that nothing was sent.
 */
export async function beginSes(
  device: Device,
  download: SesDownload,
  {
    waitMs,
    onNotice,
    mayWait = false,
  }: {
    readonly waitMs: number;
    readonly onNotice: (message: string) => void;
    /** An image that waits in our subenclosure may be replaced, or is ours. */
    readonly mayWait?: boolean;
  },
): Promise<SesBegin | { readonly failure: Refusal }> {
  const id = download.subenclosureId;
  const { statusTimeoutMs } = download;
  const read = await readStatusEntry(device, id, { moment: 'probe', waitMs, statusTimeoutMs });
  if (read.kind !== 'entry') return { failure: read.failure };
  const { entry: ours, page } = read;
  for (const entry of page.subenclosures) {
    const failure = whyNotBegin(entry, mayWait ? null : id);
    if (failure !== null) return { failure };
  }
  if (microcodeStatusFacts(ours.status).kind === 'error') {
    onNotice(`an earlier download ended badly: ${statusWithField(ours)}`);
  }
  const tooLarge = tooLargeFor(ours, download);
  if (tooLarge !== null) {
    return { failure: refusal('image-too-large', { subenclosure: id, ...tooLarge }) };
  }
  return { generationCode: page.generationCode, descriptor: valueOf(await readDescriptor(device, id)) };
}

/** What a status says against a download to subenclosure `ours`; the others of the enclosure count where power is at stake. */
function whyNotBegin(entry: SubenclosureMicrocodeStatus, ours: number | null): Refusal | null {
  const { kind, keepPower } = microcodeStatusFacts(entry.status);
  const subenclosure = entry.subenclosureId;
  const status = microcodeStatusText(entry.status);
  if (keepPower) return refusalByStatus(entry, `subenclosure ${subenclosure}: ${status}`);
  if (kind === 'interim') return refusal('foreign-download', { subenclosure, status });
  if (kind === 'success' && subenclosure === ours) {
    return refusal('foreign-image', { what: `subenclosure ${subenclosure}: ${status}` });
  }
  return null;
}

/**
 * What is wrong with the length of the image; null: nothing. A maximum of 0 is "not reported" (decisions.md#ses-downloads).
 */
export function tooLargeFor(
  { maximumImageBytes: most }: SubenclosureMicrocodeStatus,
  { imageLengthBytes, offsetBytes, image }: Pick<SesDownload, 'imageLengthBytes' | 'offsetBytes' | 'image'>,
): { readonly length: string; readonly most: number } | null {
  if (most === 0) return null;
  if (imageLengthBytes > most) return { length: `the image is ${imageLengthBytes} bytes`, most };
  const endBytes = offsetBytes + image.length;
  if (endBytes <= most) return null;
  return { length: `${image.length} bytes from offset ${offsetBytes} end at ${endBytes}`, most };
}

/**
 * Page 01h about one subenclosure. Absent: there is no such page, or no such subenclosure in it. Never throws for a device.
 *
 * @param wasThere as for {@link readFactOnce}
 */
export async function readDescriptor(
  device: Device,
  subenclosureId: number,
  wasThere = false,
): Promise<Fact<EnclosureDescriptor>> {
  const read = await readFactOnce(device, receiveDiagnosticResults(configuration), wasThere);
  if (read.kind !== 'present') return read;
  const { enclosures, damage } = read.value;
  const value = enclosures.find((enclosure) => enclosure.subenclosureId === subenclosureId);
  if (value !== undefined) return { kind: 'present', value };
  return damage === undefined
    ? { kind: 'absent' }
    : { kind: 'unreadable', why: refusal('bad-answer', { what: damage }) };
}

/** The same module, the same enclosure, the same product: a generation code may move for other reasons. */
export function sameSubenclosure(a: EnclosureDescriptor | null, b: EnclosureDescriptor | null): boolean {
  return (
    a !== null &&
    b !== null &&
    a.logicalIdentifier === b.logicalIdentifier &&
    a.relativeProcessId === b.relativeProcessId &&
    a.product === b.product
  );
}
