import type { SectionWords } from '../../generated/playbook.ts';
import { parseExpect } from '../grammar.ts';
import { isDeferred } from '../modes.ts';
import { sectionsOf } from '../sections.ts';
import { isPersonStep, isStepWord, ACTIVATION_STEPS } from '../steps.ts';
import type { PlayRule } from './lint-rule.ts';

/** Fewer fixed characters do not name a product. */
const FEWEST_FIXED = 4;

const wildMatch: PlayRule = ({ match }, pointer, warn) => {
  // Units that are named one by one cannot be others.
  if (match.identity !== undefined) return;
  if (match.vendor.includes('*')) {
    warn(`${pointer}/match/vendor`, 'wild-match', `"${match.vendor}" matches devices of several vendors`, {
      hint: 'write the vendor as `runbook devices` shows it',
    });
  }
  const fixed = match.product.replaceAll('*', '').trimEnd();
  if (match.product.startsWith('*') || (match.product.includes('*') && fixed.length < FEWEST_FIXED)) {
    warn(`${pointer}/match/product`, 'wild-match', `"${match.product}" matches nearly every product`, {
      hint: 'write the product as `runbook devices` shows it; `*` at its end is enough for variants',
    });
  }
};

/** `/dev/sg1`, `sg1`, `6:0:1:0`: where something hangs today. */
const PLACE = /^(\/dev\/.*|(sg|sd|st|nst|sr)[a-z]*\d*|\d+:\d+:\d+:\d+)$/;

const placeAsIdentity: PlayRule = ({ match }, pointer, warn) => {
  for (const [index, name] of (match.identity ?? []).entries()) {
    if (!PLACE.test(name)) continue;
    const message = `"${name}" is a place: it names no unit that has an identity, and another unit may be there tomorrow`;
    warn(`${pointer}/match/identity/${index}`, 'place-as-identity', message, {
      hint: 'write the designator or the serial number that `runbook devices --probe` shows',
    });
  }
};

const openExpect: PlayRule = ({ expect }, pointer, warn) => {
  const hint = 'write how many units the host has: 2, or 1..4';
  if (expect === undefined) {
    warn(`${pointer}/name`, 'open-expect', 'without expect, any number of units is accepted', { hint });
  } else if (parseExpect(expect)?.max === null) {
    warn(`${pointer}/expect`, 'open-expect', `expect ${expect} has no upper limit`, { hint });
  }
};

const unpinnedImage: PlayRule = (play, pointer, warn) => {
  for (const { section, pointer: at } of sectionsOf(play, pointer)) {
    const key = section.member === undefined ? 'file' : 'member';
    if (section[key] === undefined || section.sha256 !== undefined) continue;
    warn(`${at}/${key}`, 'unpinned-image', `${section[key]} is sent whatever it contains`, {
      hint: 'runbook pin writes its sha256',
    });
  }
};

const neverActivated: PlayRule = (play, pointer, warn) => {
  const steps = play.activate ?? [];
  const isActivated = steps.some((step) =>
    typeof step === 'string' ? step === 'activate_mc' || isPersonStep(step) : step.run !== undefined,
  );
  if (isActivated) return;
  for (const { section, pointer: at } of sectionsOf(play, pointer)) {
    if (!endsDeferred(section)) continue;
    warn(`${at}/mode`, 'never-activated', 'the new code waits, but no step of this play activates it', {
      hint: 'add activate_mc, or power-cycle if a person does that later',
    });
    return;
  }
};

function endsDeferred(section: SectionWords): boolean {
  if (section.via === 'external') return false;
  return isDeferred(section['end-with']?.mode ?? section['last-mode'] ?? section.mode);
}

const noWaitReady: PlayRule = ({ activate = [] }, pointer, warn) => {
  const at = activate.indexOf('activate_mc');
  if (at < 0) return;
  const after = activate.slice(at + 1);
  const words = after.flatMap((step) => (typeof step === 'string' ? [step] : Object.keys(step)));
  if (words.some((word) => isStepWord(word) && ACTIVATION_STEPS[word].waitsForUnit)) return;
  warn(`${pointer}/activate/${at}`, 'no-wait-ready', 'the device restarts here, but nothing waits for it', {
    hint: 'add wait-ready with a time: - wait-ready: 2m',
  });
};

const pathsIgnored: PlayRule = ({ verify }, pointer, warn) => {
  if (verify?.paths !== 'ignore') return;
  warn(`${pointer}/verify/paths`, 'paths-ignored', 'a unit whose drives do not come back counts as updated', {
    hint: 'remove it: the default is same',
  });
};

export const PLAY_RULES: readonly PlayRule[] = [
  wildMatch,
  placeAsIdentity,
  openExpect,
  unpinnedImage,
  neverActivated,
  noWaitReady,
  pathsIgnored,
];
