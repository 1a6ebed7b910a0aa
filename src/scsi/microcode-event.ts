/** What makes deferred microcode run (SPC-5, WRITE BUFFER; SES-4, download microcode status), in the order in which one would try them. */
export const MICROCODE_EVENTS = ['activation', 'hard-reset', 'power-cycle'] as const;

export type MicrocodeEvent = (typeof MICROCODE_EVENTS)[number];
