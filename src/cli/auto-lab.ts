import type { CommonOptions } from './answer.ts';
import { UsageError } from './usage-error.ts';

/** What `--lab` says instead of a file: devices that fit the playbook. */
export const AUTO_LAB = 'auto';

/** Throws UsageError for a command that has no playbook to make devices for. */
export function refuseAutoLab(lab: string | undefined): void {
  if (lab !== AUTO_LAB) return;
  throw new UsageError(
    '--lab auto makes devices that fit a playbook, so only plan and apply take it',
    'Give a lab file. If its name is auto, write ./auto.',
  );
}

/** Options that speak of devices, memory or files which a rehearsal does not have. */
export interface ForeignOptions extends Pick<CommonOptions, 'labState' | 'trace'> {
  readonly only?: readonly string[];
  readonly recover: readonly string[];
  readonly retry: boolean;
  readonly takeOver: boolean;
  readonly out?: string | null;
}

/** Throws UsageError where one of them is given. */
export function refuseForeignOptions(options: ForeignOptions): void {
  const given: Readonly<Record<string, boolean>> = {
    '--lab-state': options.labState !== undefined,
    '--trace': options.trace !== undefined,
    '--only': (options.only ?? []).length > 0,
    '--recover': options.recover.length > 0,
    '--retry': options.retry,
    '--take-over': options.takeOver,
    '--out': (options.out ?? null) !== null,
  };
  const word = Object.keys(given).find((key) => given[key]);
  if (word === undefined) return;
  throw new UsageError(
    `${word} cannot be used with --lab auto, which makes new devices each time`,
    `Remove ${word}, or give a lab file.`,
  );
}
