import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

export const IMAGE_BYTES = 1024 * 1024;
/** Long enough for the rig to do something in the middle of it, however slow or fast the machine is. */
export const LONG_IMAGE_BYTES = 4 * IMAGE_BYTES;
export const CHUNK_BYTES = 4096;

export interface PlaybookParts {
  /** Makes the image different from those of the other playbooks. */
  readonly seed: number;
  /** Default: IMAGE_BYTES. */
  readonly imageBytes?: number;
  readonly product?: string;
  /** Default: 4. */
  readonly expect?: number;
  readonly startRevisions?: readonly string[];
  /** Wanted. Default: 2.10. */
  readonly revision?: string;
  readonly sha256?: string;
  readonly verifyWithin?: string;
  /** Of chunks and activation alike. */
  readonly timeout?: string;
  /** Default: activate_mc and wait-ready. */
  readonly activate?: readonly string[];
}

/** Writes `NAME.yml` and `NAME.bin` into the folder of the guest. */
export async function writePlaybook(directory: string, name: string, parts: PlaybookParts): Promise<void> {
  const { seed, imageBytes = IMAGE_BYTES } = parts;
  const image = Uint8Array.from({ length: imageBytes }, (_, i) => (i * 7 + (i >> 8) * 29 + seed) & 0xff);
  await writeFile(path.join(directory, `${name}.bin`), image);
  const sha256 = parts.sha256 ?? createHash('sha256').update(image).digest('hex');
  const { timeout = '60s', revision: wanted = '2.10' } = parts;
  const text = `runbook: v1
name: ${name}
plays:
  - name: cards
    match:
      type: enclosure
      vendor: HP
      product: ${parts.product ?? 'HP SAS EXP Card'}
      revision: [${(parts.startRevisions ?? ['2.06', '2.08']).map((revision) => `"${revision}"`).join(', ')}]
    expect: ${parts.expect ?? 4}
    firmware:
      file: ${name}.bin
      sha256: ${sha256}
      revision: "${wanted}"
    download:
      via: write-buffer
      mode: dmc_offs_defer
      bpw: ${CHUNK_BYTES}
      timeout: {first: ${timeout}, chunk: ${timeout}, last: ${timeout}, activate: ${timeout}}
    activate: [${(parts.activate ?? ['activate_mc', '{wait-ready: 30s}']).join(', ')}]
    verify:
      revision: "${wanted}"
      within: ${parts.verifyWithin ?? '60s'}
strategy: {concurrent: 4, max-failures: 0, redundancy: outage-accepted}
`;
  await writeFile(path.join(directory, `${name}.yml`), text);
}
