import * as assert from 'uvu/assert';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { inProject } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { readSourceFiles } from './source-files.ts';

type Phrase = readonly [phrase: RegExp, instead: string];

/** What a native speaker would not write, and what to write instead; in comments and titles of tests, too. */
const FORBIDDEN_EVERYWHERE: readonly Phrase[] = [
  [/\banew\b/i, 'again, or from the start'],
  [/\ball the same\b/i, 'nevertheless, or leave it out'],
  [/\bat the most\b/i, 'at most'],
  [/\band so (is|are|does|do)\b/i, 'too, or say it in full'],
  [/\bdied over\b/i, 'was interrupted on'],
  [/\bin spite of\b/i, 'despite, although'],
  [/\b(throws?|thrown?) away\b/i, 'discard'],
  [/\bfor ever\b/i, 'forever'],
  [/\bwhat became of\b/i, 'the result of'],
  [/\bmends?\b/i, 'fixes'],
  [/(?<!\bthere |\bif )\b(is|are|was|were) no (?!longer\b|more than\b|better\b)/i, 'is not a'],
  [/\b(is|are) the most that\b/i, 'at most'],
  [/\bcomes? twice\b/i, 'appears twice'],
  [/\bdead runs?\b/i, 'interrupted run'],
  [/\bwho waits for whom\b/i, 'which waits for which'],
  [/\bwho .{0,20} is theirs\b/i, 'say it in full'],
  [/\bless than (was|were) sent\b/i, 'only 4000 of 4096 bytes were accepted'],
  [/\bchange to one that\b/i, 'a different file'],
];

/** The same in what users read. They are administrators in a hurry. */
const FORBIDDEN: readonly Phrase[] = [
  ...FORBIDDEN_EVERYWHERE,
  [/\b(is|are) the most\b/i, 'the limit is'],
  [/\bof (its|their) own\b/i, 'its own, separate'],
  [/\b(?<!there )(is|are) none\b/i, 'is not one'],
  [/\bon (its|their) way\b/i, 'in flight'],
  [/\b(is|are|was) (there )?already( there)?$/i, 'already exists'],
  [/\b(goes?|go) with\b/i, 'fits, belongs to, can be used with'],
  [/\b(is|are|was|were) told\b/i, 'is reported, runbook reports'],
  [/\bnobody (looks|asked|said|has)\b/i, 'not checked'],
  [/\bleave (it|them|the \w+|[\w-]+) out\b/i, 'remove it'],
  [/\bit stays\b/i, 'it happens again'],
  [/\bright and (still )?not wise\b/i, 'valid but risky'],
];

const pages = (folder: string): string[] =>
  readdirSync(inProject(folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join(folder, name));
const read = (file: string): string => readFileSync(inProject(file), 'utf8');

/** Sentences are wrapped: a phrase may be over the end of a line. */
const wrongIn = (text: string, phrases = FORBIDDEN): string[] => {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return phrases.flatMap(([phrase, instead]) => {
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

/** The comments of a file, each without its marks. */
function commentsIn(file: string, text: string): string[] {
  const found = new Map<number, string>();
  const visit = (node: ts.Node): void => {
    for (const { pos, end } of ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [])
      found.set(pos, text.slice(pos, end).replaceAll(/^\s*(\/\/|\/?\*+\/?)/gm, ''));
    node.getChildren().forEach(visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true));
  return [...found.values()];
}

/** What tests are called: the first text of a call that stands by itself. */
const titlesIn = (text: string): string[] =>
  [...text.matchAll(/^ *\w+\(\s*(['`])((?:\\.|(?!\1)[^\\])*)\1,/gm)].map(([, , title]) => title!);

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
      .flatMap((text) => wrongIn(text))
      .map((what) => `${page}: ${what}`),
  );
  assert.equal(wrong, []);
});

test('what editors show is in plain English', () => {
  const wrong = readdirSync(inProject('schemas')).flatMap((name) =>
    [...textsOf(JSON.parse(read(`schemas/${name}`)))]
      .flatMap((text) => wrongIn(text))
      .map((what) => `${name}: ${what}`),
  );
  assert.equal(wrong, []);
});

test('comments and titles of tests are in plain English', () => {
  const files = ['src', 'test', 'scripts'].flatMap((folder) =>
    readdirSync(inProject(folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.includes('generated'))
      .map((name) => path.join(folder, name)),
  );
  const wrong = files.flatMap((file) => {
    const text = read(file);
    // To read a file as TypeScript takes its time.
    if (!FORBIDDEN_EVERYWHERE.some(([phrase]) => phrase.test(text.replaceAll(/\s+\*?\s*/g, ' ')))) return [];
    const texts = [...commentsIn(file, text), ...(file.startsWith('test') ? titlesIn(text) : [])];
    return texts.flatMap((one) => wrongIn(one, FORBIDDEN_EVERYWHERE)).map((what) => `${file}: ${what}`);
  });
  assert.equal(wrong, []);
});

test('a phrase is found over the end of a line', () =>
  assert.is(wrongIn('it is refused, and\n  so is the run').length, 1));

test.run();
