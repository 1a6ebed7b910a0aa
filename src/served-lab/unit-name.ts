import { createHash } from 'node:crypto';

/**
 * Host adapter number of our backstores in configfs (`core/user_N`). Any number will do; this one is ours, so that
 * the backstores of other programs are never touched.
 */
export const BACKSTORE_HOST = 7255;

/** NAA 3h, locally assigned, and a start that no other program is likely to take. */
const TARGET_PREFIX = '31ab';
const INITIATOR_PREFIX = '31ac';
const NAME = /^runbook-([0-9a-f]{8})-([0-9a-f]{4})$/;

/** A lab that is up is known by its file: the start of the SHA-256 of its real path. */
export function labId(realPath: string): string {
  return createHash('sha256').update(realPath).digest('hex').slice(0, 8);
}

/** Everything in the kernel that belongs to one served unit has a name from these. */
export interface UnitName {
  readonly lab: string;
  /** Place in the lab, counted from 0. */
  readonly index: number;
}

/** Name of the backstore: `runbook-1f2e3d4c-0000`. */
export function backstoreName({ lab, index }: UnitName): string {
  return `runbook-${lab}-${fourDigits(index)}`;
}

/** The reverse of {@link backstoreName}; null: not one of ours. */
export function unitOfBackstore(name: string): UnitName | null {
  const [, lab, index] = NAME.exec(name) ?? [];
  return lab === undefined || index === undefined ? null : { lab, index: Number.parseInt(index, 16) };
}

/** Name of the loopback target, after its first unit: each target is a SCSI host. */
export function targetName({ lab, index }: UnitName): string {
  return `naa.${TARGET_PREFIX}${lab}${fourDigits(index)}`;
}

/** Name of the port through which the kernel reaches the unit. */
export function initiatorName({ lab, index }: UnitName): string {
  return `naa.${INITIATOR_PREFIX}${lab}${fourDigits(index)}`;
}

/** The reverse of {@link targetName}; null: not one of ours. */
export function unitOfTarget(name: string): UnitName | null {
  const start = `naa.${TARGET_PREFIX}`;
  const [, lab, index] = /^([0-9a-f]{8})([0-9a-f]{4})$/.exec(name.slice(start.length)) ?? [];
  if (!name.startsWith(start) || lab === undefined || index === undefined) return null;
  return { lab, index: Number.parseInt(index, 16) };
}

const fourDigits = (index: number): string => index.toString(16).padStart(4, '0');
