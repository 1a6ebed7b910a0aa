import { endModeOf } from '../../playbook/modes.ts';
import type { ResolvedSection } from '../../playbook/resolved.ts';
import type { MicrocodePart, ScsiCommand } from '../../scsi/command.ts';
import { modeFacts, WRITE_BUFFER_MODES } from '../../scsi/write-buffer.ts';
import { MICROCODE_EVENTS } from '../../scsi/microcode-event.ts';
import type { CommandOutcome } from '../../transport/transport.ts';
import type { PendingEvent } from '../facts/outcome.ts';
import type { DeviceState, KeptAnswer, StateFacts } from '../records/journal-entry.ts';
import { eventsOfMode } from '../unit/write-buffer-procedure.ts';
import { commonEvents } from '../unit/section-sums.ts';
import { decidedBy } from './recorded-answer.ts';
import type { InFlight } from './recorded-answer.ts';

/** What is entered before a command is sent, or when its answer is here. */
export interface Entered {
  readonly state: DeviceState;
  readonly facts: StateFacts;
}

/** Where a download is, from what its commands say that they send, and from what its run says of its sections. */
export class RecordedDownload {
  #index = 0;
  #pass = 0;
  #last = '';
  /** What the unit showed right before this section; null: not said. */
  #revision: string | null = null;
  #activation = 0;
  #inFlight: InFlight | null = null;
  #entered: Entered | null = null;
  /** What is kept of the answer to the command in flight; null: nothing. */
  #kept: KeptAnswer | 'received' | null = null;
  /** What page 0Eh said of each section: the events that start its image. */
  readonly #startsAt = new Map<number, readonly PendingEvent[]>();
  /** Subenclosures that the download sends to; null: the unit itself. */
  readonly #ours: ReadonlySet<number | null>;

  constructor(private readonly download: readonly ResolvedSection[]) {
    this.#ours = new Set(download.map(subenclosureOf));
  }

