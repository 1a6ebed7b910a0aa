import type { LabImage } from './incoming-image.ts';
import { IncomingImage } from './incoming-image.ts';

/** What makes a waiting image the running one. `activate` is WRITE BUFFER mode 0Fh. */
export type ActivationEvent = 'activate' | 'hard-reset' | 'power-on' | 'vendor';

/** A complete image in non-volatile storage that does not run yet. */
export interface WaitingImage {
  readonly image: LabImage;
  readonly events: ReadonlySet<ActivationEvent>;
  /** Came by mode 0Dh or 0Eh: REQUEST SENSE says 0/00/22 as long as it waits. */
  readonly deferred: boolean;
}

/** A download that began and is not complete. */
export interface IncomingDownload {
  /** The path it comes over; a chunk from elsewhere begins again. */
  readonly nexus: string;
  readonly mode: number;
  /** Of the first chunk. */
  readonly bufferId: number;
  chunks: number;
  /** All bytes came, but the device wants one more command before it takes them; null: not so. */
  complete: LabImage | null;
  readonly image: IncomingImage;
}

/** What running code says of itself in INQUIRY, and what else it changes. */
export interface Code {
  readonly revision: string;
  readonly product: string;
  /** Absent: that of the device, which no image changed. */
  readonly vendor?: string;
  readonly linkRate?: string;
  /** It came with an image of the lab; absent: it was there at the start. */
  readonly fromImage?: true;
}

/** The memory of one device: what it boots, what it runs, what waits, what is on its way. */
export class Microcode {
  readonly #images: readonly LabImage[];
  /** Listed images saved per buffer id; a buffer that nobody wrote yet is not in the map. */
  readonly flash = new Map<number, LabImage>();
  readonly waiting = new Map<number, WaitingImage>();
  incoming: IncomingDownload | null = null;
  /** What boots at the next power on. */
  saved: Code;
  running: Code;

  constructor(code: Code, images: readonly LabImage[]) {
    this.#images = images;
    this.saved = code;
    this.running = code;
  }

  get known(): readonly LabImage[] {
    return this.#images;
  }

  get deferredPending(): boolean {
    return [...this.waiting.values()].some(({ deferred }) => deferred);
  }

  /** Begins a download. What waited in this buffer is overwritten from now on. */
  begin(nexus: string, mode: number, bufferId: number): IncomingDownload {
    this.waiting.delete(bufferId);
    const image = new IncomingImage(this.#images);
    this.incoming = { nexus, mode, bufferId, chunks: 0, complete: null, image };
    return this.incoming;
  }

  /** The image becomes the running code; `saved`: it is also what boots from now on. */
  run(bufferId: number, image: LabImage, saved: boolean): void {
    this.running = codeAfter(this.running, image);
    if (!saved) return;
    this.flash.set(bufferId, image);
    this.saved = codeAfter(this.saved, image);
  }

  /** Runs every image that waits for this event; true when there was one. */
  happen(event: ActivationEvent): boolean {
    const due = [...this.waiting].filter(([, { events }]) => events.has(event));
    for (const [bufferId, { image }] of due) {
      this.waiting.delete(bufferId);
      this.run(bufferId, image, true);
    }
    return due.length > 0;
  }

  /** A reset of any kind drops what was not complete. */
  hardReset(): boolean {
    this.incoming = null;
    return this.happen('hard-reset');
  }

  /** Power on boots the saved code: what modes 04h and 06h brought is gone. True when other code runs than before. */
  powerOn(): boolean {
    this.incoming = null;
    const before = this.running;
    this.running = this.saved;
    return this.happen('power-on') || before.revision !== this.running.revision;
  }
}

function codeAfter(code: Code, { revision, product, vendor, linkRate }: LabImage): Code {
  return {
    ...code,
    revision: revision ?? code.revision,
    product: product ?? code.product,
    ...(vendor !== undefined && { vendor }),
    ...(linkRate !== undefined && { linkRate }),
    fromImage: true,
  };
}
