import { mapConcurrently } from '../../base/concurrency.ts';
import { RunbookError } from '../../base/errors.ts';
import type { Clock } from '../../base/clock.ts';
import { Device } from '../../device/device.ts';
import { identify, identityId, optionally } from '../../device/identity.ts';
import type { AttachedDevice, Host } from '../../host/host.ts';
import { documentOf } from '../../report/documents.ts';
import { deviceEntry, devicesText, type ListedDevice, type Probe } from '../../report/devices-text.ts';
import { createInk } from '../../report/ink.ts';
import { exitOf } from '../../run/outcome.ts';
import { inquiryVpd } from '../../scsi/vpd.ts';
import { extendedInquiry } from '../../scsi/vpd-extended-inquiry.ts';
import { writeBufferModeName } from '../../scsi/write-buffer.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import { wantsColor, type Io } from '../io.ts';
import { openHost } from '../open-host.ts';

export interface DevicesOptions extends CommonOptions {
  readonly probe: boolean;
}

const CONCURRENT_PROBES = 16;

/** `runbook devices [--probe]`: every logical unit of the host. Without --probe no node is opened. */
export async function devices(options: DevicesOptions, io: Io): Promise<Answer> {
  const { host, clock, close } = await openHost(options, { opensDevices: options.probe });
  try {
    const attached = await host.discover();
    const listed = options.probe
      ? await mapConcurrently(attached, CONCURRENT_PROBES, (device) => probed(host, device, clock))
      : attached.map((device) => ({ attached: device, probe: null, error: null }));
    const ink = createInk(wantsColor(io.stdout, io.env, options.color));
    const exit = exitOf('OK');
    return {
      exit,
      document: documentOf('runbook.devices/1', 'devices', exit, {
        body: { devices: listed.map(deviceEntry) },
      }),
      text: devicesText(listed, options.probe, ink),
      hint: hintFor(attached),
    };
  } finally {
    await close();
  }
}

/** INQUIRY and VPD pages only: nothing that a device would answer just once. */
async function probed(host: Host, attached: AttachedDevice, clock: Clock): Promise<ListedDevice> {
  if (attached.sgNode === null) return { attached, probe: null, error: 'no sg node' };
  try {
    const transport = await host.open(attached, 'look');
    const device = new Device(transport, { clock, find: () => Promise.resolve(null) });
    try {
      return { attached, probe: await probe(device), error: null };
    } finally {
      await device.close();
    }
  } catch (error) {
    if (!(error instanceof RunbookError)) throw error;
    return { attached, probe: null, error: (error as RunbookError).message };
  }
}

async function probe(device: Device): Promise<Probe> {
  const { inquiry, identity, vpdPages } = await identify(device);
  const extended = vpdPages.includes(extendedInquiry.pageCode)
    ? await optionally(device, inquiryVpd(extendedInquiry))
    : null;
  const modes = extended?.downloadModes ?? null;
  return {
    vendor: inquiry.vendor,
    product: inquiry.product,
    revision: inquiry.revision,
    id: identityId(identity),
    serialNumber: identity.serialNumber,
    downloadModes: modes === null ? null : [...modes].map(writeBufferModeName),
  };
}

function hintFor(attached: readonly AttachedDevice[]): string | undefined {
  if (attached.length === 0) {
    return 'runbook: no SCSI device here; if there should be one, see dmesg and load the driver of the adapter';
  }
  if (attached.every(({ sgNode }) => sgNode === null)) {
    return 'runbook: no device has an sg node; load the sg driver: modprobe sg';
  }
  return undefined;
}
