import type { Clock } from '../base/clock.ts';
import type { LabImage } from './incoming-image.ts';
import { Microcode } from './microcode.ts';
import type { TakesEffect } from './download-rules.ts';
import type { SesRules } from './ses-rules.ts';
import { SesSubenclosure } from './ses-subenclosure.ts';

/** Which of the enclosure services processes of which enclosure this is, as page 01h shows it. */
export interface EnclosureModule {
  /** ENCLOSURE LOGICAL IDENTIFIER, 16 hex digits. */
  readonly logicalIdentifier: string;
  /** RELATIVE ENCLOSURE SERVICES PROCESS IDENTIFIER, from 1. */
  readonly process: number;
  /** NUMBER OF ENCLOSURE SERVICES PROCESSES. */
  readonly of: number;
}

export interface SesEnclosureOptions {
  readonly rules: SesRules;
  readonly takesEffect: TakesEffect;
  /** Memory of the logical unit: that of the primary subenclosure. */
  readonly microcode: Microcode;
  readonly images: readonly LabImage[];
  readonly clock: Clock;
  /** Absent: the only module of an enclosure of its own. */
  readonly module?: EnclosureModule;
}

/** The enclosure services process of a device: what pages 01h and 0Eh speak of. */
export class SesEnclosure {
  readonly rules: SesRules;
  /** null: the only module of an enclosure of its own. */
  readonly module: EnclosureModule | null;
  /** The primary one first. */
  readonly subenclosures: readonly SesSubenclosure[];
  /** Moves when page 01h does ({@link describe}). A test may move it too. */
  generationCode = 1;
  /** What page 01h said when it was last looked at; null: nobody looked. */
  described: string | null = null;
  /** The process hangs, or has nothing to boot: no command is answered. */
  silent: 'until-power-on' | 'for-good' | null = null;
  readonly #clock: Clock;

  constructor({ rules, takesEffect, microcode, images, clock, module }: SesEnclosureOptions) {
    this.rules = rules;
    this.module = module ?? null;
    this.#clock = clock;
    this.subenclosures = rules.subenclosures.map((subenclosure) => {
      const own = subenclosure.code === null ? microcode : new Microcode(subenclosure.code, images);
      return new SesSubenclosure(subenclosure, rules, takesEffect, own);
    });
  }

  get primary(): SesSubenclosure {
    return this.subenclosures[0]!;
  }

  withId(id: number): SesSubenclosure | null {
    return this.subenclosures.find((subenclosure) => subenclosure.id === id) ?? null;
  }

  /** What time brought. */
  settle(): void {
    const nowMs = this.#clock.nowMs();
    for (const subenclosure of this.subenclosures) subenclosure.settle(nowMs);
  }

  /** Compares what page 01h says now with what it said: a change moves the generation code (SES). */
  describe(text: string): void {
    if (this.described !== null && this.described !== text) {
      this.generationCode = (this.generationCode + 1) % 2 ** 32;
    }
    this.described = text;
  }

  /** The process starts again: downloads and statuses are gone, in all subenclosures. */
  restart(): void {
    for (const subenclosure of this.subenclosures) subenclosure.forget();
  }

  /**
   * A reset of the logical unit. The memory of the primary subenclosure is the unit's, which comes next; here it
   * only gets the image whose status 10h nobody read. True when other code runs than before.
   */
  reset(event: 'hard-reset' | 'power-on'): boolean {
    this.settle();
    let changed = false;
    for (const subenclosure of this.subenclosures) {
      const { starting, microcode } = subenclosure;
      if (subenclosure.damaged) this.silent = 'for-good';
      if (starting?.saved === true) {
        microcode.run(starting.bufferId, starting.image, true);
        changed = true;
      }
      if (subenclosure === this.primary) continue;
      const other = event === 'hard-reset' ? microcode.hardReset() : microcode.powerOn();
      changed ||= other;
    }
    if (event === 'power-on' && this.silent === 'until-power-on') this.silent = null;
    this.restart();
    return changed;
  }
}
