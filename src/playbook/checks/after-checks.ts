import type { PlayWords } from '../../generated/playbook.ts';
import { isSes, sectionsOf } from '../sections.ts';
import type { Words } from '../words.ts';
import type { Tell } from './check.ts';
import { writtenMeaning, UNCHANGED } from './verify-checks.ts';

/** A play as far as `after` is concerned. */
interface Step {
  readonly play: PlayWords;
  readonly pointer: string;
  /** Plays that this one comes after, by `after` or through another one; the nearest last. */
  readonly before: readonly Step[];
  readonly subenclosure: number;
  /** In the words of the playbook; null: the revision does not move. */
  readonly target: string | null;
}

const READS = [
  '/name',
  '/after',
  '/match',
  '/firmware/revision',
  '/verify/revision',
  '/verify/aliases',
  '/download',
];

/** Plays that come after others: what could never begin, and what would be undone. Names are checked elsewhere. */
export function checkAfter(words: Words, plays: readonly unknown[], tell: Tell): void {
  const steps = new Map<string, Step>();
  for (const [index, value] of plays.entries()) {
    const pointer = `/plays/${index}`;
    if (typeof value !== 'object' || value === null) continue;
    if (!READS.every((read) => words.isSound(pointer + read))) continue;
    const step = stepOf(value as PlayWords, pointer, steps);
    steps.set(step.play.name, step);
    const last = step.before.at(-1);
    if (last === undefined) continue;
    checkType(step, last, tell);
    checkStart(step, last, [...steps.values()], tell);
    checkNoWayBack(step, tell);
  }
}

function stepOf(play: PlayWords, pointer: string, steps: ReadonlyMap<string, Step>): Step {
  const last = play.after === undefined ? undefined : steps.get(play.after);
  const section = sectionsOf(play, pointer).at(-1);
  const wanted = play.verify?.revision ?? play.firmware.revision;
  return {
    play,
    pointer,
    before: last === undefined ? [] : [...last.before, last],
    subenclosure: section !== undefined && isSes(section) ? (section.section.subenclosure ?? 0) : 0,
    target: wanted === UNCHANGED ? null : writtenMeaning(play, wanted),
  };
}

function checkType({ play, pointer }: Step, last: Step, tell: Tell): void {
  const { type } = last.play.match;
  if (play.match.type === type) return;
  tell(`${pointer}/match/type`, 'after', `the units of play ${last.play.name} are of type ${type}`, {
    hint: `write ${type}, or remove after`,
  });
}

/** What the plays before it leave has to be where it may start. */
function checkStart(step: Step, last: Step, all: readonly Step[], tell: Tell): void {
  const { play, pointer, subenclosure } = step;
  const family = [...step.before, ...all.filter(({ before }) => before.includes(last))];
  const left = family.filter((other) => other !== step && other.subenclosure === subenclosure);
  const starts = play.match.revision.map((revision) => writtenMeaning(play, revision));
  if (last.subenclosure !== subenclosure || last.target === null || starts.includes('*')) return;
  const shown = left.flatMap(({ play: { verify }, target }) =>
    target === null
      ? []
      : [
          target,
          ...Object.entries(verify?.aliases ?? {}).flatMap(([word, means]) =>
            means === target ? [word] : [],
          ),
        ],
  );
  if (shown.some((revision) => starts.includes(writtenMeaning(play, revision)))) return;
  const message = `play ${last.play.name} leaves "${last.target}", which is not listed: this play would never start`;
  tell(`${pointer}/match/revision`, 'after', message, { hint: `add "${last.target}"` });
}

/** An earlier play that starts from the target of a later one would send the unit round and round. */
function checkNoWayBack({ play, before, subenclosure, target }: Step, tell: Tell): void {
  for (const earlier of before) {
    if (target === null || earlier.subenclosure !== subenclosure) continue;
    for (const [index, revision] of earlier.play.match.revision.entries()) {
      if (writtenMeaning(earlier.play, revision) !== target) continue;
      const message = `"${revision}" is the target of play ${play.name}, which comes after this one: a unit would go back`;
      tell(`${earlier.pointer}/match/revision/${index}`, 'after', message, { hint: 'remove it' });
    }
  }
}
