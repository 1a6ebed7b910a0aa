import type { Refusal } from '../../base/refusal.ts';
import type { Device } from '../../device/device.ts';
import { sesMicrocodeModeName } from '../../ses/download-microcode-control.ts';
import { microcodeStatusFacts } from '../../ses/microcode-status.ts';
import { inPasses } from '../passes.ts';
import type { SesDownload } from './pages.ts';
import { SesPass } from './pass.ts';
import { clearDownload } from './restart.ts';
import { refusalByStatus, statusWithField } from './status.ts';
import type { SesEnd, SesOptions } from './pass.ts';

/**
 * Sends an image by SEND DIAGNOSTIC page 0Eh and watches page 0Eh of RECEIVE DIAGNOSTIC RESULTS: send a page, read the
 * status, compare it with what was sent, go on. One restart from offset 0 at most; without status reads where the
 * device showed that they disturb it, and the playbook leaves that open. Throws only for a bug.
 */
export async function downloadBySes(device: Device, options: SesOptions): Promise<SesEnd> {
  const pass = new SesPass(device, options);
  if (options.clearFirst === true) {
    const whyNot = await clearEarlier(device, options.download, options.waitMs);
    if (whyNot !== null) return pass.end({ kind: 'refused', failure: whyNot, download: options.download });
  }
  const end = await inPasses({
    download: options.download,
    fallback: options.fallback,
    nameOf: ({ mode }) => sesMicrocodeModeName(mode),
    run: (download) => pass.run(download),
    prepareRestart: (download, failure) => pass.prepareRestart(download, failure),
    onNotice: options.onNotice,
  });
  return pass.end(end);
}

/** A download in progress is aborted; status 00h or an error must follow. null: begin at offset 0. */
export async function clearEarlier(
  device: Device,
  download: SesDownload,
  waitMs: number,
): Promise<Refusal | null> {
  const left = await clearDownload(device, download, waitMs);
  if (left === null) return null;
  if (left.kind !== 'entry') return left.failure;
  const { kind, keepPower } = microcodeStatusFacts(left.entry.status);
  if (kind === 'success' && !keepPower) return null;
  const message = `an earlier download cannot be discarded: ${statusWithField(left.entry)}`;
  return refusalByStatus(left.entry, message);
}
