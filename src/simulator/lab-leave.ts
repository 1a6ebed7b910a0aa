import type { LabLeaveWords } from '../generated/lab.ts';
import { labTimeMs } from './lab-time.ts';
import type { Leave } from './simulated-device.ts';

/** `leaves:` of a fault or a restart. */
export function labLeave({ for: time, node, serial, 'sas-address': address }: LabLeaveWords): Leave {
  const becomes = {
    ...(serial === undefined ? {} : { serial }),
    ...(address === undefined ? {} : { naa: address.slice(2).toLowerCase() }),
  };
  return {
    forMs: labTimeMs(time, 'leaves for'),
    removed: true,
    ...(node === undefined ? {} : { node: `/dev/${node}` }),
    ...(Object.keys(becomes).length === 0 ? {} : { becomes }),
  };
}
