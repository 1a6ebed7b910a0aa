import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until a file is there, however slow the machine is: what never comes is ended by the time limit of the test file. */
export async function appears(file: string): Promise<void> {
  while (!existsSync(file)) await sleep(10);
}
