import type { LabDeviceWords } from '../../../src/generated/lab.ts';

/** Enclosure logical identifier of the shelf of both modules. */
export const ENCLOSURE = '0x3000000e0100003f';

/** Module `process` (1 or 2) of a shelf with two, each behind a host adapter and an expander of its own. */
export const moduleWords = (process: number, more: Partial<LabDeviceWords> = {}): LabDeviceWords => ({
  persona: 'ses-shelf-immediate',
  revision: '2.08',
  enclosure: { id: ENCLOSURE, process, of: 2 },
  paths: [{ adapter: 5 + process, behind: [`iom-${process}`] }],
  ...more,
});

/** Drives in use that both modules lead to. */
export const drivesWords = (count: number): LabDeviceWords => ({
  persona: 'disk',
  revision: '0001',
  count,
  users: ['ZFS pool tank'],
  paths: [
    { adapter: 6, behind: ['iom-1'] },
    { adapter: 7, behind: ['iom-2'] },
  ],
});
