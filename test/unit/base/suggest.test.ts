import * as assert from 'uvu/assert';
import { suggest } from '../../../src/base/suggest.ts';
import { suite } from '../../support/suite.ts';

const test = suite('base/suggest');

for (const [word, known, expected] of [
  ['vendr', ['vendor', 'product'], 'vendor'],
  ['BPW', ['bpw', 'mode'], 'bpw'],
  ['dmc_ofs_defer', ['dmc_offs', 'dmc_offs_defer', 'dmc_offs_ev_defer'], 'dmc_offs_defer'],
  ['write_buffer', ['write-buffer', 'ses'], 'write-buffer'],
  ['zz', ['ses', 'bpw'], null],
  ['bananas', ['vendor', 'product'], null],
  ['', ['a', 'mode'], null],
  ['constructor', [], null],
] as const) {
  test(`${JSON.stringify(word)} suggests ${expected ?? 'nothing'} among ${known.join(', ') || 'no words'}`, () => {
    assert.is(suggest(word, known), expected);
  });
}

test.run();
