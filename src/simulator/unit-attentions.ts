/** Additional sense code and qualifier of a unit attention condition (sense key 6). */
export interface UnitAttention {
  readonly asc: number;
  readonly ascq: number;
}

/** 29/00 POWER ON, RESET, OR BUS DEVICE RESET OCCURRED. */
export const POWER_ON: UnitAttention = { asc: 0x29, ascq: 0x00 };
/** 29/02 SCSI BUS RESET OCCURRED: what a hard reset of the port leaves. */
export const HARD_RESET: UnitAttention = { asc: 0x29, ascq: 0x02 };
/** 29/04 DEVICE INTERNAL RESET: the device itself started new code. */
export const INTERNAL_RESET: UnitAttention = { asc: 0x29, ascq: 0x04 };
/** 3F/01 MICROCODE HAS BEEN CHANGED. */
export const MICROCODE_CHANGED: UnitAttention = { asc: 0x3f, ascq: 0x01 };

/** Pending unit attention conditions, one queue per I_T nexus (SAM); a nexus is named by its path. */
export class UnitAttentions {
  readonly #queues = new Map<string, UnitAttention[]>();

  /** A nexus that the device has not seen since power on begins with {@link POWER_ON}. */
  attach(nexus: string): void {
    if (!this.#queues.has(nexus)) this.#queues.set(nexus, [POWER_ON]);
  }

  /** Queues a condition for every nexus except one; the same condition is never queued twice. */
  establish(attention: UnitAttention, except?: string): void {
    for (const [nexus, queue] of this.#queues) {
      const known = queue.some(({ asc, ascq }) => asc === attention.asc && ascq === attention.ascq);
      if (nexus !== except && !known) queue.push(attention);
    }
  }

  /** A reset stands above everything that was pending before it. */
  reset(attention: UnitAttention): void {
    for (const queue of this.#queues.values()) queue.splice(0, queue.length, attention);
  }

  /** Takes the oldest condition: reporting it clears it. */
  take(nexus: string): UnitAttention | null {
    return this.#queues.get(nexus)?.shift() ?? null;
  }

  pending(): Readonly<Record<string, readonly UnitAttention[]>> {
    return Object.fromEntries([...this.#queues].map(([nexus, queue]) => [nexus, [...queue]]));
  }

  restore(pending: Readonly<Record<string, readonly UnitAttention[]>>): void {
    for (const [nexus, queue] of Object.entries(pending)) this.#queues.set(nexus, [...queue]);
  }
}
