import * as assert from 'uvu/assert';
import { parseYaml } from '../../../src/playbook/yaml.ts';
import { suite } from '../../support/suite.ts';
import { brief } from './sample.ts';

const test = suite('playbook/yaml');

const place = (text: string, pointer: string): string => {
  const { document } = parseYaml('x.yml', text);
  const { line, column } = document!.source.positionOf(document!.valueSpan(pointer).start);
  return `${line}:${column} ${document!.writtenAt(pointer)}`;
};

for (const [title, text, pointer, expected] of [
  ['a plain scalar', 'a:\n  b: 2.10 # x\n', '/a/b', '2:6 2.10'],
  ['a quoted scalar, with its quotes', `a: "x"\nb: 'it''s'\n`, '/b', `2:4 'it''s'`],
  ['an entry of a block list', 'a:\n  - x\n  - y\n', '/a/1', '3:5 y'],
  ['an entry of a flow list', 'a: [x, yy]\n', '/a/1', '1:8 yy'],
  ['a flow mapping', 'a: {b: c}\n', '/a', '1:4 '],
  ['a block mapping, at its first key', 'a:\n  b: c\n', '/a', '2:3 '],
  ['a value that is not there, at its key', 'a:\n  b:\n', '/a/b', '2:3 '],
  ['a value that is not there, in a list', 'a:\n  -\n  - x\n', '/a/0', '2:3 '],
  ['a value below an alias, where it is written', 'a: &x {b: 1}\nc: *x\n', '/c/b', '1:11 1'],
  ['a scalar alias, where it is written', 'a: &x 2.10\nc: *x\n', '/c', '1:7 2.10'],
  ['a collection alias, where it is used', 'a: &x {b: 1}\nc: *x\n', '/c', '2:4 '],
  ['what is not there, at the nearest above', 'a:\n  b: 1\n', '/a/z/y', '2:3 '],
  ['a key with a slash and a tilde', 'a/b~c: 1\n', '/a~1b~0c', '1:8 1'],
  ['text after CRLF line ends', 'a: 1\r\nb: 2\r\n', '/b', '2:4 2'],
  ['text after a byte order mark', '\ufeffa: 1\nb: 2\n', '/a', '1:4 1'],
  ['text beyond the first plane', 'a: 😀\nb: 2\n', '/b', '2:4 2'],
] as const) {
  test(`the place of ${title} is found`, () => {
    assert.is(place(text, pointer), expected);
  });
}

const bomb = `a: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\nb:\n${Array.from(
  { length: 9 },
  (_, n) => `  - &a${n + 1} [${Array(10).fill(`*a${n}`).join(', ')}]\n`,
).join('')}`;

for (const [title, text, expected] of [
  ['an empty file', '', '1:1 empty: the file is empty'],
  ['comments alone', '# nothing\n\n', '1:1 empty: the file is empty'],
  ['a document start alone', '---\n', '1:1 empty: the file is empty'],
  [
    'two documents',
    'a: 1\n---\nb: 1\n',
    '2:1 several-documents: the file holds 2 documents; only one is read',
  ],
  ['a tab in the indentation', 'a:\n\tb: 1\n', '2:1 tab: a tab in the indentation'],
  ['a NUL byte', 'a: 1\nb: \0\n', '2:4 nul: the text contains a NUL byte'],
  [
    'bytes that are not UTF-8',
    Buffer.from([0x61, 0x3a, 0x20, 0xff]).toString(),
    '1:4 encoding: the file is not UTF-8 text',
  ],
  ['a bracket without end', 'a: [1, 2\n', '1:9 yaml: this is not YAML: deficient indentation'],
  [
    'a colon in a plain text',
    'why: fix: it\n',
    '1:9 yaml: this is not YAML: bad indentation of a mapping entry',
  ],
  ['a tag', 'a: !!js/function x\n', '1:4 yaml: tags (!word) are not part of the language'],
  ['a key that is a list', '? [a]\n: 1\n', '1:3 yaml: a key must be one word'],
  ['a key that is not text', '1: a\n', '1:1 quote: YAML does not read the key 1 as text'],
  ['a key that appears twice', 'a: 1\nb: 2\n"a": 3\n', '3:1 duplicate-key: a appears twice'],
  ['an alias of nothing', 'a: *nobody\n', '1:4 alias: *nobody refers to nothing'],
  ['an alias of itself', 'a: &a [1, *a]\n', '1:11 alias: *a refers to itself'],
  ['aliases of aliases', bomb, '6:45 alias: with its aliases expanded, the file has more than 100000 values'],
  ['deep nesting', '['.repeat(500), '1:100 yaml: the file is nested too deeply'],
] as const) {
  test(`${title} is a diagnostic`, () => {
    const { diagnostics } = parseYaml('x.yml', text);
    assert.is(brief(diagnostics[0]!).split(' | ')[0], expected);
  });
}

test('a huge file is refused without being parsed', () => {
  const { document, diagnostics } = parseYaml('x.yml', 'a: 1\n'.repeat(1_000_000));
  assert.is(document, null);
  assert.equal(diagnostics.map(brief), [
    '0:0 too-large: the file has 5000000 characters; the limit is 1048576 | is this the image, not the playbook?',
  ]);
});

test('after a key that appears twice the rest is still read', () => {
  const { document } = parseYaml('x.yml', 'a: 1\na: 2\nb: 3\n');
  assert.equal(document!.value, { a: 2, b: 3 });
});

test('numbers, words and times are read by the rules of YAML 1.2', () => {
  const { document } = parseYaml(
    'x.yml',
    'a: 0x10\nb: 010\nc: yes\nd: 2026-01-01\ne: ~\nf: 1..4\n__proto__: 1\n',
  );
  const value = document!.value as Record<string, unknown>;
  assert.equal(
    [value['a'], value['b'], value['c'], value['d'], value['e'], value['f']],
    [16, 10, 'yes', '2026-01-01', null, '1..4'],
  );
  assert.ok(Object.hasOwn(value, '__proto__'));
});

test.run();
