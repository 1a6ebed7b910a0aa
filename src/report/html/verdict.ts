import { counted } from '../quantities.ts';
import { countStates, type PageData, type Weight } from './page-data.ts';

/** What a state means in the sentence of the verdict, after `3 devices` or `1 device`. */
const SAID: Readonly<Record<string, readonly [one: string, many: string]>> = {
  frozen: [
    'is frozen: do not reset it, do not power it off',
    'are frozen: do not reset them, do not power them off',
  ],
  lost: ['did not come back', 'did not come back'],
  failed: ['failed', 'failed'],
  degraded: ['runs the target but is not as it was before', 'run the target but are not as they were before'],
  unverified: ['is not proven', 'are not proven'],
  refused: ['is refused', 'are refused'],
  'left out': ['would be left out', 'would be left out'],
  pending: ['still waits for an event', 'still wait for an event'],
  skipped: ['was not begun', 'were not begun'],
  'to update': ['would be updated', 'would be updated'],
  'to follow': ['would be updated in a later step', 'would be updated in a later step'],
  updated: ['was updated', 'were updated'],
  current: ['runs the target already', 'run the target already'],
};

/** One sentence, the worst first; the numbers are those of the document. */
export function verdictSentence({ hosts, document, isPlan }: PageData): string {
  const units = hosts.flatMap((host) => host.units);
  const on = hosts.length > 1 ? ` on ${counted(hosts.length, 'host')}` : '';
  if (units.length === 0) return `${document.error?.message ?? `No device is concerned${on}`}.`;
  const parts = countStates(units).map(([state, count], index) => {
    const [one, many] = SAID[state] ?? [state, state];
    return `${index === 0 ? counted(count, 'device') : count} ${count === 1 ? one : many}`;
  });
  const refused = hosts.filter(({ refusals }) => refusals.length > 0).length;
  const nothing =
    refused === 0 || !isPlan
      ? ''
      : hosts.length === 1
        ? '; nothing would be begun'
        : `; nothing would be begun on ${counted(refused, 'host')}`;
  return `${parts.join(', ')}${on}${nothing}.`;
}

export function verdictWeight({ hosts, exit }: PageData): Weight {
  const weights = new Set(hosts.flatMap((host) => host.units.map(({ weight }) => weight)));
  if (weights.has('bad')) return 'bad';
  if (weights.has('warn') || !['OK', 'CHANGES'].includes(exit.name)) return 'warn';
  return 'good';
}
