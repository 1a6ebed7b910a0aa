/** Where a failure was seen, from the operator's chair to the device. */
export type ErrorLayer = 'open' | 'kernel' | 'host-adapter' | 'transport' | 'device' | 'procedure';

/** One code of the list, with its wording. Words in braces are filled in: `runs {revision}`. */
export interface RefusalEntry {
  readonly layer: ErrorLayer;
  /** What the code means, for the reference. */
  readonly cause: string;
  /** What was seen, as it stands behind the name of the unit. `{what}` alone: whoever met it says it. */
  readonly message: string;
  /** One next step; a caller that knows a better one gives it. */
  readonly next: string;
}

export type RefusalEntries = Readonly<Record<string, RefusalEntry>>;
