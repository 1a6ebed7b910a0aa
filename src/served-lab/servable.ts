import type { LabFaultWords, LabFile } from '../generated/lab.ts';
import { HostStatus } from '../scsi/status.ts';
import { ServedError } from './served-error.ts';

/**
 * What the loopback fabric can show is a device that answers late, wrongly or not at all. What an adapter or a driver
 * says in a lab file would silently become something else. Throws ServedError `not-servable` that names the first such fault.
 */
export function requireServable({ devices }: LabFile): void {
  for (const [index, { faults = [], restart }] of devices.entries()) {
    for (const key of ['leaves', 'lost-paths'] as const) {
      if (restart?.[key] === undefined) continue;
      throw new ServedError(
        'not-servable',
        `/devices/${index}/restart/${key}: the kernel does not lose a served device`,
        'Remove it, or rehearse it with --lab.',
      );
    }
    for (const [number, fault] of faults.entries()) {
      const key = unservable(fault);
      if (key === null) continue;
      throw new ServedError(
        'not-servable',
        `/devices/${index}/faults/${number}: the kernel would not show \`${key}\` of a served device`,
        'Use sense, status, or host-status: 3 (no answer); rehearse the others with --lab.',
      );
    }
  }
}

function unservable(fault: LabFaultWords): string | null {
  if (fault['host-status'] !== undefined && fault['host-status'] !== HostStatus.timeOut) return 'host-status';
  if (fault['driver-status'] !== undefined) return 'driver-status';
  if (fault.errno !== undefined) return 'errno';
  if (fault.leaves !== undefined) return 'leaves';
  const dataOut = fault.command === 'write-buffer' || fault.command === 'send-diagnostic';
  return fault.residual !== undefined && dataOut ? 'residual' : null;
}
