import type { PlayWords, SectionWords } from '../../generated/playbook.ts';
import type { Words } from '../words.ts';
import { ACTIVATION_CHECKS, checkDuration } from './activation-checks.ts';
import { checkAfter } from './after-checks.ts';
import type { PlayCheck, Tell } from './check.ts';
import { EXTERNAL_CHECKS } from './external-checks.ts';
import { IMAGE_CHECKS } from './image-checks.ts';
import { MATCH_CHECKS } from './match-checks.ts';
import { SECTION_CHECKS } from './section-checks.ts';
import { VERIFY_CHECKS } from './verify-checks.ts';

const FILE_CHECKS: readonly PlayCheck[] = [
  {
    reads: ['/firmware/file'],
    check: (play, pointer, tell) => {
      if (!/^[a-z]+:\/\//i.test(play.firmware.file)) return;
      const message = 'the image must be a file beside the playbook; runbook downloads nothing';
      tell(`${pointer}/firmware/file`, 'remote-file', message, {
        hint: 'download it, check it, then name the file',
      });
    },
  },
  {
    reads: ['/verify/within'],
    check: (play, pointer, tell) => {
      const within = play.verify?.within;
      if (within !== undefined) checkDuration(within, `${pointer}/verify/within`, tell);
    },
  },
];

const PLAY_CHECKS = [...MATCH_CHECKS, ...FILE_CHECKS, ...ACTIVATION_CHECKS, ...VERIFY_CHECKS];

/** What the schema cannot say, over all that the schema found sound. Every finding goes to `words.report`. */
export function checkPlaybook(words: Words): void {
  const tell: Tell = (path, code, message, { at, ...more } = {}) => {
    words.report({ path, code, message, ...more }, at);
  };
  const plays: unknown = (words.document.value as { readonly plays?: unknown } | null)?.plays;
  if (!Array.isArray(plays)) return;
  checkNames(words, plays, tell);
  checkAfter(words, plays, tell);
  for (const [index, value] of (plays as readonly unknown[]).entries()) {
    if (typeof value !== 'object' || value === null) continue;
    const play = value as PlayWords;
    const pointer = `/plays/${index}`;
    for (const { reads, check } of PLAY_CHECKS) {
      if (reads.every((read) => words.isSound(pointer + read))) check(play, pointer, tell);
    }
    checkSections(words, play, pointer, tell);
  }
}

function checkSections(words: Words, play: PlayWords, playPointer: string, tell: Tell): void {
  const download: unknown = play.download;
  const list: readonly unknown[] = Array.isArray(download) ? download : [download];
  for (const [index, section] of list.entries()) {
    const pointer = Array.isArray(download) ? `${playPointer}/download/${index}` : `${playPointer}/download`;
    if (typeof section !== 'object' || section === null || !words.isSound(`${pointer}/via`)) continue;
    const given = section as SectionWords;
    const isSound = (read: string): boolean => words.isSound(pointer + read);
    for (const { reads, check } of IMAGE_CHECKS) if (reads.every(isSound)) check(given, pointer, tell);
    if (given.via === 'external') {
      for (const { reads, check } of EXTERNAL_CHECKS) if (reads.every(isSound)) check(given, pointer, tell);
    } else {
      for (const { reads, check } of SECTION_CHECKS) if (reads.every(isSound)) check(given, pointer, tell);
    }
  }
}

function checkNames(words: Words, plays: readonly unknown[], tell: Tell): void {
  const earlier = new Map<string, number>();
  for (const [index, play] of (plays as readonly (Partial<PlayWords> | null)[]).entries()) {
    const pointer = `/plays/${index}`;
    const after = play?.after;
    if (typeof after === 'string' && words.isSound(`${pointer}/after`) && !earlier.has(after)) {
      const known = [...earlier.keys()];
      const message =
        after === play?.name
          ? `a play cannot come after itself`
          : `no play before this one is called ${after}`;
      tell(`${pointer}/after`, 'play-name', message, {
        hint: known.length === 0 ? 'this is the first play' : `before it: ${known.join(', ')}`,
      });
    }
    const name = play?.name;
    if (typeof name !== 'string') continue;
    const first = earlier.get(name);
    if (first === undefined) earlier.set(name, index);
    else
      tell(`${pointer}/name`, 'play-name', `play ${first + 1} has the same name, ${name}`, {
        hint: 'give each play its own name',
      });
  }
}
