/** Modes that carry a BUFFER OFFSET: the image may go in chunks. */
export const usesOffset = (mode: string): boolean => mode.startsWith('dmc_offs');

/** Modes whose image waits for activate_mc or for an event; all others activate by themselves. */
export const isDeferred = (mode: string): boolean => mode.endsWith('_defer');
