import { AFTERWARDS_KEYS } from './afterwards-keys.ts';
import { FIRMWARE_KEYS } from './firmware-keys.ts';
import type { RehearsedKey } from './rehearsed-key.ts';
import { SELECTING_KEYS } from './selecting-keys.ts';
import { SES_KEYS } from './ses-keys.ts';
import { STRATEGY_KEYS } from './strategy-keys.ts';
import { WRITE_BUFFER_KEYS } from './write-buffer-keys.ts';

/** In the order of the reference. */
export const REHEARSED_KEYS: readonly RehearsedKey[] = [
  ...SELECTING_KEYS,
  ...FIRMWARE_KEYS,
  ...WRITE_BUFFER_KEYS,
  ...SES_KEYS,
  ...AFTERWARDS_KEYS,
  ...STRATEGY_KEYS,
];
