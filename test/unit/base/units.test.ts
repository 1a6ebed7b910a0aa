import * as assert from 'uvu/assert';
import { chunkCount, MAX_DURATION_MS, parseAge, parseDuration, parseSize } from '../../../src/base/units.ts';
import { suite } from '../../support/suite.ts';

const test = suite('base/units');

test('sizes in bytes', () => {
  assert.equal(['4096', '0x1000', '4k', '4KiB', 4096].map(parseSize), [4096, 4096, 4096, 4096, 4096]);
  assert.is(parseSize('1MiB'), 1_048_576);
  for (const wrong of [
    '',
    '4 KiB',
    '4kb',
    '1GiB',
    '0x',
    '0x10k',
    '-1',
    '1.5k',
    '99999999999999999999',
    -1,
    0.5,
  ])
    assert.is(parseSize(wrong), null, String(wrong));
});

test('durations in milliseconds', () => {
  assert.equal(['500ms', '300s', '2m', '1h'].map(parseDuration), [500, 300_000, 120_000, 3_600_000]);
  assert.is(parseDuration(`${MAX_DURATION_MS}ms`), MAX_DURATION_MS);
  for (const wrong of ['', '5', '5 s', '1d', '1.5s', '-1s', `${MAX_DURATION_MS + 1}ms`, '600h1'])
    assert.is(parseDuration(wrong), null, wrong);
});

test('ages may be years', () => {
  assert.equal(['12h', '3650d', '99999d'].map(parseAge), [43_200_000, 315_360_000_000, 8_639_913_600_000]);
  for (const wrong of ['', '1y', '12m', '100000d', 'd']) assert.is(parseAge(wrong), null, wrong);
});

test('the last chunk takes the rest', () => {
  assert.equal(
    [1, 4096, 4097, 8192].map((length) => chunkCount(length, 4096)),
    [1, 1, 2, 2],
  );
  assert.is(chunkCount(10_000, 'whole'), 1);
});

test.run();
