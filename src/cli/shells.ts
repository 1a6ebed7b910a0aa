export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** A shell that completion is made for. */
export type Shell = (typeof SHELLS)[number];
