import type { DeviceResult } from '../../run/outcome.ts';
import { OperationCode } from '../../scsi/command.ts';
import type { SimulatedDevice } from '../../simulator/simulated-device.ts';
import { runsImageOf, targetOf } from './made-devices.ts';
import type { MadeDevice } from './made-devices.ts';

/** What a verdict says that is not so, by what the simulated device holds; null: it is true. */
export function untruth({ outcome, play: name }: DeviceResult, { device, chain }: MadeDevice): string | null {
  const play = chain.find((known) => known.name === name) ?? chain[0];
  const runs = runsImageOf(play, device);
  const target = targetOf(play);
  const shows = target === null ? runs : device.shownRevision === target || inOther(device, target);
  const well = runs && shows && device.present && device.ready && device.identity.naa === device.id;
  switch (outcome) {
    case 'updated':
    case 'current':
      return well ? null : `${outcome}, and the device does not run the target`;
    case 'pending':
      return runs || waits(device) ? null : 'pending, and no image waits on the device';
    case 'refused':
    case 'skipped':
      return wasWritten(device) ? `${outcome}, and bytes reached the device` : null;
    case 'lost':
      return device.present && device.ready && device.enclosure?.silent == null
        ? 'lost, and the device is there'
        : null;
    case 'degraded':
      return well && device.lostPaths === 0 ? 'degraded, and the device is well' : null;
    case 'unverified':
    case 'failed':
    case 'frozen':
      return well ? `${outcome}, and the device runs the target` : null;
  }
}

/** A subenclosure shows its revision in page 01h alone. */
const inOther = ({ enclosure }: SimulatedDevice, target: string): boolean =>
  enclosure?.subenclosures.some(
    ({ rules, microcode }) => rules.code !== null && microcode.running.revision === target,
  ) === true;

const waits = ({ microcode, enclosure }: SimulatedDevice): boolean =>
  microcode.waiting.size > 0 ||
  enclosure?.subenclosures.some((part) => part.microcode.waiting.size > 0) === true;

/** Bytes of an image, and not a page that only ends a download. */
const wasWritten = ({ log }: SimulatedDevice): boolean =>
  log.some(
    ({ cdb, executed, dataOutBytes, name }) =>
      executed &&
      dataOutBytes > 0 &&
      (cdb[0] === OperationCode.writeBuffer ||
        (cdb[0] === OperationCode.sendDiagnostic && !name.includes('dmc_abort'))),
  );
