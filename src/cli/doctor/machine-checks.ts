import { accessSync, constants, existsSync, lstatSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { causeText } from '../../base/errno.ts';
import { otherWriter } from '../../base/other-writer.ts';
import { refusal } from '../../base/refusal.ts';
import { HostError } from '../../host/host-error.ts';
import type { AttachedDevice, Host } from '../../host/host.ts';
import { hasLogind } from '../../host/inhibitor.ts';
import { LOCK_DIRECTORY } from '../../host/unit-lock.ts';
import type { CheckName, Finding } from '../../report/doctor-text.ts';
import { counted, sizeText } from '../../report/quantities.ts';

const ok = (check: CheckName, found: string): Finding => ({ check, status: 'ok', found, next: null });
const warning = (check: CheckName, found: string, next: string): Finding => ({
  check,
  status: 'warning',
  found,
  next,
});
const problem = (check: CheckName, { message, next }: { message: string; next: string }): Finding => ({
  check,
  status: 'problem',
  found: message,
  next,
});

/** Bits of capabilities(7), with what they are for. */
const CAPABILITIES: readonly (readonly [bit: number, name: string])[] = [
  [17, 'CAP_SYS_RAWIO'], // WRITE BUFFER and SEND DIAGNOSTIC through SG_IO
  [21, 'CAP_SYS_ADMIN'],
];

/** What the kernel and the system give to every run. */
export function systemChecks(procRoot: string, sysfsRoot: string, stateDirectory: string): Finding[] {
  return [
    permission(procRoot),
    proc(procRoot),
    sysfs(sysfsRoot),
    hasLogind()
      ? ok('shutdown', 'logind keeps the host from shutting down and sleeping during a run')
      : warning(
          'shutdown',
          'no logind: nothing keeps the host from shutting down during a run',
          'Make sure that nobody and nothing restarts it meanwhile.',
        ),
    ownLocation('state-directory', stateDirectory),
    ownLocation('lock-directory', LOCK_DIRECTORY),
  ];
}

function permission(procRoot: string): Finding {
  const user = process.geteuid?.() ?? 0;
  const next = 'Run it as root.';
  if (user !== 0)
    return problem('permission', { message: `user ${user}, and only root may send commands`, next });
  const held = /^CapEff:\s*([0-9a-f]+)$/m.exec(textOf(path.join(procRoot, 'self/status')))?.[1];
  const bits = held === undefined ? null : BigInt(`0x${held}`);
  const missing = CAPABILITIES.filter(([bit]) => bits !== null && ((bits >> BigInt(bit)) & 1n) === 0n);
  if (missing.length === 0) return ok('permission', 'root');
  const names = missing.map(([, name]) => name).join(' and ');
  return problem('permission', {
    message: `root without ${names}: this is a container, or a service with fewer rights`,
    next: 'Run it on the host itself, or give the container these capabilities.',
  });
}

const proc = (procRoot: string): Finding =>
  existsSync(path.join(procRoot, 'self/stat')) || procRoot !== '/proc'
    ? ok('proc', `${procRoot} is mounted`)
    : problem('proc', refusal('proc-not-mounted'));

function sysfs(sysfsRoot: string): Finding {
  if (!existsSync(path.join(sysfsRoot, 'class')))
    return problem('sysfs', refusal('sysfs-not-mounted', { root: sysfsRoot }));
  try {
    accessSync(path.join(sysfsRoot, 'class'), constants.W_OK);
    return ok('sysfs', `${sysfsRoot} is mounted`);
  } catch (error) {
    // Its files belong to root: that others may not write to them says nothing of the mount.
    if ((error as NodeJS.ErrnoException).code !== 'EROFS' && process.geteuid?.() !== 0)
      return ok('sysfs', `${sysfsRoot} is mounted`);
    return warning(
      'sysfs',
      `${sysfsRoot} is read-only: the steps rescan and reload-driver cannot work`,
      'Run it on the host itself.',
    );
  }
}

/** A directory that root trusts. It may be missing: runbook makes it. */
function ownLocation(check: CheckName, directory: string): Finding {
  try {
    const other = process.geteuid?.() === 0 ? otherWriter(directory) : null;
    if (other !== null)
      return problem(
        check,
        refusal('others-can-write', { what: `${directory}: ${other.entry} can be changed by ${other.who}` }),
      );
    const stat = lstatSync(directory, { throwIfNoEntry: false });
    let there = directory;
    while (lstatSync(there, { throwIfNoEntry: false }) === undefined) there = path.dirname(there);
    accessSync(there, constants.W_OK | constants.X_OK);
    const mode =
      stat === undefined ? 'not there yet' : `user ${stat.uid}, mode ${(stat.mode & 0o7777).toString(8)}`;
    return ok(check, `${directory}, ${mode}`);
  } catch (error) {
    return problem(check, {
      message: `${directory}: ${causeText(error)}`,
      next: 'Run it as root, or look at the directory.',
    });
  }
}

/** The sg driver, its nodes, and the adapters behind them. */
export async function deviceChecks(host: Host): Promise<Finding[]> {
  let devices: readonly AttachedDevice[];
  try {
    devices = await host.discover();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return [problem('sg-driver', error.refusal)];
  }
  const nodes = devices.flatMap(({ sgNode }) => sgNode ?? []);
  const driver =
    devices.length === 0
      ? warning(
          'sg-driver',
          'the kernel has no SCSI device',
          'If there should be one, check dmesg and the driver of the adapter.',
        )
      : ok('sg-driver', `${counted(devices.length, 'device')}, ${counted(nodes.length, 'node')}`);
  const bare = devices.filter(({ sgNode }) => sgNode === null).map(({ hctl }) => hctl);
  return [
    driver,
    ...(bare.length === 0
      ? []
      : [
          problem('sg-nodes', {
            message: `without an sg node: ${someOf(bare)}`,
            next: refusal('no-sg-driver').next,
          }),
        ]),
    ...(host.kind === 'linux' ? nodeFindings(nodes) : []),
    ...adapters(devices),
  ];
}

function nodeFindings(nodes: readonly string[]): Finding[] {
  const causes = new Map<string, string[]>();
  for (const node of nodes) {
    try {
      accessSync(node, constants.R_OK | constants.W_OK);
    } catch (error) {
      const cause = causeText(error);
      causes.set(cause, [...(causes.get(cause) ?? []), node]);
    }
  }
  const bad = [...causes].map(([cause, some]) =>
    problem('sg-nodes', {
      message: `${someOf(some)}: ${cause}`,
      next: 'Run it as root; where a node is missing, check udev.',
    }),
  );
  return bad.length > 0 || nodes.length === 0 ? bad : [ok('sg-nodes', 'all of them can be opened')];
}

/** One line for each driver, with the smallest limit that one of its devices has. */
function adapters(devices: readonly AttachedDevice[]): Finding[] {
  const byDriver = new Map<string, AttachedDevice[]>();
  for (const device of devices) {
    const driver = device.hbaDriver ?? 'unknown driver';
    byDriver.set(driver, [...(byDriver.get(driver) ?? []), device]);
  }
  return [...byDriver].map(([driver, own]) => {
    const limits = own.flatMap(({ limits: { maximumTransferBytes } }) => maximumTransferBytes ?? []);
    const limit =
      limits.length === 0
        ? 'transfer limit not known'
        : `at most ${sizeText(Math.min(...limits))} a command, it says`;
    return ok('host-adapter', `${driver}: ${counted(own.length, 'device')}, ${limit}`);
  });
}

const MOST_NAMES = 5;

const someOf = (names: readonly string[]): string =>
  names.length <= MOST_NAMES
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more`;

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
