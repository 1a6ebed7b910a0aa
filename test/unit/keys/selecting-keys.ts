import * as assert from 'uvu/assert';
import { standardImage } from '../../../src/simulator/lab-images.ts';
import { IMAGE_BYTES, sha256 } from './kinds.ts';
import type { RehearsedKey } from './rehearsed-key.ts';
import { sentTo } from './sent.ts';

const FILE = '';
const PLAY = 'plays[]';
const MATCH = 'plays[].match';
const PROOF = 'plays[].match.proof[]';

const CARD_OF_LSI = { persona: 'hp-sas-expander', vendor: 'LSI', product: 'SAS2x36' };
const DISK_2_08 = { persona: 'disk', vendor: 'HP', product: 'HP SAS EXP Card' };
/** A second play for the same cards. */
const SECOND = {
  name: 'second',
  match: { revision: ['2.10'] },
  firmware: { file: 'next.bin', sha256: sha256(standardImage(IMAGE_BYTES, 1)), revision: '2.12' },
};

/** The file, its plays, and which units they are for. */
export const SELECTING_KEYS: readonly RehearsedKey[] = [
  {
    at: FILE,
    key: 'runbook',
    shows: 'another version of the language is refused before anything is read',
    kind: 'card',
    tries: [{ top: { runbook: 'v2' }, ends: 'invalid version' }, { ends: 'updated' }],
  },
  {
    at: FILE,
    key: 'name',
    shows: 'a playbook has a name, by which the plan and the report call it',
    kind: 'card',
    tries: [
      { top: { name: null }, ends: 'invalid missing-key' },
      { top: { name: 'x' }, ends: 'updated' },
    ],
  },
  {
    at: FILE,
    key: 'why',
    shows: 'the reason stands in the plan and in the report; without it lint warns',
    kind: 'card',
    tries: [
      { top: { why: 'CHG-1' }, ends: 'updated', sees: ({ plan }) => assert.is(plan.playbook.why, 'CHG-1') },
    ],
  },
  {
    at: FILE,
    key: 'plays',
    shows: 'two plays in one run, each for its own kind of device',
    kind: 'card',
    devices: [{}, { ...DISK_2_08, vendor: 'LAB', product: 'DISK' }],
    tries: [
      {
        top: {
          plays: [
            {
              name: 'disks',
              match: { type: 'disk', vendor: 'LAB', product: 'DISK' },
              download: { mode: 'dmc_offs_save' },
              activate: [],
            },
          ],
        },
        ends: 'updated, updated',
      },
    ],
  },
  {
    at: PLAY,
    key: 'name',
    shows: 'the report says which play a row is of; two plays cannot have one name',
    kind: 'card',
    tries: [
      { top: { plays: [{}] }, ends: 'invalid play-name' },
      {
        play: { name: 'cards' },
        ends: 'updated',
        sees: ({ results }) => assert.is(results[0]!.play, 'cards'),
      },
    ],
  },
  {
    at: PLAY,
    key: 'after',
    shows: 'two steps of an upgrade: the second starts from what the first one left, by a fresh read',
    kind: 'card',
    images: [
      { name: 'fw.bin', bytes: IMAGE_BYTES, rule: 'standard', revision: '2.10' },
      { name: 'next.bin', bytes: IMAGE_BYTES, rule: 'standard', seed: 1, revision: '2.12' },
    ],
    tries: [
      { top: { plays: [SECOND] }, ends: 'skipped run-refused, refused selected-twice' },
      { top: { plays: [{ ...SECOND, after: 'unit' }] }, ends: 'updated, updated' },
    ],
  },
  {
    at: PLAY,
    key: 'expect',
    shows: 'another number of units than expected stops the run before its first byte',
    kind: 'card',
    devices: [{}, {}],
    tries: [
      {
        play: { expect: 1 },
        ends: 'skipped run-refused, skipped run-refused',
        sees: (end) => assert.equal(sentTo(end), []),
      },
      { play: { expect: '2..4' }, ends: 'updated, updated' },
    ],
  },
  {
    at: MATCH,
    key: 'type',
    shows: 'an enclosure and a disk with the same names are distinguished',
    kind: 'card',
    devices: [DISK_2_08],
    tries: [
      { ends: 'NOMATCH' },
      {
        play: { match: { type: 'disk' }, download: { mode: 'dmc_offs_save' }, activate: [] },
        ends: 'updated',
      },
    ],
  },
  {
    at: MATCH,
    key: 'vendor',
    shows: 'only units of the vendor are taken; with a wildcard, those whose vendor begins so',
    kind: 'card',
    devices: [{ vendor: 'HPE' }, { ...CARD_OF_LSI, product: 'HP SAS EXP Card' }],
    tries: [{ ends: 'NOMATCH' }, { play: { match: { vendor: 'HP*' } }, ends: 'updated' }],
  },
  {
    at: MATCH,
    key: 'product',
    shows: 'only units of the product are taken; with a wildcard, those whose product begins so',
    kind: 'card',
    devices: [{ product: 'HP SAS EXP Card2' }],
    tries: [{ ends: 'NOMATCH' }, { play: { match: { product: 'HP SAS EXP Card*' } }, ends: 'updated' }],
  },
  {
    at: MATCH,
    key: 'revision',
    shows: 'a unit that starts from a revision that is not listed is refused, and nothing is written to it',
    kind: 'card',
    devices: [{ revision: '2.02' }],
    tries: [
      { ends: 'refused revision-not-listed', sees: (end) => assert.equal(sentTo(end), []) },
      { play: { match: { revision: ['2.02', '2.08'] } }, ends: 'updated' },
    ],
  },
  {
    at: MATCH,
    key: 'identity',
    shows: 'of two cards that are alike only the named one is taken',
    kind: 'card',
    devices: [{ serial: 'S1' }, { serial: 'S2' }],
    tries: [
      { ends: 'updated, updated' },
      {
        play: { match: { identity: ['S2'] } },
        ends: 'updated',
        sees: (end) => assert.equal(sentTo(end, 0), []),
      },
    ],
  },
  {
    at: MATCH,
    key: 'proof',
    shows: 'bytes that only one of two models shows choose it',
    kind: 'card',
    devices: [{ serial: 'A123' }, { serial: 'B123' }],
    tries: [
      {
        play: { match: { proof: [{ vpd: 0x80, offset: 4, equals: 'B' }] } },
        ends: 'updated',
        sees: (end) => assert.equal(sentTo(end, 0), []),
      },
    ],
  },
  {
    at: PROOF,
    key: 'vpd',
    shows: 'the bytes are those of the page that is named',
    kind: 'card',
    devices: [{ serial: 'A123' }],
    tries: [
      { play: { match: { proof: [{ vpd: 0x83, offset: 4, equals: 'A1' }] } }, ends: 'NOMATCH' },
      { play: { match: { proof: [{ vpd: 0x80, offset: 4, equals: 'A1' }] } }, ends: 'updated' },
    ],
  },
  {
    at: PROOF,
    key: 'inquiry',
    shows: 'bytes of the standard INQUIRY data choose a unit: here bytes of its product',
    kind: 'card',
    tries: [
      { play: { match: { proof: [{ inquiry: 'standard', offset: 16, equals: 'LSI' }] } }, ends: 'NOMATCH' },
      { play: { match: { proof: [{ inquiry: 'standard', offset: 16, equals: 'HP S' }] } }, ends: 'updated' },
    ],
  },
  {
    at: PROOF,
    key: 'offset',
    shows: 'the bytes are compared at this place and at no other',
    kind: 'card',
    devices: [{ serial: 'A123' }],
    tries: [
      { play: { match: { proof: [{ vpd: 0x80, offset: 5, equals: 'A1' }] } }, ends: 'NOMATCH' },
      { play: { match: { proof: [{ vpd: 0x80, offset: 4, equals: 'A1' }] } }, ends: 'updated' },
    ],
  },
  {
    at: PROOF,
    key: 'equals',
    shows: 'text, or bytes in hex',
    kind: 'card',
    devices: [{ serial: 'A123' }],
    tries: [
      { play: { match: { proof: [{ vpd: 0x80, offset: 4, equals: '0x4231' }] } }, ends: 'NOMATCH' },
      { play: { match: { proof: [{ vpd: 0x80, offset: 4, equals: '0x4131' }] } }, ends: 'updated' },
    ],
  },
];
