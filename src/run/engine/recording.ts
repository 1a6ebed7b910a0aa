import { mapConcurrently } from '../../base/concurrency.ts';
import type { Refusal } from '../../base/refusal.ts';
import type { Host } from '../../host/host.ts';
import { readBootId } from '../../host/machine.ts';
import type { RunEvent } from '../facts/events.ts';
import type { FoundBefore } from '../facts/found-before.ts';
import { openJournal } from '../records/journal.ts';
import type { Journal, JournalOptions } from '../records/journal.ts';
import type {
  DeviceState,
  JournalDevice,
  KeptAnswer,
  RunStarted,
  StateFacts,
} from '../records/journal-entry.ts';
import { entryOfEvent } from './event-entry.ts';
import { journaledHost } from './recorded-host.ts';
import { RecordedDownload } from './recorded-download.ts';
import type { SentImage } from '../unit/procedure.ts';
import type { UnitRecording } from '../unit/run-options.ts';
import type { DeviceResult, Exit, ExitName } from '../facts/outcome.ts';
import { markOpenRun, updateOpenRuns } from '../records/open-runs.ts';
import { prepareStateDirectory } from '../records/state-directory.ts';
import type { StateDirectory } from '../records/state-directory.ts';
import { StateError } from '../records/state-error.ts';
import { UnitStore } from '../records/unit-store.ts';
import type { Restart } from '../facts/evidence.ts';
import type { UnitAtRevision } from '../records/unit-store.ts';
import { workKey } from '../records/run-record.ts';
import type { PlannedUnit } from '../guards/world.ts';

/** Files that are written at once. */
const CONCURRENT_RECORDS = 16;

/** What a run needs to be remembered. */
export interface RecordingOptions {
  readonly directory: StateDirectory;
  readonly journal?: JournalOptions;
}

/** Keeps journal and store of one run. Made without options it keeps nothing, for runs that nobody has to remember. */
export class Recording implements UnitRecording {
  #journal: Journal | null = null;
  #store: UnitStore | null = null;
  #failure: StateError | null = null;
  /** By unit and play. */
  readonly #devices = new Map<string, JournalDevice>();
  readonly #passes = new Map<string, RecordedDownload>();
  /** By id of the unit. */
  readonly #found = new Map<string, FoundBefore>();
  #unsettled: Promise<void>[] = [];
  readonly #bootId = readBootId();

  private constructor(
    private readonly options: RecordingOptions | undefined,
    /** Not of a lab. */
    private readonly isOfHost: boolean,
  ) {}

  /** Never rejects: what went wrong is in `failure`, and nothing may be begun then. */
  static async start(header: RunStarted, options: RecordingOptions | undefined): Promise<Recording> {
    const isOfHost = header.host.kind === 'linux';
    const recording = new Recording(options, isOfHost);
    if (options === undefined || header.devices.length === 0) return recording;
    for (const device of header.devices) recording.#devices.set(workKey(device), device);
    try {
      await prepareStateDirectory(options.directory, { simulated: !isOfHost });
      recording.#store = new UnitStore(options.directory.units, true);
      if (header.host.fresh) await recording.#store.forgetAll();
      const journal = await openJournal(options.directory.runs, header, options.journal);
      if (isOfHost) await markOpenRun(options.directory, header.run);
      recording.#journal = journal;
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      recording.#failure = error;
    }
    return recording;
  }

  /** The first thing that could not be kept; null: all is well. */
  get failure(): StateError | null {
    return this.#failure ?? this.#journal?.failure ?? null;
  }

