import path from 'node:path';
import { systemClock } from '../base/clock.ts';
import type { LabFile } from '../generated/lab.ts';
import type { Host } from '../host/host.ts';
import { diagnosticOfFile } from '../playbook/diagnostics.ts';
import { diagnosticInLab, loadLabFile } from '../playbook/lab-file.ts';
import { labLocks } from '../run/records/state-directory.ts';
import { createLabHost } from '../simulator/lab-host.ts';
import { labImages, LabError } from '../simulator/lab-images.ts';
import type { SimulatedHost } from '../simulator/simulated-host.ts';
import { labStateWriter, readLabState } from '../simulator/lab-state-file.ts';
import type { CommonOptions } from './answer.ts';
import { refuseAutoLab } from './auto-lab.ts';
import { InvalidFiles } from './invalid-files.ts';
import { stateLocation } from './open-state.ts';
import { readText } from './read-text.ts';

interface Lab {
  readonly lab: LabFile;
  readonly images: ReadonlyMap<string, Uint8Array>;
}

/** A lab file with its images. Throws InvalidFiles. */
async function readLab(file: string): Promise<Lab> {
  refuseAutoLab(file);
  const { text, problem } = await readText(file);
  if (problem !== null) throw new InvalidFiles([problem]);
  const { lab, diagnostics } = loadLabFile(file, text);
  if (lab === null) throw new InvalidFiles(diagnostics);
  try {
    return { lab, images: await labImages(lab, path.dirname(file)) };
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    const index = (lab.images ?? []).findIndex(({ name }) => name === error.context['image']);
    const key = lab.images?.[index]?.file === undefined ? '' : '/file';
    const problem = {
      code: 'format',
      path: `/images/${Math.max(0, index)}${key}`,
      message: error.message,
    } as const;
    throw new InvalidFiles([diagnosticInLab(file, text, problem)]);
  }
}

/** The images alone, for `validate --lab`. */
export async function readLabImages(file: string): Promise<ReadonlyMap<string, Uint8Array>> {
  return (await readLab(file)).images;
}

/**
 * The simulated host of a lab file. With --lab-state it goes on where the last command left it, and its units are locked in the lab's
 * state directory, for every user who rehearses.
 */
export async function openLab(
  file: string,
  { labState: stateFile, stateDir }: Pick<CommonOptions, 'labState' | 'stateDir'>,
): Promise<{
  readonly host: SimulatedHost;
  readonly lab: LabFile;
  readonly labImages: ReadonlyMap<string, Uint8Array>;
}> {
  const { lab, images } = await readLab(file);
  const host = await placed(stateFile ?? file, async () => {
    const savedState = stateFile === undefined ? undefined : await readLabState(stateFile);
    return createLabHost(lab, {
      images,
      clock: systemClock,
      ...(savedState === undefined ? {} : { savedState }),
      ...(stateFile === undefined
        ? {}
        : {
            save: labStateWriter(stateFile),
            lock: lockIn(labLocks(stateLocation({ stateDir, lab: file }, process.env))),
          }),
    });
  });
  return { host, lab, labImages: images };
}

const lockIn =
  (directory: string): Host['lock'] =>
  async (unitId, run) =>
    (await import('../host/unit-lock.ts')).lockUnit(unitId, directory, run);

/** What the words of a lab file cannot show, its images for one, is still a mistake in that file. */
async function placed<Value>(file: string, make: () => Promise<Value>): Promise<Value> {
  try {
    return await make();
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    throw new InvalidFiles([diagnosticOfFile(file, { code: 'format', message: error.message })]);
  }
}
