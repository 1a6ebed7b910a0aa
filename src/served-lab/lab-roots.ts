/** Where the kernel shows itself; a test has its own. */
export interface LabRoots {
  readonly configfs: string;
  readonly sysfs: string;
  readonly dev: string;
  readonly proc: string;
  /** Locks, sockets and notes of the labs that are up. */
  readonly run: string;
}

export const LAB_ROOTS: LabRoots = {
  configfs: '/sys/kernel/config',
  sysfs: '/sys',
  dev: '/dev',
  proc: '/proc',
  run: '/run/runbook-lab',
};
