import * as assert from 'uvu/assert';
import { isAscii, isCi, isService, wantsColor } from '../../../src/cli/io.ts';
import { suite } from '../../support/suite.ts';

const test = suite('cli/io');

test('arrows and frames need a locale that has them, and a terminal that may', () => {
  const rows: readonly (readonly [isAsciiAlone: boolean, env: Record<string, string>])[] = [
    [true, {}],
    [true, { LANG: 'C' }],
    [true, { LANG: 'en_US.UTF-8', LC_ALL: 'POSIX' }],
    [true, { LANG: 'en_US.UTF-8', LC_CTYPE: 'C' }],
    [false, { LANG: 'C', LC_ALL: 'C.UTF-8' }],
    [false, { LANG: 'de_DE.utf8', LC_ALL: '' }],
    [false, { LANG: 'en_US.UTF-8', TERM: 'xterm-256color' }],
    [true, { LANG: 'en_US.UTF-8', TERM: 'linux' }],
    [true, { LANG: 'en_US.UTF-8', TERM: 'dumb' }],
  ];
  for (const [isAsciiAlone, env] of rows) assert.is(isAscii(env), isAsciiAlone, JSON.stringify(env));
});

test('a service and a build are known by their environment', () => {
  assert.is(isService({}), false);
  assert.is(isService({ INVOCATION_ID: 'ab' }), true);
  assert.is(isService({ JOURNAL_STREAM: '8:123' }), true);
  for (const value of ['', '0', 'false']) assert.is(isCi({ CI: value }), false, value);
  assert.is(isCi({ CI: 'true' }), true);
});

test('colour is for terminals; FORCE_COLOR comes first, then NO_COLOR', () => {
  const tty = { isTTY: true };
  const rows: readonly (readonly [boolean, { readonly isTTY?: boolean }, Record<string, string>])[] = [
    [true, tty, {}],
    [false, {}, {}],
    [false, tty, { NO_COLOR: '1' }],
    [true, tty, { NO_COLOR: '' }],
    [false, tty, { TERM: 'dumb' }],
    [true, {}, { FORCE_COLOR: '1', NO_COLOR: '1' }],
    [false, tty, { FORCE_COLOR: '0' }],
  ];
  for (const [isColored, stream, env] of rows)
    assert.is(wantsColor(stream, env, true), isColored, JSON.stringify(env));
  assert.is(wantsColor(tty, { FORCE_COLOR: '1' }, false), false);
});

test.run();
