import { viewOf } from '../../base/bytes.ts';
import type { SenseFields } from '../../scsi/sense.ts';
import { SES_MICROCODE_MODES } from '../../ses/download-microcode-control.ts';
import type { CommandOutcome } from '../../transport/transport.ts';
import { IMAGE_REFUSED, invalidFieldInParameterList } from '../answers.ts';
import type { SesEnclosure } from '../ses-enclosure.ts';
import type { SesSubenclosure } from '../ses-subenclosure.ts';
import { SesStatus } from '../ses-subenclosure.ts';
import type { SimulatedDevice } from '../simulated-device.ts';
import { activateDeferred } from './ses-activation.ts';

const HEADER_BYTES = 24;
/** 2/04/07 LOGICAL UNIT NOT READY, OPERATION IN PROGRESS: the flash is being written. */
const WRITING_FLASH: SenseFields = { key: 2, asc: 0x04, ascq: 0x07 };

/** Where the fields of page 0Eh begin: ADDITIONAL STATUS of 80h is one of these. */
const At = {
  subenclosure: 1,
  pageLength: 2,
  generationCode: 4,
  mode: 8,
  bufferId: 11,
  offset: 12,
  imageLength: 16,
  dataLength: 20,
} as const;

interface ControlFields {
  readonly generationCode: number;
  readonly mode: number;
  readonly bufferId: number;
  readonly offsetBytes: number;
  readonly imageBytes: number;
  readonly dataBytes: number;
}

/**
 * Download microcode control, page 0Eh, whose PAGE LENGTH was checked (SES-2 6.1.18). Any wrong field
 * drops the download and is status 80h. null: GOOD.
 */
export function takeControlPage(
  page: Uint8Array,
  enclosure: SesEnclosure,
  device: SimulatedDevice,
  nexus: string,
): CommandOutcome | null {
  const subenclosure = enclosure.withId(page[At.subenclosure]!);
  if (subenclosure === null || page.length < HEADER_BYTES) {
    refuseControlPage(page, At.pageLength, enclosure);
    return refusal(subenclosure === null ? At.subenclosure : At.pageLength, enclosure, device);
  }
  if (subenclosure.writing !== null) return device.refuse(WRITING_FLASH);
  const fields = decodeFields(page);
  const wrong = wrongField(fields, page, { subenclosure, enclosure, nexus });
  if (wrong !== null) {
    // What comes late belongs to a download that is gone: its reason stays to be read.
    const late = subenclosure.status === SesStatus.pageTimeout && wrong === At.offset;
    if (!late) refuseControlPage(page, wrong, enclosure);
    return refusal(wrong, enclosure, device);
  }
  if (fields.mode === SES_MICROCODE_MODES.activate_mc) {
    if (activateDeferred(subenclosure, device, nexus)) return null;
    subenclosure.fail(SesStatus.noDeferred);
    return refusal(At.mode, enclosure, device);
  }
  const data = page.subarray(HEADER_BYTES, HEADER_BYTES + fields.dataBytes);
  subenclosure.take({ ...fields, nexus, data }, device.clock.nowMs());
  return subenclosure.status === SesStatus.wrongImage ? refusal(HEADER_BYTES, enclosure, device) : null;
}

/** Drops the download and says 80h; a page for a subenclosure that is not there is the primary one's affair. */
export function refuseControlPage(page: Uint8Array, wrongByte: number, enclosure: SesEnclosure): void {
  const subenclosure = enclosure.withId(page[At.subenclosure]!);
  const named = subenclosure === null ? At.subenclosure : wrongByte;
  const place = enclosure.rules.namesWrongField ? named : 0;
  (subenclosure ?? enclosure.primary).fail(SesStatus.wrongField, place);
}

/** How SEND DIAGNOSTIC ends where page 0Eh reports an error. null: GOOD. */
function refusal(wrongByte: number, { rules }: SesEnclosure, device: SimulatedDevice): CommandOutcome | null {
  if (rules.refusal === 'good') return null;
  return device.refuse(rules.namesWrongField ? invalidFieldInParameterList(wrongByte) : IMAGE_REFUSED);
}

function decodeFields(page: Uint8Array): ControlFields {
  const view = viewOf(page);
  return {
    generationCode: view.getUint32(At.generationCode),
    mode: page[At.mode]!,
    bufferId: page[At.bufferId]!,
    offsetBytes: view.getUint32(At.offset),
    imageBytes: view.getUint32(At.imageLength),
    dataBytes: view.getUint32(At.dataLength),
  };
}

/** First byte of the first field that is wrong; null: all are right. */
function wrongField(
  fields: ControlFields,
  page: Uint8Array,
  place: {
    readonly subenclosure: SesSubenclosure;
    readonly enclosure: SesEnclosure;
    readonly nexus: string;
  },
): number | null {
  const { subenclosure, enclosure, nexus } = place;
  const { download, rules } = subenclosure;
  const { generationCode, mode, bufferId, offsetBytes, imageBytes, dataBytes } = fields;
  if (generationCode !== enclosure.generationCode) return At.generationCode;
  if (!enclosure.rules.modes.includes(mode)) return At.mode;
  if (download !== null && mode !== download.mode) return At.mode;
  if (!rules.bufferIds.includes(bufferId)) return At.bufferId;
  if (mode === SES_MICROCODE_MODES.activate_mc) return null; // the fields behind mean nothing
  if (download !== null && bufferId !== download.bufferId) return At.bufferId;
  if (!isExpected(offsetBytes, place)) return At.offset;
  // Two paths in one download: what comes over the other one belongs nowhere.
  if (download !== null && nexus !== download.nexus) return At.offset;
  if (imageBytes === 0 || imageBytes > enclosure.rules.maximumImageBytes) return At.imageLength;
  if (download !== null && imageBytes !== download.image.lengthBytes) return At.imageLength;
  if (offsetBytes > imageBytes) return At.offset;
  const paddedBytes = Math.ceil(dataBytes / 4) * 4;
  if (HEADER_BYTES + paddedBytes !== page.length) return At.dataLength;
  return offsetBytes + dataBytes > imageBytes ? At.dataLength : null;
}

function isExpected(
  offsetBytes: number,
  { subenclosure, enclosure }: { subenclosure: SesSubenclosure; enclosure: SesEnclosure },
): boolean {
  if (offsetBytes % 4 !== 0) return false;
  return enclosure.rules.expectedOffset === 'any' || offsetBytes === subenclosure.nextOffsetBytes;
}
