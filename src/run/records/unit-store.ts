import { createHash, randomBytes } from 'node:crypto';
import { readdir, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { causeText } from '../../base/errno.ts';
import { replaceFile } from '../../base/durable-file.ts';
import { firstMismatch } from '../../base/shape.ts';
import { makeDirectory, namesIn, readStateFile } from './state-directory.ts';
import { StateError, writeAdvice } from './state-error.ts';
import { isLastingId, nextRecord, seenAtTarget, UNIT_FORMAT, UNIT_RECORD } from './unit-record.ts';
import type { Ending, UnitRecord } from './unit-record.ts';

const SUFFIX = '.json';
const LONGEST_NAME = 120;

export interface UnitRecords {
  readonly byUnit: ReadonlyMap<string, UnitRecord>;
  /** Files that cannot be understood: what they say about their unit is not known. */
  readonly damaged: readonly StateError[];
}

/** A unit that shows a revision. */
export interface UnitAtRevision {
  readonly id: string;
  readonly revision: string;
  /** Whose revision this is; absent: that of INQUIRY. */
  readonly subenclosure?: number;
}

/** What runbook remembers of units: one small file each, replaced as a whole. Who writes holds the unit's lock. */
export class UnitStore {
  constructor(
    readonly directory: string,
    /** A damaged file is moved aside, so that it is refused once and never overwritten. Off for commands that only look. */
    private readonly movesDamaged: boolean = false,
  ) {}

  /** null: nothing is known. Throws StateError `unit-record-damaged`, `unit-record-newer` or `state-not-readable`. */
  async read(unit: string): Promise<UnitRecord | null> {
    const file = path.join(this.directory, fileNameOf(unit));
    const text = await readStateFile(file);
    return text === null ? null : this.#parse(file, text, unit);
  }

  /** Every record of the directory; a damaged one does not hide the others. */
  async readAll(): Promise<UnitRecords> {
    const byUnit = new Map<string, UnitRecord>();
    const damaged: StateError[] = [];
    for (const name of await namesIn(this.directory, (where) => readdir(where))) {
      if (!name.endsWith(SUFFIX) || name.startsWith('.')) continue;
      const file = path.join(this.directory, name);
      try {
        const text = await readStateFile(file);
        if (text === null) continue;
        const record = await this.#parse(file, text, null);
        byUnit.set(record.unit, record);
      } catch (error) {
        if (!(error instanceof StateError) || error.code === 'state-not-readable') throw error;
        damaged.push(error);
      }
    }
    return { byUnit, damaged };
  }

  /** Remembers how work on a unit ended. Throws StateError. */
  async remember(ending: Ending): Promise<void> {
    if (!isLastingId(ending.device.id)) return;
    const record = nextRecord(await this.#readOrMoved(ending.device.id), ending);
    if (record !== null) await this.write(record);
  }

  /** A unit was seen, without any work on it: an open ending may be settled by that. Throws StateError. */
  async rememberSeen({ id, revision, subenclosure = 0 }: UnitAtRevision): Promise<void> {
    if (!isLastingId(id)) return;
    const known = await this.#readOrMoved(id);
    if (known === null || (known.proof.subenclosure ?? 0) !== subenclosure) return;
    const at = new Date().toISOString();
    const record = seenAtTarget(known, { revision, proven: false, at, recovering: false });
    if (record !== null) await this.write(record);
  }

  /** After a crash the old record is there, or the new one. Throws StateError `state-not-writable`. */
  async write(record: UnitRecord): Promise<void> {
    const file = path.join(this.directory, fileNameOf(record.unit));
    try {
      await makeDirectory(this.directory);
      await replaceFile(file, `${JSON.stringify(record, null, 2)}\n`);
    } catch (error) {
      throw new StateError(
        'state-not-writable',
        `the record of unit ${record.unit} cannot be written to ${file}: ${causeText(error)}`,
        writeAdvice(error, this.directory),
        { file },
        { cause: error },
      );
    }
  }

  /** Forgets everything: a lab that starts from its file has new devices. Throws StateError `state-not-writable`. */
  async forgetAll(): Promise<void> {
    for (const name of await namesIn(this.directory, (where) => readdir(where))) {
      if (!name.endsWith(SUFFIX)) continue;
      const file = path.join(this.directory, name);
      try {
        await unlink(file);
      } catch (error) {
        throw new StateError(
          'state-not-writable',
          `${file} cannot be removed: ${causeText(error)}`,
          writeAdvice(error, this.directory),
          { file },
          { cause: error },
        );
      }
    }
  }

  /** What is known now must be kept, even where the older record is damaged; that one lies beside it. */
  async #readOrMoved(unit: string): Promise<UnitRecord | null> {
    try {
      return await this.read(unit);
    } catch (error) {
      const moved = error instanceof StateError && error.code === 'unit-record-damaged' && this.movesDamaged;
      if (moved) return null;
      throw error;
    }
  }

  async #parse(file: string, text: string, unit: string | null): Promise<UnitRecord> {
    const problem = problemOf(text, unit, path.basename(file));
    if (typeof problem !== 'string') return problem.record;
    if (problem.startsWith('has the format')) {
      throw new StateError(
        'unit-record-newer',
        `${file}: ${problem}, and this runbook reads ${UNIT_FORMAT}`,
        'Use the version of runbook that wrote it, or a newer one.',
        { file },
      );
    }
    const aside = this.movesDamaged ? await moveAside(file) : null;
    throw new StateError(
      'unit-record-damaged',
      `${file}: ${problem}${aside === null ? '' : `; moved to ${aside}`}`,
      `What it said about the unit (pending, frozen, failed before) is not known: look at the unit, ${
        aside === null ? 'then move the file away.' : 'then run this again.'
      }`,
      { file: aside ?? file },
    );
  }
}

function problemOf(text: string, unit: string | null, name: string): string | { record: UnitRecord } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'is damaged: it is not JSON';
  }
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  if (typeof format === 'string' && format !== UNIT_FORMAT && format.startsWith('runbook.unit/'))
    return `has the format ${format}`;
  if (format !== UNIT_FORMAT) return `is not a record of a unit (format is not ${UNIT_FORMAT})`;
  const place = firstMismatch(value, UNIT_RECORD);
  if (place !== null) return `is damaged at ${place}`;
  const record = value as UnitRecord;
  // A copied or renamed file would speak of the wrong unit.
  if (fileNameOf(record.unit) !== name || (unit !== null && record.unit !== unit))
    return `is damaged: it speaks of unit ${record.unit}`;
  return { record };
}

/** Every id gets a name of its own, without separators, whatever a device puts into it. */
export function fileNameOf(unit: string): string {
  let name = '';
  for (const byte of Buffer.from(unit, 'utf8')) {
    const character = String.fromCharCode(byte);
    const plain = /[A-Za-z0-9_-]/.test(character) || (character === '.' && name !== '');
    name += plain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  if (name.length > LONGEST_NAME) {
    name = `${name.slice(0, LONGEST_NAME)}~${createHash('sha256').update(unit).digest('hex').slice(0, 16)}`;
  }
  return name + SUFFIX;
}

async function moveAside(file: string): Promise<string | null> {
  const aside = `${file}.damaged-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(2).toString('hex')}`;
  try {
    await rename(file, aside);
    return aside;
  } catch {
    return null;
  }
}
