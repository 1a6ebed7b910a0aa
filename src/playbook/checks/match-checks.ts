import { parseExpect } from '../grammar.ts';
import { parseSize } from '../../base/units.ts';
import type { PlayCheck, Tell } from './check.ts';

/** Characters that standard INQUIRY data has for a field (SPC). */
const FIELD_CHARACTERS = { vendor: 8, product: 16, revision: 4 } as const;

/** Whether a device can show this text at all. `text` is without wildcards. */
export function checkInquiryText(
  field: keyof typeof FIELD_CHARACTERS,
  text: string,
  path: string,
  tell: Tell,
  at: 'key' | 'value' = 'value',
): void {
  const most = FIELD_CHARACTERS[field];
  const trimmed = text.trimEnd();
  if (trimmed.length > most) {
    const message = `"${text}" has ${trimmed.length} characters; INQUIRY has room for ${most} in the ${field}`;
    const hint =
      field === 'revision'
        ? 'write what the device shows; verify.aliases says what it means'
        : 'write what the device shows, or use `*`';
    tell(path, 'inquiry-field', message, { hint, at });
  } else if (!/^[\x20-\x7e]*$/.test(trimmed)) {
    tell(path, 'inquiry-field', `"${text}" has characters that are not ASCII; INQUIRY has only ASCII`, {
      at,
    });
  } else if (trimmed === '' && field === 'revision') {
    tell(path, 'inquiry-field', `an empty ${field} selects nothing`, { at });
  }
}

export const MATCH_CHECKS: readonly PlayCheck[] = [
  ...(['vendor', 'product'] as const).map(
    (field) =>
      ({
        reads: [`/match/${field}`],
        check: (play, pointer, tell) => {
          const text = play.match[field];
          if (!/^\*+$/.test(text))
            checkInquiryText(field, text.replaceAll('*', ''), `${pointer}/match/${field}`, tell);
        },
      }) satisfies PlayCheck,
  ),
  {
    reads: ['/match/revision', '/verify/aliases'],
    check: (play, pointer, tell) => {
      const revisions = play.match.revision;
      const meanings = Object.values(play.verify?.aliases ?? {});
      for (const [index, revision] of revisions.entries()) {
        const path = `${pointer}/match/revision/${index}`;
        if (revision === '*') {
          if (revisions.length > 1) {
            tell(path, 'wildcard', '"*" takes every revision; the others beside it mean nothing', {
              hint: 'list revisions, or "*" alone',
            });
          } else {
            tell(path, 'any-revision', 'every start revision is accepted', {
              severity: 'warning',
              hint: 'list the revisions that the vendor names',
            });
          }
        } else if (revision.includes('*')) {
          tell(path, 'wildcard', `"${revision}" is not a pattern: only "*" alone means any revision`, {
            hint: 'list each revision',
          });
        } else if (!meanings.includes(revision)) checkInquiryText('revision', revision, path, tell);
      }
    },
  },
  {
    reads: ['/expect'],
    check: (play, pointer, tell) => {
      if (play.expect === undefined || parseExpect(play.expect) !== null) return;
      const message = `expect ${play.expect} cannot be met by any number of units above 0`;
      tell(`${pointer}/expect`, 'expect', message, { hint: 'write 4, 1..4 or 1..' });
    },
  },
  {
    reads: ['/match/proof'],
    check: (play, pointer, tell) => {
      for (const [index, proof] of (play.match.proof ?? []).entries()) {
        const path = `${pointer}/match/proof/${index}`;
        if ((proof.vpd === undefined) === (proof.inquiry === undefined)) {
          tell(path, 'proof', 'a proof looks at exactly one place: vpd or inquiry', {
            hint: 'write vpd: 0x83 or inquiry: standard',
          });
        }
        checkHex(proof.equals, `${path}/equals`, tell);
        if (parseSize(proof.offset) === null) tell(`${path}/offset`, 'size', 'this offset is too large');
      }
    },
  },
];

/** `equals` beginning with 0x is bytes: whole ones. */
export function checkHex(equals: string, path: string, tell: Tell): void {
  if (/^0x/i.test(equals) && !/^0x([0-9a-f]{2})+$/i.test(equals)) {
    tell(path, 'format', `${equals} is not a whole number of bytes in hex`, {
      hint: 'write two hex digits for each byte after 0x',
    });
  }
}
