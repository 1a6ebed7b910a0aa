import { VERSION } from '../base/program-facts.ts';
import type { IncomingDownload } from './microcode.ts';
import { IncomingImage } from './incoming-image.ts';
import type { LabImage } from './incoming-image.ts';
import { LabError } from './lab-images.ts';
import type { MicrocodeState } from './microcode-state.ts';
import { hashOf, microcodeState, restoreMicrocode } from './microcode-state.ts';
import type { EnclosureState } from './ses-state.ts';
import { enclosureState, restoreEnclosure } from './ses-state.ts';
import type { SimulatedDevice } from './simulated-device.ts';
import type { UnitAttention } from './unit-attentions.ts';

export const LAB_STATE_FORMAT = 'runbook.lab-state/1';

/** What a lab remembers from one command to the next with `--lab-state FILE`. Images are named by their SHA-256. */
export interface LabState {
  readonly format: typeof LAB_STATE_FORMAT;
  /** Version of the program that wrote it. */
  readonly runbook?: string;
  readonly devices: readonly SavedDevice[];
}

export interface SavedDevice extends MicrocodeState {
  /** {@link SimulatedDevice.id} */
  readonly id: string;
  readonly shownRevision: string;
  readonly shownProduct: string;
  /** Absent: as at the start. */
  readonly shownVendor?: string;
  readonly shownSerial?: string;
  /** Its SAS address, 16 hexadecimal digits. */
  readonly shownAddress?: string;
  readonly incoming: IncomingState | null;
  /** null: the device has no SES pages. */
  readonly enclosure: EnclosureState | null;
  readonly unitAttentions: Readonly<Record<string, readonly UnitAttention[]>>;
  /** Counts its restarts: some lose paths then. */
  readonly restarts: number;
  /** How many commands have fitted each fault of the lab file, so that one does not begin again; absent: none. */
  readonly faultsMet?: readonly number[];
  /** How long it is not ready yet, in milliseconds. */
  readonly readyInMs: number;
}

export interface IncomingState extends Pick<IncomingDownload, 'nexus' | 'mode' | 'bufferId' | 'chunks'> {
  readonly receivedBytes: number;
  readonly damaged: boolean;
  readonly suspects: readonly string[];
  readonly complete: string | null;
}

/** What all devices of a lab hold now, for the file that keeps it. */
export function labState(devices: readonly SimulatedDevice[]): LabState {
  return {
    format: LAB_STATE_FORMAT,
    runbook: VERSION,
    devices: devices.map((device) => deviceState(device)),
  };
}

/** Changes when the state does, and not with time. */
export function fingerprint(device: SimulatedDevice): string {
  const enclosure = device.enclosure && enclosureState(device.enclosure, 0);
  return JSON.stringify({ ...deviceState(device), readyInMs: device.readyAtMs, enclosure });
}

function deviceState(device: SimulatedDevice): SavedDevice {
  const { id, shownRevision, identity, microcode, enclosure, unitAttentions, readyAtMs, clock } = device;
  const { incoming } = microcode;
  return {
    id,
    shownRevision,
    shownProduct: identity.product,
    shownVendor: identity.vendor,
    shownSerial: identity.serial,
    shownAddress: identity.naa,
    ...microcodeState(microcode),
    incoming: incoming && incomingState(incoming),
    enclosure: enclosure && enclosureState(enclosure, clock.nowMs()),
    unitAttentions: unitAttentions.pending(),
    restarts: device.restarts,
    ...(device.faultCounts.length > 0 && { faultsMet: device.faultCounts.map(({ met }) => met) }),
    readyInMs: Math.max(0, Math.ceil(readyAtMs - clock.nowMs())),
  };
}

function incomingState({ nexus, mode, bufferId, chunks, complete, image }: IncomingDownload): IncomingState {
  const { receivedBytes, damaged, suspects } = image;
  return {
    nexus,
    mode,
    bufferId,
    chunks,
    receivedBytes,
    damaged,
    suspects: suspects.map((suspect) => hashOf(suspect)),
    complete: complete && hashOf(complete),
  };
}

/** Puts the devices into a saved state; those that it does not name stay as they are. Throws LabError `bad-lab-state`. */
export function restoreDevices(devices: readonly SimulatedDevice[], { devices: states }: LabState): void {
  for (const state of states) {
    const device = devices.find(({ id }) => id === state.id);
    if (device === undefined) throw otherLab(`device ${state.id}`);
    restoreDevice(device, state);
  }
}

function restoreDevice(device: SimulatedDevice, state: SavedDevice): void {
  const { microcode } = device;
  const image = (sha256: string): LabImage => {
    const found = microcode.known.find((known) => hashOf(known) === sha256);
    if (found === undefined) throw otherLab(`the image with SHA-256 ${sha256}`);
    return found;
  };
  device.shownRevision = state.shownRevision;
  const { shownProduct: product, shownVendor, shownSerial, shownAddress } = state;
  const { vendor, serial, naa } = device.identity;
  device.identity = {
    ...device.identity,
    product,
    vendor: shownVendor ?? vendor,
    serial: shownSerial ?? serial,
    naa: shownAddress ?? naa,
  };
  restoreMicrocode(microcode, state, image);
  if (state.incoming !== null) {
    const { suspects, receivedBytes, damaged, complete, ...download } = state.incoming;
    microcode.incoming = {
      ...download,
      complete: complete === null ? null : image(complete),
      image: new IncomingImage(suspects.map(image), receivedBytes, damaged),
    };
  }
  if (device.enclosure !== null && state.enclosure !== null)
    restoreEnclosure(device.enclosure, state.enclosure, device.clock.nowMs(), image);
  device.unitAttentions.restore(state.unitAttentions);
  device.restarts = state.restarts;
  for (const [index, count] of device.faultCounts.entries()) count.met = state.faultsMet?.[index] ?? 0;
  device.readyAtMs = device.clock.nowMs() + state.readyInMs;
}

function otherLab(what: string): LabError {
  return new LabError(
    'bad-lab-state',
    `the lab state names ${what}, which is not in this lab; give --lab-state the state of this lab, or delete it`,
  );
}
