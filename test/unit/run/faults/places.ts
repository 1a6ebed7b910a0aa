import type { Progress, Role } from './trace.ts';

/** Which command meets the fault: the first for which this holds. */
type Meets = (as: Role, so: Progress) => boolean;

const chunk =
  (nth: number): Meets =>
  ({ role }, { chunks }) =>
    role === 'chunk' && chunks === nth - 1;

const page =
  (pageCode: number, when: (so: Progress) => boolean): Meets =>
  (as, so) =>
    as.role === 'page' && as.pageCode === pageCode && when(so);

const look =
  (name: RegExp, when: (so: Progress) => boolean): Meets =>
  (as, so) =>
    as.role === 'look' && name.test(as.name) && when(so);

const before = ({ chunks }: Progress): boolean => chunks === 0;
const ended = ({ hasAll }: Progress): boolean => hasAll;

const STATUS = 0x0e;
const CONFIGURATION = 0x01;

export const PLACES = {
  first: chunk(1),
  middle: chunk(2),
  second: chunk(2),
  third: chunk(3),
  last: (as) => as.role === 'chunk' && as.hasAll && as.bytes > 0,
  end: (as) => as.role === 'chunk' && as.bytes === 0,
  activation: ({ role }) => role === 'activation',
  'status before': page(STATUS, before),
  configuration: page(CONFIGURATION, before),
  'status after first': page(STATUS, ({ chunks }) => chunks === 1),
  'status between': page(STATUS, ({ chunks, hasAll }) => chunks === 2 && !hasAll),
  'final status': page(STATUS, ended),
  'status after activation': page(STATUS, ({ activated }) => activated),
  /** Page 0Eh, read by the verification. */
  'last word': page(STATUS, ended),
  // Commands that only look, before the first byte and after the last.
  'supported pages': page(0x00, before),
  'ready before': look(/^TEST UNIT READY/, before),
  'inquiry before': look(/^INQUIRY$/, before),
  'supported VPD before': look(/^INQUIRY \(VPD 00h/, before),
  'serial before': look(/^INQUIRY \(VPD 80h/, before),
  'designators before': look(/^INQUIRY \(VPD 83h/, before),
  'sense before': look(/^REQUEST SENSE/, before),
  'extended inquiry before': look(/^INQUIRY \(VPD 86h/, before),
  'buffer before': look(/^READ BUFFER/, before),
  'operation codes before': look(/^REPORT SUPPORTED/, before),
  'ready after': look(/^TEST UNIT READY/, ended),
  'inquiry after': look(/^INQUIRY$/, ended),
  'supported VPD after': look(/^INQUIRY \(VPD 00h/, ended),
  'serial after': look(/^INQUIRY \(VPD 80h/, ended),
  'designators after': look(/^INQUIRY \(VPD 83h/, ended),
  'sense after': look(/^REQUEST SENSE/, ended),
  'configuration after': page(CONFIGURATION, ended),
} as const satisfies Record<string, Meets>;

export type PlaceName = keyof typeof PLACES;

export const meets = (place: PlaceName, as: Role, so: Progress): boolean => PLACES[place](as, so);
