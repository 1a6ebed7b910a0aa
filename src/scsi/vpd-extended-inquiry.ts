import { requireRange, viewOf } from '../base/bytes.ts';
import { EncodeError } from '../base/errors.ts';
import { vpdBody, vpdPageOf } from './vpd.ts';
import type { VpdPage } from './vpd.ts';

/** VPD page 86h, Extended INQUIRY data: what a device says about its own microcode downloads. */
export interface ExtendedInquiry {
  /**
   * About modes 05h and 07h. 0: not said. 1: active before the last WRITE BUFFER completes. 2: active after a vendor
   * event, power on or hard reset. 3: reserved.
   */
  readonly activateMicrocode: 0 | 1 | 2 | 3;
  /** MULTI I_T NEXUS MICROCODE DOWNLOAD, 0..15. */
  readonly multiNexusDownload: number;
  /** EXTENDED SELF-TEST COMPLETION MINUTES; 0: not reported. */
  readonly extendedSelfTestMinutes: number;
  /** POA_SUP, HRA_SUP, VSA_SUP: the events that mode 0Dh may name. */
  readonly powerOnActivation: boolean;
  readonly hardResetActivation: boolean;
  readonly vendorEventActivation: boolean;
  /** WRITE BUFFER modes that the device takes; null: it does not say (DMS_VALID 0). */
  readonly downloadModes: ReadonlySet<number> | null;
  /** MAXIMUM SUPPORTED SENSE DATA LENGTH; 0: not reported. */
  readonly maximumSenseBytes: number;
  /** UASK_SUP: unit attentions may carry sense key specific data. */
  readonly unitAttentionSenseKeySpecific: boolean;
  /** LUICLR: a unit attention of one logical unit is cleared for it alone. */
  readonly logicalUnitClear: boolean;
  readonly maximumInquiryChangeLogs: number;
  readonly maximumModePageChangeLogs: number;
}

const PAGE_CODE = 0x86;
const NAME = 'extended INQUIRY data';
const PAGE_BYTES = 64; // 4 + PAGE LENGTH 3Ch
const DMS_VALID = 0x10;
const DOWNLOAD_MODE_BITS: readonly (readonly [mode: number, mask: number])[] = [
  [0x04, 0x80],
  [0x05, 0x40],
  [0x06, 0x20],
  [0x07, 0x10],
  [0x0d, 0x08],
  [0x0e, 0x04],
  [0x0f, 0x02],
];

/** VPD page 86h. Fields beyond an older, shorter page are 0: not reported. */
export const extendedInquiry: VpdPage<ExtendedInquiry> = {
  pageCode: PAGE_CODE,
  name: NAME,
  decode(page) {
    const bytes = new Uint8Array(PAGE_BYTES);
    bytes.set(vpdBody(NAME, PAGE_CODE, page).subarray(0, PAGE_BYTES - 4), 4); // offsets as in the page
    const view = viewOf(bytes);
    const bit = (at: number, mask: number): boolean => (bytes[at]! & mask) !== 0;
    return {
      activateMicrocode: (bytes[4]! >> 6) as ExtendedInquiry['activateMicrocode'],
      multiNexusDownload: bytes[9]! & 0x0f,
      extendedSelfTestMinutes: view.getUint16(10),
      powerOnActivation: bit(12, 0x80),
      hardResetActivation: bit(12, 0x40),
      vendorEventActivation: bit(12, 0x20),
      downloadModes: bit(12, DMS_VALID)
        ? new Set(DOWNLOAD_MODE_BITS.filter(([, mask]) => bit(19, mask)).map(([mode]) => mode))
        : null,
      maximumSenseBytes: bytes[13]!,
      unitAttentionSenseKeySpecific: bit(5, 0x20),
      logicalUnitClear: bit(7, 0x01),
      maximumInquiryChangeLogs: view.getUint16(15),
      maximumModePageChangeLogs: view.getUint16(17),
    };
  },
  encode(value, peripheral) {
    requireRange('ACTIVATE MICROCODE', value.activateMicrocode, 3);
    requireRange('MULTI I_T NEXUS MICROCODE DOWNLOAD', value.multiNexusDownload, 0xf);
    requireRange('EXTENDED SELF-TEST COMPLETION MINUTES', value.extendedSelfTestMinutes, 0xffff);
    requireRange('MAXIMUM SUPPORTED SENSE DATA LENGTH', value.maximumSenseBytes, 0xff);
    requireRange('MAXIMUM INQUIRY CHANGE LOGS', value.maximumInquiryChangeLogs, 0xffff);
    requireRange('MAXIMUM MODE PAGE CHANGE LOGS', value.maximumModePageChangeLogs, 0xffff);
    const bytes = new Uint8Array(PAGE_BYTES);
    const view = viewOf(bytes);
    bytes[4] = value.activateMicrocode << 6;
    bytes[5] = value.unitAttentionSenseKeySpecific ? 0x20 : 0;
    bytes[7] = value.logicalUnitClear ? 0x01 : 0;
    bytes[9] = value.multiNexusDownload;
    view.setUint16(10, value.extendedSelfTestMinutes);
    bytes[12] =
      (value.powerOnActivation ? 0x80 : 0) |
      (value.hardResetActivation ? 0x40 : 0) |
      (value.vendorEventActivation ? 0x20 : 0) |
      (value.downloadModes === null ? 0 : DMS_VALID);
    bytes[13] = value.maximumSenseBytes;
    view.setUint16(15, value.maximumInquiryChangeLogs);
    view.setUint16(17, value.maximumModePageChangeLogs);
    bytes[19] = encodeDownloadModes(value.downloadModes ?? new Set());
    return vpdPageOf(PAGE_CODE, bytes.subarray(4), peripheral);
  },
};

function encodeDownloadModes(modes: ReadonlySet<number>): number {
  let byte = 0;
  for (const mode of modes) {
    const mask = DOWNLOAD_MODE_BITS.find(([known]) => known === mode)?.[1];
    if (mask === undefined) {
      throw new EncodeError('out-of-range', `VPD page 86h has no bit for WRITE BUFFER mode ${mode}`);
    }
    byte |= mask;
  }
  return byte;
}
