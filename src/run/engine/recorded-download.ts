import { endModeOf } from '../../playbook/modes.ts';
import type { ResolvedSection } from '../../playbook/resolved.ts';
import type { MicrocodePart, ScsiCommand } from '../../scsi/command.ts';
import { modeFacts, WRITE_BUFFER_MODES } from '../../scsi/write-buffer.ts';
import type { DeviceState, StateFacts } from '../records/journal-entry.ts';

/** Where a download is, from what its commands say that they send, and from what its run says of its sections. */
export class RecordedDownload {
  #index = 0;
  #pass = 0;
  #last = '';
  /** What the unit showed right before this section; null: not said. */
  #revision: string | null = null;
  #activation = 0;

  constructor(private readonly download: readonly ResolvedSection[]) {}

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
  next(command: ScsiCommand): { readonly state: DeviceState; readonly facts: StateFacts } | null {
    const { sends } = command;
    if (sends === undefined) return null;
    const { kind, mode, offsetBytes, subenclosureId } = sends;
    const state = this.#stateOf(sends);
    // The same command again, after an answer that says that it was not executed, is nothing new.
    const what = `${state} ${mode} ${offsetBytes} ${kind === 'activation' ? subenclosureId : ''}`;
    const again = this.#last === what;
    this.#last = what;
    if (again || state === null) return null;
    if (kind === 'activation') return { state, facts: { mode, ...this.#activationFacts(subenclosureId) } };
    if (state === 'first-chunk' || this.#pass === 0) this.#pass++;
    return { state, facts: { mode, offsetBytes, pass: this.#pass, ...this.sectionFacts } };
  }

  /** Page 0Eh activates one subenclosure, WRITE BUFFER all that waits in the unit. */
  #activationFacts(
    subenclosureId: number | null,
  ): Pick<StateFacts, 'activation' | 'activations' | 'section' | 'sections'> {
    const targets = this.download.map((section) => (section.via === 'ses' ? section.subenclosureId : null));
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
