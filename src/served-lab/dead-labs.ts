import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '../base/clock.ts';
import { KernelTarget } from './kernel-target.ts';
import type { LabLock } from './lab-lock.ts';
import { isDying, tryLockLab } from './lab-lock.ts';
import { notedLabs, readNotes, removeNotes } from './lab-notes.ts';
import type { LabRoots } from './lab-roots.ts';
import { ServedError } from './served-error.ts';
import type { UnitName } from './unit-name.ts';
import { BACKSTORE_HOST, unitOfBackstore, unitOfTarget } from './unit-name.ts';

const DYING_DEADLINE_MS = 10_000;
const DYING_POLL_MS = 100;

/** Units of labs that the kernel has, whoever serves them. */
export async function unitsInKernel({ configfs }: Pick<LabRoots, 'configfs'>): Promise<UnitName[]> {
  const backstores = await names(path.join(configfs, 'target/core', `user_${BACKSTORE_HOST}`));
  const targets = await names(path.join(configfs, 'target/loopback'));
  const units = [...backstores.map(unitOfBackstore), ...targets.map(unitOfTarget)];
  const found = new Map<string, UnitName>();
  for (const unit of units) if (unit !== null) found.set(`${unit.lab}-${unit.index}`, unit);
  return [...found.values()].sort((a, b) => a.index - b.index);
}

/** Labs that are up, or of which something is left. */
export async function foundLabs(roots: LabRoots): Promise<string[]> {
  const units = await unitsInKernel(roots);
  return [...new Set([...notedLabs(roots), ...units.map(({ lab }) => lab)])].sort();
}

/**
 * Takes the lock of a lab; null: it is up. A holder that was killed while it waited for the kernel is helped to its
 * end first.
 */
export async function lockLab(id: string, roots: LabRoots, clock: Clock): Promise<LabLock | null> {
  const lock = await tryLockLab(id, roots);
  const pid = readNotes(id, roots)?.pid;
  if (lock !== null || pid === undefined || !isDying(pid, roots)) return lock;
  for (const target of await targetsOf(id, roots)) await target.abandon();
  for (const startMs = clock.nowMs(); clock.nowMs() - startMs < DYING_DEADLINE_MS;) {
    await clock.sleep(DYING_POLL_MS);
    const now = await tryLockLab(id, roots);
    if (now !== null) return now;
  }
  throw new ServedError(
    'kernel-refused',
    `process ${pid}, which served this lab, was killed and does not end`,
    'See what it waits for: the end of dmesg.',
  );
}

/** Takes away what a lab left in the kernel and on the disk when it died. The caller holds its lock. */
export async function cleanUp(id: string, roots: LabRoots): Promise<void> {
  for (const target of (await targetsOf(id, roots)).reverse()) {
    await target.abandon();
    await target.unlink();
    await target.removeBackstore();
    await target.removeShared();
  }
  for (const node of readNotes(id, roots)?.nodes ?? []) await removeNode(node, roots);
  removeNotes(id, roots);
}

/** Cleans up after every lab whose process is gone. Returns their ids. */
export async function cleanUpDead(roots: LabRoots, clock: Clock): Promise<string[]> {
  const cleaned: string[] = [];
  for (const id of await foundLabs(roots)) {
    const lock = await lockLab(id, roots, clock);
    if (lock === null) continue;
    try {
      await cleanUp(id, roots);
      cleaned.push(id);
    } finally {
      lock.release();
    }
  }
  return cleaned;
}

async function targetsOf(id: string, roots: LabRoots): Promise<KernelTarget[]> {
  const units = await unitsInKernel(roots);
  const own = units.filter(({ lab }) => lab === id);
  return Promise.all(own.map((unit) => KernelTarget.found(unit, roots)));
}

/** Unless a device has that name again: then somebody needs the node. */
async function removeNode(node: string, { sysfs, dev }: LabRoots): Promise<void> {
  const name = path.basename(node);
  if (path.dirname(node) !== dev || !/^(sg|uio)\d+$/.test(name)) return;
  const devices = [
    ...(await names(path.join(sysfs, 'class/scsi_generic'))),
    ...(await names(path.join(sysfs, 'class/uio'))),
  ];
  if (!devices.includes(name)) await rm(node, { force: true });
}

function names(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}
