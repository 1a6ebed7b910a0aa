import * as assert from 'uvu/assert';
import { visible } from '../../../src/playbook/diagnostics.ts';
import { loadPlaybook } from '../../../src/playbook/playbook.ts';
import { imageMistakes, resolvePlaybook } from '../../../src/playbook/resolve.ts';
import { printable } from '../../../src/report/ink.ts';
import { mdText } from '../../../src/report/markdown.ts';
import { suite } from '../../support/suite.ts';
import { brief, loaded, sampleWith } from './sample.ts';

/* What people mistype, and what they are told: the place of the mistake, not the place where the parser noticed it. */

const test = suite('playbook/mistakes');

const said = (text: string): string[] => loadPlaybook('p.yml', text).diagnostics.map(brief);

for (const [title, text, expected] of [
  [
    'a missing colon',
    sampleWith(['vendor: HP', 'vendor HP']),
    '7:7 yaml: there is no colon, or no space behind it, after vendor | write vendor: HP',
  ],
  [
    'a missing space behind the colon',
    sampleWith(['vendor: HP', 'vendor:HP']),
    '7:7 yaml: there is no colon, or no space behind it, after vendor | write vendor: HP',
  ],
  [
    'a no-break space',
    sampleWith(['vendor: HP', 'vendor:\u00a0HP']),
    '7:14 yaml: a space that is not one to YAML (U+00A0, a no-break space or the like) | delete it, and type an ordinary space',
  ],
] as const) {
  test(title, () => assert.equal(said(text), [expected]));
}

test('a merge key is named beside what it hides', () => {
  const text = sampleWith(['mode: dmc_offs_defer', 'mode: dmc_offs_defer\n      <<: *d']).replace(
    'runbook: v1',
    'x-d: &d { bpw: 4096 }\nrunbook: v1',
  );
  const diagnostics = said(text);
  assert.is(diagnostics.length, 1);
  assert.match(
    diagnostics[0]!,
    /merge-key: << merges nothing here: the keys of the other mapping are not taken in/,
  );
});

test('typographic quotes', () => {
  assert.match(
    said(sampleWith(['vendor: HP', 'vendor: “HP”'])).join('\n'),
    'typographic-quotes: “HP” is in typographic quotes, which are part of the text | write it in straight quotes: "HP"',
  );
});

for (const [name, found] of [
  ['${FW}/a.bin', '${FW}'],
  ['$FW/a.bin', '$FW'],
  ['~/a.bin', '~'],
  ['"{{ fw }}/a.bin"', '{{ fw }}'],
] as const) {
  test(`nothing is expanded: ${name}`, async () => {
    const playbook = loaded(sampleWith(['file: PUF21000.bin', `file: ${name}`]));
    const { diagnostics } = await resolvePlaybook(playbook, { directory: '/nonexistent' });
    assert.is(
      diagnostics[0]?.hint,
      `nothing is expanded in a playbook, so ${found} is part of the name: write the path itself`,
    );
  });
}

test('a NUL in a text, and arguments that no system passes on', () => {
  const step = (argv: string): string =>
    said(sampleWith(['- activate_mc', `- activate_mc\n      - run: [/bin/x, ${argv}]`])).join('\n');
  assert.match(
    step('"a\\0b"'),
    'nul: this text contains a NUL character, which no name, path or argument can hold',
  );
  assert.match(
    step('x'.repeat(130_000)),
    /argv: the arguments have 1300\d\d bytes; a program can be given 122880 \| put them/,
  );
  assert.is(step('x'.repeat(122_000)), '');
});

test('a mistake elsewhere does not keep those of the images for the next round', async () => {
  const { playbook, diagnostics, sound } = loadPlaybook('p.yml', sampleWith(['within: 2m', 'within: 2']));
  assert.is(playbook, null);
  const places = { directory: '/nonexistent' };
  const found = [...diagnostics, ...(await imageMistakes(sound!, places))].map(({ code }) => code);
  assert.equal(found, ['duration', 'image-missing']);
  assert.equal(await imageMistakes(sound!, { ...places, withoutImage: true }), []);
});

test('what hides or reorders text is replaced in what is shown', () => {
  for (const character of ['\u202e', '\u2066', '\u200b', '\u061c', '\u001b', '\u0085', '\u2028']) {
    assert.is(printable(`a${character}b`), 'a?b');
    assert.is(visible(`a${character}b`), 'a\ufffdb');
    assert.is(mdText(`a${character}b`), 'a b');
  }
  assert.is(printable('é – “x”'), 'é – “x”');
});

test.run();
