import type { PlayWords, WitnessWords } from '../../generated/playbook.ts';
import { childPointer } from '../yaml-document.ts';
import type { PlayCheck, Tell } from './check.ts';
import { checkHex, checkInquiryText } from './match-checks.ts';

/** Word of `verify.revision` for devices whose revision never moves. */
export const UNCHANGED = 'unchanged';

export const VERIFY_CHECKS: readonly PlayCheck[] = [
  {
    reads: ['/firmware/revision', '/match/revision', '/verify/revision', '/verify/aliases'],
    check: (play, pointer, tell) => {
      if (play.verify?.revision === UNCHANGED) return;
      const target = writtenMeaning(play, play.verify?.revision ?? play.firmware.revision);
      for (const [index, revision] of play.match.revision.entries()) {
        if (writtenMeaning(play, revision) !== target) continue;
        const message = `"${revision}" is the target: a unit that shows it is current, so it is not a revision to start from`;
        tell(`${pointer}/match/revision/${index}`, 'target-listed', message, { hint: 'remove it' });
      }
    },
  },
  {
    reads: ['/firmware/revision', '/verify/revision', '/verify/aliases'],
    check: (play, pointer, tell) => {
      const shown = play.verify?.revision;
      if (shown === undefined || shown === UNCHANGED) return;
      if (writtenMeaning(play, shown) === writtenMeaning(play, play.firmware.revision)) return;
      const message = `verify.revision is "${shown}", firmware.revision is "${play.firmware.revision}"`;
      const hint = `remove verify.revision, or say what the device shows: aliases: {"${shown}": "${play.firmware.revision}"}`;
      tell(`${pointer}/verify/revision`, 'target-conflict', message, { hint });
    },
  },
  {
    reads: ['/firmware/revision', '/verify'],
    check: (play, pointer, tell) => {
      const { aliases = {}, witness, revision } = play.verify ?? {};
      const covered = new Set(Object.values(aliases));
      const check = (text: string, path: string): void => {
        if (text.includes('*'))
          tell(path, 'wildcard', 'the target is one revision; `*` is not a wildcard here');
        else if (witness === undefined && !covered.has(text)) checkInquiryText('revision', text, path, tell);
      };
      check(play.firmware.revision, `${pointer}/firmware/revision`);
      if (revision !== undefined && revision !== UNCHANGED) check(revision, `${pointer}/verify/revision`);
      for (const shown of Object.keys(aliases)) {
        if (shown.startsWith('x-')) continue;
        checkInquiryText('revision', shown, childPointer(`${pointer}/verify/aliases`, shown), tell, 'key');
      }
    },
  },
  {
    reads: ['/verify/witness', '/verify/revision'],
    check: (play, pointer, tell) => {
      const { witness, revision } = play.verify ?? {};
      if (witness !== undefined) checkWitness(witness, `${pointer}/verify/witness`, tell);
      else if (revision === UNCHANGED) {
        const message = 'a revision that does not change proves nothing';
        tell(`${pointer}/verify/revision`, 'witness', message, { hint: 'add verify.witness' });
      }
    },
  },
];

/** What the device says, put into the words of the playbook; trailing spaces are the device's padding. */
export function writtenMeaning(play: PlayWords, revision: string): string {
  const aliases = play.verify?.aliases ?? {};
  const shown = revision.trimEnd();
  return (Object.hasOwn(aliases, shown) ? aliases[shown]! : shown).trimEnd();
}

const WITNESS_KINDS = ['vpd', 'inquiry', 'ses-revision', 'sysfs', 'link-rate'] as const;
type WitnessKey = 'offset' | 'equals';

const NEEDS: Readonly<Record<(typeof WITNESS_KINDS)[number], readonly WitnessKey[]>> = {
  vpd: ['offset', 'equals'],
  inquiry: ['offset', 'equals'],
  'ses-revision': [],
  sysfs: ['equals'],
  'link-rate': [],
};
const TAKES: typeof NEEDS = { ...NEEDS, 'ses-revision': ['equals'] };

export function checkWitness(witness: WitnessWords, path: string, tell: Tell): void {
  const kinds = WITNESS_KINDS.filter((kind) => witness[kind] !== undefined);
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const message = `a witness looks at exactly one place: ${WITNESS_KINDS.slice(0, -1).join(', ')} or ${WITNESS_KINDS.at(-1)!}`;
    tell(path, 'witness', message, { hint: 'write one of them', at: 'key' });
    return;
  }
  for (const key of NEEDS[kind]) {
    if (witness[key] === undefined) tell(path, 'witness', `a ${kind} witness needs ${key}`, { at: 'key' });
  }
  for (const key of ['offset', 'equals'] as const) {
    if (witness[key] === undefined || TAKES[kind].includes(key)) continue;
    tell(`${path}/${key}`, 'no-effect', `a ${kind} witness does not take ${key}`, { hint: 'remove it' });
  }
  if (witness.equals !== undefined) checkHex(witness.equals, `${path}/equals`, tell);
}
