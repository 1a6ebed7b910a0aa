import { failureAt } from '../base/errors.ts';
import type { FailureReport } from '../base/errors.ts';
import type { Device } from '../device/device.ts';
import { configuration } from '../ses/configuration.ts';
import type { EnclosureDescriptor } from '../ses/configuration.ts';
import { microcodeStatusFacts, microcodeStatusText } from '../ses/microcode-status.ts';
import { receiveDiagnosticResults } from '../ses/receive-diagnostic-results.ts';
import type { SesDownload } from './ses-pages.ts';
import { entryOf, noSuchSubenclosure, readMicrocodeStatus } from './ses-status.ts';

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
  { waitMs, onNotice }: { readonly waitMs: number; readonly onNotice: (message: string) => void },
): Promise<SesBegin | { readonly failure: FailureReport }> {
  const id = download.subenclosureId;
  const read = await readMicrocodeStatus(device, { began: false, waitMs });
  if (read.kind !== 'page') return { failure: read.failure };
  const ours = entryOf(read.page, id);
  if (ours === null) return { failure: noSuchSubenclosure(id) };
  const refused = (message: string, next: string): { failure: FailureReport } => ({
    failure: failureAt('procedure', `subenclosure ${id}: ${message}`, next),
  });
  const text = microcodeStatusText(ours.status);
  switch (microcodeStatusFacts(ours.status).kind) {
    case 'interim':
      return refused(text, 'Another program or host downloads to it: wait until it has finished.');
    case 'success':
      return refused(
        text,
        'An image waits there already: let it take effect first (activation, reset or power cycle).',
      );
    case 'error':
      if (microcodeStatusFacts(ours.status).keepPower) {
        return refused(text, 'Do not reset it and do not switch it off; ask its vendor for a good image.');
      }
      onNotice(`an earlier download ended badly: ${text}`);
      break;
    case 'idle':
  }
  if (ours.maximumImageBytes !== 0 && download.imageLengthBytes > ours.maximumImageBytes) {
    return refused(
      `the image is ${download.imageLengthBytes} bytes, and the device takes ${ours.maximumImageBytes} at most`,
      'Check that the image is meant for this model.',
    );
  }
  return { generationCode: read.page.generationCode, descriptor: await readDescriptor(device, id) };
}

/** Page 01h about one subenclosure; null: it has none, or the page could not be read. */
export async function readDescriptor(
  device: Device,
  subenclosureId: number,
): Promise<EnclosureDescriptor | null> {
  const { response } = await device.attempt(receiveDiagnosticResults(configuration), 'look');
  return response?.enclosures.find((enclosure) => enclosure.subenclosureId === subenclosureId) ?? null;
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
