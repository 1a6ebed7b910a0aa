import * as assert from 'uvu/assert';
import {
  counted,
  exactSizeText,
  clockText,
  durationText,
  secondsText,
  sizeText,
} from '../../../src/report/quantities.ts';
import { suite } from '../../support/suite.ts';

const test = suite('quantities');

const SIZES: readonly (readonly [number, string])[] = [
  [0, '0 bytes'],
  [1, '1 byte'],
  [710, '710 bytes'],
  [1024, '1 KiB'],
  [1536, '1.5 KiB'],
  [262_144, '256 KiB'],
  [1_048_576, '1 MiB'],
  [12_345_678, '11.8 MiB'],
  [3 * 2 ** 30, '3 GiB'],
];
for (const [bytes, text] of SIZES) test(`${bytes} bytes are ${text}`, () => assert.is(sizeText(bytes), text));

const CLOCKS: readonly (readonly [number, string])[] = [
  [-5, '0:00'],
  [7000, '0:07'],
  [750_000, '12:30'],
  [3_723_000, '1:02:03'],
];
for (const [ms, text] of CLOCKS)
  test(`${ms} ms are ${text} on a clock`, () => assert.is(clockText(ms), text));

test('times that have passed', () => {
  assert.equal([0.44, 12.3, 59.94, 125].map(secondsText), ['0.4 s', '12.3 s', '59.9 s', '2 min 5 s']);
});

test('limits are written as in a playbook', () => {
  assert.equal([500, 1000, 90_000, 120_000, 7_200_000].map(durationText), ['500ms', '1s', '90s', '2m', '2h']);
});

test('counts and exact sizes', () => {
  assert.equal([counted(1, 'device'), counted(0, 'device')], ['1 device', '0 devices']);
  assert.equal([exactSizeText(100), exactSizeText(1 << 20)], ['100 bytes', '1 MiB (1048576 bytes)']);
});

test.run();
