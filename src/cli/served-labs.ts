import { realpathSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '../base/clock.ts';
import { askLab, type LabReply, type LabRequest } from '../served-lab/control.ts';
import { requireRoot } from '../served-lab/kernel-requirements.ts';
import { readNotes } from '../served-lab/lab-notes.ts';
import { cleanUp, foundLabs, lockLab } from '../served-lab/dead-labs.ts';
import { LAB_ROOTS } from '../served-lab/lab-roots.ts';
import { ServedError } from '../served-lab/served-error.ts';
import { labId } from '../served-lab/unit-name.ts';

/** A lab that is up on this machine, or of which something is left. */
export interface FoundLab {
  readonly id: string;
  /** null: it left no note. */
  readonly file: string | null;
  readonly pid: number | null;
}

/** Throws ServedError `not-permitted`: only root can see them. */
export async function servedLabs(): Promise<FoundLab[]> {
  requireRoot();
  const ids = await foundLabs(LAB_ROOTS);
  return ids.map((id) => {
    const notes = readNotes(id, LAB_ROOTS);
    return { id, file: notes?.file ?? null, pid: notes?.pid ?? null };
  });
}

/** The id of a lab file, which may be gone by now. */
export function idOfLabFile(file: string): string {
  try {
    return labId(realpathSync(file));
  } catch {
    return labId(path.resolve(file));
  }
}

/** null: nobody serves it. Throws ServedError. */
export function ask({ id }: Pick<FoundLab, 'id'>, request: LabRequest): Promise<LabReply | null> {
  return askLab(id, request, LAB_ROOTS);
}

/** Has the lab taken down by the process that serves it, or cleans up after a process that is gone. Throws ServedError. */
export async function takeDown({ id }: Pick<FoundLab, 'id'>): Promise<'taken-down' | 'cleaned-up'> {
  const reply = await askLab(id, { ask: 'down' }, LAB_ROOTS);
  if (reply?.ok === true) return 'taken-down';
  if (reply?.ok === false) throw new ServedError('kernel-refused', reply.message, reply.next);
  const lock = await lockLab(id, LAB_ROOTS, systemClock);
  if (lock === null) {
    throw new ServedError('not-up', 'the lab is starting or stopping', 'Try again in a moment.');
  }
  try {
    await cleanUp(id, LAB_ROOTS);
  } finally {
    lock.release();
  }
  return 'cleaned-up';
}
