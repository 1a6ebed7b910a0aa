/** Where the kernel shows itself; a test has its own. */
export interface Places {
  readonly configfs: string;
  readonly sysfs: string;
  readonly dev: string;
  readonly proc: string;
  /** Locks, sockets and notes of the labs that are up. */
  readonly run: string;
}

export const PLACES: Places = {
  configfs: '/sys/kernel/config',
  sysfs: '/sys',
  dev: '/dev',
  proc: '/proc',
  run: '/run/runbook-lab',
};