  /** From now on the commands are those of this section, from 0. Never backwards: nothing is begun in the middle. */
  beginSection(index: number, revision: string): void {
    this.#revision = revision;
    if (index === this.#index) return;
    this.#index = index;
    this.#pass = 0;
    this.#last = '';
  }

  /** Beside what is entered of this section; nothing where there is only one. */
  get sectionFacts(): Pick<StateFacts, 'section' | 'sections' | 'revision'> {
    const sections = this.download.length;
    if (sections < 2) return {};
    const revision = this.#revision === null ? {} : { revision: this.#revision };
    return { section: this.#index + 1, sections, ...revision };
  }

  /** What has to be in the journal before this command is sent; null: it is there already, or nothing is changed. */
  next(command: ScsiCommand): Entered | null {
    const { sends } = command;
    if (sends === undefined) return null;
    const { kind, mode, offsetBytes, subenclosureId } = sends;
    const state = this.#stateOf(sends);
    // The same command again, after an answer that says that it was not executed, is nothing new.
    const what = `${state} ${mode} ${offsetBytes} ${kind === 'activation' ? subenclosureId : ''}`;
    const again = this.#last === what;
    const isKept = this.#kept !== null;
    this.#last = what;
    this.#kept = null;
    this.#inFlight = { sends, state, startBytes: this.#section().startBytes };
    // Once more where its answer is kept: that one is over.
    if (again) return isKept ? this.#entered : null;
    this.#entered = state && this.#entryOf(state, sends);
    return this.#entered;
  }

  #entryOf(state: DeviceState, { kind, mode, offsetBytes, subenclosureId }: MicrocodePart): Entered {
    if (kind === 'activation') return { state, facts: { mode, ...this.#activationFacts(subenclosureId) } };
    if (state === 'first-chunk' || this.#pass === 0) this.#pass++;
    const waitsFor = state === 'last-chunk' ? this.#eventsOf(mode) : null;
    const facts = { mode, offsetBytes, pass: this.#pass, ...this.sectionFacts };
    return { state, facts: waitsFor === null ? facts : { ...facts, waitsFor } };
  }

  /** Which events a mode waits for that lets the playbook choose them; null: it does not, or the image has several sections. */
  #eventsOf(mode: number): readonly PendingEvent[] | null {
    const [section] = this.download;
    const isChosen = mode === WRITE_BUFFER_MODES.dmc_offs_ev_defer && this.download.length === 1;
    return isChosen && section?.via === 'write-buffer'
      ? eventsOfMode({ mode, modeSpecific: section.modeSpecific })
      : null;
  }

  /** What has to be in the journal as soon as this answer is here, whatever becomes of the run; null: it decides nothing. */
  answered(command: ScsiCommand, outcome: CommandOutcome): Entered | KeptAnswer | null {
    if (this.#inFlight === null) return null;
    const decided = decidedBy(command, outcome, this.#inFlight, this.#ours);
    if (decided === null) return null;
    if (decided.kind === 'activated') return { state: 'activated', facts: {} };
    if (decided.kind === 'received') return this.#received(decided.startsAt, this.#inFlight);
    const { says, error } = decided;
    const known = this.#kept;
    const isKnown = known !== null && known !== 'received' && known.says === says;
    if (isKnown && known.error.code === error.code) return null;
    this.#kept = { says, error };
    return this.#kept;
  }

  /** Page 0Eh says so once. An image of which a page was refused is not taken for complete. */
  #received(startsAt: readonly PendingEvent[], { state }: InFlight): Entered | null {
    const known = this.#kept;
    if (known === 'received' || known?.says === 'refused' || known?.says === 'frozen') return null;
    const isLast = this.#index === this.download.length - 1;
    const helps: readonly PendingEvent[] = [];
    if (state === 'activation') {
      // It was activated, and waits for more than that.
      const waitsFor = startsAt.filter((event) => event !== 'activation');
      if (waitsFor.length === 0 || this.download.length > 1) return null;
      this.#kept = 'received';
      return { state: 'sent', facts: { deferred: false, waitsFor, helps } };
    }
    if (state !== 'last-chunk') return null;
    this.#kept = 'received';
    this.#startsAt.set(this.#index, startsAt);
    if (!isLast) return null;
    const waiting = this.download.map(
      (section, index) => this.#startsAt.get(index) ?? (isDeferred(section) ? MICROCODE_EVENTS : []),
    );
    const waitsFor = startsAt.length === 0 ? [] : commonEvents(waiting);
    return { state: 'sent', facts: { deferred: waitsFor.includes('activation'), waitsFor, helps } };
  }

  /** Page 0Eh activates one subenclosure, WRITE BUFFER all that waits in the unit. */
  #activationFacts(
    subenclosureId: number | null,
  ): Pick<StateFacts, 'activation' | 'activations' | 'section' | 'sections'> {
    const targets = this.download.map(subenclosureOf);
    const activations = new Set(targets.filter((_target, index) => isDeferred(this.download[index]!))).size;
    if (activations < 2) return {};
    const section = targets.lastIndexOf(subenclosureId) + 1;
    return { activation: ++this.#activation, activations, section, sections: targets.length };
  }

  /** null: a chunk in the middle. */
  #stateOf({ kind, offsetBytes, dataBytes }: MicrocodePart): DeviceState | null {
    if (kind === 'activation') return 'activation';
    if (kind === 'abort') return this.#pass === 0 ? 'first-chunk' : null;
    const { startBytes, endBytes } = this.#section();
    // An empty command ends a download; a mode without offsets carries a whole image each time.
    if (kind === 'whole' || dataBytes === 0 || offsetBytes + dataBytes === endBytes) return 'last-chunk';
    return offsetBytes === startBytes ? 'first-chunk' : null;
  }

  #section(): { readonly startBytes: number; readonly endBytes: number } {
    const section = this.download[this.#index];
    if (section === undefined || section.via === 'external') return { startBytes: 0, endBytes: 0 };
    const { offsetBytes, image } = section;
    return { startBytes: offsetBytes, endBytes: offsetBytes + image.length };
  }
}

/** By its own mode; a fallback may make it start by itself. */
function isDeferred(section: ResolvedSection): boolean {
  if (section.via === 'external') return false;
  // Page 0Eh has the modes of WRITE BUFFER.
  return modeFacts(WRITE_BUFFER_MODES[endModeOf(section)]).deferred;
}

const subenclosureOf = (section: ResolvedSection): number | null =>
  section.via === 'ses' ? section.subenclosureId : null;
