import { createHash } from 'node:crypto';
import type { Plan } from './plan.ts';

/**
 * SHA-256, in hex, over the canonical JSON of what is going to be done: which unit, from which revision, with which play and
 * strategy. Images are in it by their own hashes.
 */
export function planDigest({ playbook, decisions }: Plan): string {
  const work = decisions.flatMap(({ facts, play: name, action }) => {
    if (action !== 'update' && action !== 'follows') return [];
    const play = playbook.plays.find((candidate) => candidate.name === name);
    return [{ id: facts.id, before: facts.revision, play }];
  });
  const done = { strategy: playbook.strategy, work };
  return createHash('sha256').update(canonicalJson(done)).digest('hex');
}

/** JSON with sorted keys and no spaces; bytes are left out, and so is what is undefined. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null)
    return value === undefined ? 'null' : JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined && !(field instanceof Uint8Array))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`;
}
