import { createHash, randomBytes } from 'node:crypto';
import { readdir, rename, unlink } from 'node:fs/promises';
import path from 'node:path';
import { causeText } from '../../base/errno.ts';
import { writeWhole } from '../../base/durable-file.ts';
import { parseDocument } from '../../base/versioned-document.ts';
import type { DocumentKind } from '../../base/versioned-document.ts';
import { makeDirectory, namesIn, readStateFile } from './state-directory.ts';
import { StateError, writeAdvice } from './state-error.ts';
import {
  isLastingId,
  nextRecord,
  seenAtTarget,
  UNIT_FORMAT,
  UNIT_RECORD,
  withRestarts,
} from './unit-record.ts';
import type { Restart } from '../facts/evidence.ts';
import type { Ending, UnitRecord } from './unit-record.ts';

const SUFFIX = '.json';
const LONGEST_NAME = 120;
/** Far more than a unit with many bad endings and paths has. */
const LARGEST_RECORD_BYTES = 4 * 1024 * 1024;

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
  /** What an earlier run left open is settled by that. */
  readonly settles: boolean;
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
    const text = await readStateFile(file, LARGEST_RECORD_BYTES);
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
        const text = await readStateFile(file, LARGEST_RECORD_BYTES);
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

  /**
   * A unit was seen, without any work on it. Throws StateError.
   *
   * @param saidBy the run that has seen it
   */
  async rememberSeen(
    { id, revision, subenclosure = 0, settles }: UnitAtRevision,
    saidBy: string,
  ): Promise<void> {
    if (!isLastingId(id)) return;
    const known = await this.#readOrMoved(id);
    if (known === null || (known.proof.subenclosure ?? 0) !== subenclosure) return;
    // Nobody looks at what a person has closed: the change itself says that the image runs.
    const isClosed = known.accepted !== undefined && known.outcome !== 'failed' && known.outcome !== 'lost';
    if (!settles && !isClosed && known.outcome !== 'updated') return;
    const at = new Date().toISOString();
    const record = seenAtTarget(known, { revision, proven: false, at, saidBy, recovering: false });
    if (record !== null) await this.write(record);
  }

  /** Unit attentions that a look has taken from a unit: whoever asks next has to know of them. Throws StateError. */
  async rememberRestarts(id: string, heard: readonly Restart[]): Promise<void> {
    if (!isLastingId(id) || heard.length === 0) return;
    const known = await this.#readOrMoved(id);
    const record = known === null ? null : withRestarts(known, heard);
    if (record !== null) await this.write(record);
  }

  /** After a crash the old record is there, or the new one. Throws StateError `state-not-writable` or `others-can-write`. */
  async write(record: UnitRecord): Promise<void> {
    const file = path.join(this.directory, fileNameOf(record.unit));
    try {
      await makeDirectory(this.directory);
      await writeWhole(file, `${JSON.stringify(record, null, 2)}\n`);
    } catch (error) {
      if (error instanceof StateError) throw error;
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
    const parsed = parseDocument<UnitRecord>(text, RECORD);
    if (parsed.fault === 'other-version') {
      throw new StateError(
        'unit-record-newer',
        `${file}: ${parsed.message}`,
        'Use the version of runbook that wrote it, or a newer one.',
        { file },
      );
    }
    const problem =
      parsed.fault === null ? whyNotOf(parsed.value, unit, path.basename(file)) : parsed.message;
    if (parsed.fault === null && problem === null) return parsed.value;
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

const RECORD: DocumentKind = { format: UNIT_FORMAT, what: 'a record of a unit', shape: UNIT_RECORD };

/** A copied or renamed file would speak of the wrong unit; null: it does not. */
const whyNotOf = (record: UnitRecord, unit: string | null, name: string): string | null =>
  fileNameOf(record.unit) !== name || (unit !== null && record.unit !== unit)
    ? `is damaged: it speaks of unit ${record.unit}`
    : null;

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
