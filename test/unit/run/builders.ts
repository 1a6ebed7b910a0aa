import { createHash } from 'node:crypto';
import type { AttachedDevice } from '../../../src/host/host.ts';
import type {
  ResolvedMatch,
  ResolvedPlay,
  ResolvedPlaybook,
  ResolvedStrategy,
  ResolvedWriteBufferSection,
} from '../../../src/playbook/resolved.ts';
import type { DeviceFacts } from '../../../src/run/facts/inspect.ts';
import { UNKNOWN_TOPOLOGY } from '../../../src/run/facts/unit-topology.ts';
import { standardImage } from '../../../src/simulator/lab-images.ts';

/** 10000 bytes: three chunks of 4096. */
export const IMAGE = standardImage(10_000);

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export function sectionOf(fields: Partial<ResolvedWriteBufferSection> = {}): ResolvedWriteBufferSection {
  const image = fields.image ?? IMAGE;
  return {
    via: 'write-buffer',
    mode: 'dmc_offs_defer',
    bpw: 4096,
    lastMode: null,
    endWith: null,
    otherwise: null,
    bufferId: 0,
    bufferIdStep: 0,
    offsetBytes: 0,
    modeSpecific: 0,
    timeouts: { firstMs: null, chunkMs: null, lastMs: null, activateMs: null },
    region: 'firmware',
    image,
    sentSha256: sha256(image),
    source: { file: 'fw.bin', member: null, strip: null, skipBytes: 0, lengthBytes: null, fill: null },
    ...fields,
  };
}

export interface PlayFields extends Partial<Omit<ResolvedPlay, 'match'>> {
  readonly match?: Partial<ResolvedMatch>;
}

/** HP cards from 2.08 to 2.10 in mode 0Eh, with activate_mc. */
export function playOf({ match = {}, ...fields }: PlayFields = {}): ResolvedPlay {
  const download = fields.download ?? [sectionOf()];
  const image = download[0]?.image ?? IMAGE;
  return {
    name: 'cards',
    after: null,
    match: {
      type: 'enclosure',
      deviceType: 0x0d,
      vendor: 'HP',
      product: 'HP SAS EXP Card',
      revision: ['2.06', '2.08'],
      identity: null,
      proof: [],
      ...match,
    },
    expect: { min: 1, max: null },
    firmware: {
      file: 'fw.bin',
      sha256: sha256(image),
      sizeBytes: image.length,
      revision: '2.10',
      product: null,
      vendor: null,
      serialMayChange: false,
    },
    imageSha256: sha256(image),
    download,
    activate: [{ step: 'activate_mc' }],
    verify: {
      revision: '2.10',
      unchanged: false,
      aliases: {},
      witness: null,
      paths: 'same',
      withinMs: 60_000,
    },
    ...fields,
  };
}

export function playbookOf(
  plays: readonly ResolvedPlay[] = [playOf()],
  strategy: Partial<ResolvedStrategy> = {},
): ResolvedPlaybook {
  return {
    file: 'upgrade.yml',
    sha256: '0'.repeat(64),
    name: 'HP cards to 2.10',
    why: null,
    plays,
    strategy: {
      canary: 0,
      canaryAccepts: 'updated',
      together: null,
      redundancy: 'required',
      inUse: 'refuse',
      raidAdapter: 'refuse',
      health: 'required',
      proceedWithout: [],
      partnerSync: 'none',
      partnerAfter: 'updated',
      concurrent: 1,
      maxFailures: 0,
      onRefusal: 'halt',
      ...strategy,
    },
  };
}

/** Path of card `n`: /dev/sg`n` at 6:0:`n`:0. */
export function pathOf(n: number, fields: Partial<AttachedDevice> = {}): AttachedDevice {
  return {
    hctl: `6:0:${n}:0`,
    deviceType: 0x0d,
    vendor: 'HP',
    product: 'HP SAS EXP Card',
    revision: '2.08',
    sasAddress: `0x50014380ab00000${n}`,
    hbaDriver: 'mpt3sas',
    sgNode: `/dev/sg${n}`,
    blockNode: null,
    wwid: `naa.50014380ab00000${n}`,
    state: 'running',
    limits: { maximumTransferBytes: null, scatterGatherEntries: null },
    ...fields,
  };
}

/** Card `n`, naa.50014380ab00000`n`, of revision 2.08. */
export function factsOf(n: number, fields: Partial<DeviceFacts> = {}): DeviceFacts {
  const id = `naa.50014380ab00000${n}`;
  return {
    id,
    identity: { logicalUnit: id, designators: [id], serialNumber: `SN${n}` },
    paths: [pathOf(n)],
    deviceType: 0x0d,
    vendor: 'HP',
    product: 'HP SAS EXP Card',
    revision: '2.08',
    enclosures: null,
    topology: UNKNOWN_TOPOLOGY,
    pages: new Map(),
    problem: null,
    ...fields,
  };
}