  /** A play that comes after another one was decided for a unit: what is told of it from here on is about this play. */
  planned(device: JournalDevice): void {
    if (this.#journal === null) return;
    this.#devices.set(workKey(device), device);
    this.#journal.plan(device);
  }

  /** Throws what is in `failure`. */
  requireKept(): void {
    if (this.failure !== null) throw this.failure;
  }

  /** Why no further device may be begun; null: it may. */
  whyNotBegin(): Refusal | null {
    return this.failure?.refusal ?? null;
  }

  /** What a failed record adds to the exit of the run: before the first byte it refuses, after it the run failed. */
  exits(): ExitName[] {
    if (this.failure === null) return [];
    return [this.#journal?.begun === true ? 'FAILED' : 'REFUSED'];
  }

  /**
   * Before every command or step that changes the device; resolves when it is synced. Rejects with StateError only while
   * nothing was sent to this device.
   */
  async enter(device: string, state: DeviceState, facts?: StateFacts): Promise<void> {
    // A directory that could not be made is found out before the first device, and stays a refusal for each.
    if (this.#failure !== null && this.#journal === null) throw this.#failure;
    await this.#journal?.device(device).enter(state, facts);
  }

  /**
   * Right before the first byte, or the activation where nothing is to be sent: null, or why the device must be refused.
   * Never rejects.
   */
  async begin({ facts, play }: PlannedUnit): Promise<Refusal | null> {
    const state = play.download.length === 0 ? 'activation' : 'first-chunk';
    const entered = { pass: 1, ...this.#passes.get(facts.id)?.sectionFacts };
    return this.#unlessUnkept(() => this.enter(facts.id, state, entered));
  }

  /** The host as this unit's run has to use it, so that everything it does to the device is entered before. */
  hostFor({ facts, play }: PlannedUnit, host: Host): Host {
    const journal = this.#journal;
    if (journal === null) return host;
    const passes = new RecordedDownload(play.download);
    this.#passes.set(facts.id, passes);
    const keep = (answer: KeptAnswer): Promise<void> => journal.device(facts.id).answer(answer);
    let isSent = false;
    const enter = async (state: DeviceState, entered: StateFacts): Promise<void> => {
      // `begin` has entered it already, for the first time that it is sent.
      const isFirst = state === 'first-chunk' && entered.pass === 1 && (entered.section ?? 1) === 1;
      const isEntered = isFirst && !isSent && journal.device(facts.id).begun;
      isSent = true;
      if (isEntered) return;
      await journal.device(facts.id).enter(state, entered);
    };
    return journaledHost(host, passes, enter, keep);
  }

  foundBefore(device: string, found: FoundBefore): void {
    this.#found.set(device, found);
    void this.#journal?.device(device).enter('checked', found);
  }

  /** The unit's run comes to this section of its download, counted from 0. */
  beginSection(device: string, index: number, revision: string): void {
    this.#passes.get(device)?.beginSection(index, revision);
  }

  /** After a download: everything was accepted, and waits for its activation, or is about to run. Never rejects. */
  async sent(device: string, image: SentInJournal): Promise<void> {
    await this.#journal?.device(device).enter('sent', sentFacts(image));
  }

  /** Like `begin`, where an earlier run has sent the image: the work goes on behind the download. */
  async takeUp({ facts }: PlannedUnit, image: SentImage): Promise<Refusal | null> {
    return this.#unlessUnkept(() => this.enter(facts.id, 'sent', sentFacts(image)));
  }

  async #unlessUnkept(enter: () => Promise<void>): Promise<Refusal | null> {
    try {
      await enter();
      return null;
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      return { ...error.refusal, message: `nothing was written: ${error.message}` };
    }
  }

  error(device: string, error: Refusal | null): void {
    if (error !== null) this.#journal?.device(device).error(error);
  }

  /** Everything that a run tells while it runs goes through here as well. Never throws for what the disk does. */
  observe(event: RunEvent): void {
    if (event.type === 'progress') {
      const { device, doneBytes, totalBytes, chunk, chunks } = event;
      const facts = { doneBytes, totalBytes, chunk, chunks };
      // Never synced, never rejects, and there is one for each chunk: nothing of it is kept until the verdict.
      void this.#journal?.device(device).enter('progress', facts);
    }
    if (event.type === 'device-finished') this.#later(this.#conclude(event.result));
    const entry = entryOfEvent(event);
    if (entry !== null) this.#journal?.note(entry);
  }

  heard(device: string, attentions: readonly Restart[]): void {
    this.#later(this.#keep(async () => this.#store?.rememberRestarts(device, attentions)));
  }

  /** Waits until every verdict so far is kept: before the lock of a unit is released, and before the exit is decided. */
  async settled(): Promise<void> {
    while (this.#unsettled.length > 0) await Promise.all(this.#unsettled.splice(0));
  }

  /**
   * A verdict that no event told.
   *
   * @param result of the unit and play that the header has for it
   * @param wroteIt the run whose work this is the verdict on
   * @param thaws the unit is frozen no more
   * @param found what was around it before that work
   */
  conclude(result: DeviceResult, wroteIt: string, thaws = false, found: FoundBefore = {}): void {
    this.#found.set(result.id, found);
    this.#later(this.#conclude(result, wroteIt, thaws));
  }

  /** Units that were found at their target, without any work on them. */
  async seen(units: readonly UnitAtRevision[], run: string): Promise<void> {
    if (this.options === undefined || this.#failure !== null) return;
    const { directory } = this.options;
    const store = this.#store ?? new UnitStore(directory.units, true);
    try {
      await mapConcurrently(units, CONCURRENT_RECORDS, (unit) => store.rememberSeen(unit, run));
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      this.#failure = error;
    }
  }

  /** The last line of the journal. Never rejects. */
  async close(exit: Exit): Promise<void> {
    await this.settled();
    await this.#journal?.finish(exit);
    if (this.options === undefined || !this.isOfHost) return;
    // A file that stays costs a look.
    await updateOpenRuns(this.options.directory).catch(() => undefined);
  }

  #later(work: Promise<void> | undefined): void {
    if (work !== undefined) this.#unsettled.push(work);
  }

  async #keep(keep: () => Promise<void>): Promise<void> {
    try {
      await keep();
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      this.#failure ??= error;
    }
  }

  async #conclude(result: DeviceResult, wroteIt?: string, thaws = false): Promise<void> {
    const device = this.#devices.get(workKey(result));
    const journal = this.#journal;
    if (device === undefined || journal === null || this.#store === null) return;
    const store = this.#store;
    // A run that dies before its record is written is known by its journal; of a verdict on the work of another run the record alone tells.
    if (wroteIt === undefined) await journal.device(result.id).verdict(result);
    await this.#keep(() =>
      store.remember({
        device,
        result,
        run: wroteIt ?? journal.header.run,
        saidBy: journal.header.run,
        at: new Date().toISOString(),
        bootId: this.#bootId,
        runbook: journal.header.runbook,
        recovering: device.recovering === true,
        thaws,
        found: this.#found.get(result.id),
      }),
    );
    if (wroteIt !== undefined) await journal.device(result.id).verdict(result);
  }
}

type SentInJournal = Pick<SentImage, 'deferred' | 'waitsFor' | 'helps' | 'isVolatile' | 'shownWaiting'>;

/** What a later command has to know of an image that the unit has. */
const sentFacts = ({ deferred, waitsFor, helps, isVolatile, shownWaiting }: SentInJournal): StateFacts => ({
  ...{ deferred, waitsFor, helps },
  ...(isVolatile && { isVolatile }),
  ...(shownWaiting !== undefined && { shownWaiting }),
});
