import { createHash } from 'node:crypto';
import type { ResolvedPlaybook } from '../../playbook/resolved.ts';
import type { Plan } from './plan.ts';

/**
 * SHA-256, in hex, over the canonical JSON of what is going to be done: which unit, from which revision, with which play and
 * strategy. Images are in it by their own hashes.
 */
export const planDigest = ({ playbook, decisions }: Plan): string =>
  workDigest(
    playbook,
    decisions.map(({ facts: { id, revision }, play, action }) => ({ id, revision, play, action })),
  );

/** The same of units as a plan file lists them. */
export function workDigest(
  { plays, strategy }: Pick<ResolvedPlaybook, 'plays' | 'strategy'>,
  units: readonly {
    readonly id: string;
    readonly revision: string;
    readonly play: string | null;
    readonly action: string;
  }[],
): string {
  const work = units
    .filter(({ action }) => action === 'update' || action === 'follows')
    .map(({ id, revision, play }) => ({
      id,
      before: revision,
      play: plays.find(({ name }) => name === play),
    }));
  return createHash('sha256').update(canonicalJson({ strategy, work })).digest('hex');
}

/** JSON with sorted keys and no spaces; bytes and what is undefined are left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null)
    return value === undefined ? 'null' : JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined && !(field instanceof Uint8Array))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`).join(',')}}`;
}
