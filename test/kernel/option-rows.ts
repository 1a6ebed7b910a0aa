import type { OptionRow } from './option-row.ts';
import { AFTERWARDS } from './option-rows-afterwards.ts';
import { LOOKING } from './option-rows-looking.ts';
import { AGAINST } from './option-rows-memory.ts';
import { WRITING } from './option-rows-writing.ts';

/** In this order, on one machine: what the first ones leave is what the later ones find. */
export const ROWS: readonly OptionRow[] = [...LOOKING, ...WRITING, ...AGAINST, ...AFTERWARDS];
