import * as assert from 'uvu/assert';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { inProject } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { readSourceFiles } from './source-files.ts';

/** What a native speaker would not write, and what to write instead. The reader is an administrator in a hurry. */
const FORBIDDEN: readonly (readonly [phrase: RegExp, instead: string])[] = [
  [/\banew\b/i, 'again, or from the start'],
  [/\ball the same\b/i, 'nevertheless, or leave it out'],
  [/\bat the most\b/i, 'at most'],
  [/\b(is|are) the most\b/i, 'the limit is'],
  [/\bof (its|their) own\b/i, 'its own, separate'],
  [/\band so (is|are|does|do)\b/i, 'too, or say it in full'],
  [/(?<!\bthere |\bif )\b(is|are|was|were) no (?!longer\b|more than\b)/i, 'is not a'],
  [/\b(?<!there )(is|are) none\b/i, 'is not one'],
  [/\bdied over\b/i, 'was interrupted on'],
  [/\bmakes? no sense\b/i, 'is invalid'],
  [/\bcomes twice\b/i, 'appears twice'],
  [/\bin spite of\b/i, 'despite, although'],
  [/\bon (its|their) way\b/i, 'in flight'],
  [/\b(is|are|was) (there )?already( there)?$/i, 'already exists'],
  [/\b(goes?|go) with\b/i, 'fits, belongs to, can be used with'],
  [/\b(is|are|was|were) told\b/i, 'is reported, runbook reports'],
  [/\bnobody (looks|asked|said|has)\b/i, 'not checked'],
  [/\b(throws?|thrown?) away\b/i, 'discard'],
  [/\bfor ever\b/i, 'forever'],
  [/\bleave (it|them|the \w+|[\w-]+) out\b/i, 'remove it'],
  [/\bhangs? behind\b/i, 'is behind'],
  [/\bminds\b/i, 'is disturbed by'],
  [/\bwhat became of\b/i, 'the result of'],
  [/\bit stays\b/i, 'it happens again'],
  [/\bright and (still )?not wise\b/i, 'valid but risky'],
  [/\bmends?\b/i, 'fixes'],
];

const pages = (folder: string): string[] =>
  readdirSync(inProject(folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join(folder, name));
const read = (file: string): string => readFileSync(inProject(file), 'utf8');

/** Sentences are wrapped: a phrase may be over the end of a line. */
const wrongIn = (text: string): string[] => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return FORBIDDEN.flatMap(([phrase, instead]) => {
    const found = phrase.exec(line);
    if (found === null) return [];
    const around = line.slice(Math.max(0, found.index - 40), found.index + 40);
    return [`"${found[0]}" in "${around}": write ${instead}`];
  });
};

/** The texts of a source file: its strings and templates, a hole as `…`. */
function stringsIn(file: string, text: string): string[] {
  const strings: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) strings.push(node.text);
    else if (ts.isTemplateExpression(node))
      strings.push([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('…'));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return strings;
}

/** Every `description` and `enumDescriptions` of a schema. */
function* textsOf(schema: unknown): Generator<string> {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'description' && typeof value === 'string') yield value;
    else if (key === 'enumDescriptions') yield* value as string[];
    else yield* textsOf(value);
  }
}

const test = suite('words');

test('messages and help are in plain English', () => {
  const wrong = readSourceFiles()
    .filter(({ folder }) => folder !== 'generated')
    .flatMap((file) =>
      stringsIn(file.path, file.text).flatMap((text) => wrongIn(text).map((what) => `${file.path}: ${what}`)),
    );
  assert.equal(wrong, []);
});

test('pages are in plain English', () => {
  const wrong = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', ...pages('docs')].flatMap((page) =>
    read(page)
      .replaceAll(/^```[\s\S]*?^```$/gm, '')
      // What is quoted is an example.
      .replaceAll(/"[^"\n]*"/g, '')
      .split(/\n{2,}|^[-|]/m)
      .flatMap(wrongIn)
      .map((what) => `${page}: ${what}`),
  );
  assert.equal(wrong, []);
});

test('what editors show is in plain English', () => {
  const wrong = readdirSync(inProject('schemas')).flatMap((name) =>
    [...textsOf(JSON.parse(read(`schemas/${name}`)))].flatMap(wrongIn).map((what) => `${name}: ${what}`),
  );
  assert.equal(wrong, []);
});

test('a phrase is found over the end of a line', () =>
  assert.is(wrongIn('it is refused, and\n  so is the run').length, 1));

test.run();
