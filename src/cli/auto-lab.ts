import type { CommonOptions } from './answer.ts';
import { UsageError } from './usage-error.ts';

/** What `--lab` says instead of a file: devices that fit the playbook. */
export const AUTO_LAB = 'auto';

/** Throws UsageError for a command that has no playbook to make devices for. */
export function refuseAutoLab(lab: string | undefined): void {
  if (lab !== AUTO_LAB) return;
  throw new UsageError(
    '--lab auto makes devices that fit a playbook: apply and plan can do that',
    'Give a lab file; one that is named auto as ./auto.',
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
    `${word} does not go with --lab auto, which makes its own devices and forgets them`,
    `Leave ${word} out, or give a lab file.`,
  );
}
