import * as assert from 'uvu/assert';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { inProject } from '../support/paths.ts';
import { suite } from '../support/suite.ts';
import { anchorsOf } from './markdown.ts';
import { commentsIn } from './source-files.ts';

const filesBelow = (folder: string, ending: RegExp): string[] =>
  readdirSync(inProject(folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => path.join(folder, name));
const read = (file: string): string => readFileSync(inProject(file), 'utf8');

const SOURCES = ['src', 'test', 'scripts'].flatMap((folder) => filesBelow(folder, /\.(ts|mjs)$/));
/** A comment names a page by its path in the project, or by its name alone if it is one of these folders. */
const HOMES = ['', 'docs', 'docs/design'];

const PAGES = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', ...filesBelow('docs', /\.md$/)];

const test = suite('documents');

/** `decisions.md#looking` → the page with its heading; null: there is no such page or heading. */
function resolves(citation: string): boolean {
  const [name, anchor] = citation.split('#') as [string, string | undefined];
  const page = HOMES.map((home) => path.join(home, name)).find((file) => existsSync(inProject(file)));
  return page !== undefined && (anchor === undefined || anchorsOf(read(page)).includes(anchor));
}

test('a page that a comment cites exists, with its heading', () => {
  const broken: string[] = [];
  for (const file of SOURCES) {
    for (const comment of commentsIn(read(file))) {
      for (const [citation] of comment.matchAll(/[\w./-]+\.md\b(#[\w-]+)?/g))
        if (!resolves(citation)) broken.push(`${file}: ${citation}`);
    }
  }
  assert.equal(broken, []);
});

test('a citation of a design page names a heading', () => {
  const bare = SOURCES.flatMap((file) =>
    commentsIn(read(file))
      .filter((comment) => /\b(decisions|scsi-microcode)\.md(?!#)/.test(comment))
      .map((comment) => `${file}: ${comment}`),
  );
  assert.equal(bare, []);
});

test('a file that a page mentions exists', () => {
  const gone: string[] = [];
  for (const page of PAGES) {
    for (const [, mentioned] of read(page).matchAll(
      /`((?:src|test|scripts|schemas|docs|playbooks|\.ci)\/[\w./-]*)`/g,
    ))
      if (!existsSync(inProject(mentioned!))) gone.push(`${page}: ${mentioned!}`);
  }
  assert.equal(gone, []);
});

test('every attack that threats.md names has a test that keeps its answer', () => {
  const [, promised = ''] = read('docs/design/threats.md').split(/^## What is promised.*$/m);
  const rows = promised.split(/^## /m)[0]!.match(/^\|.*\|$/gm) ?? [];
  const attacks = rows.slice(2); // behind the head of the table
  assert.ok(attacks.length > 10, String(attacks.length));
  const kept = /`(test\/[\w./-]+\.test\.ts|npm run soak)`[^|]*\|$/;
  assert.equal(
    attacks.filter((row) => !kept.test(row)),
    [],
  );
});

test('every link of a page leads to a page, and to a heading that is there', () => {
  const broken: string[] = [];
  for (const page of PAGES) {
    const text = read(page).replaceAll(/^```[\s\S]*?^```$/gm, '');
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue;
      const [file, anchor] = target!.split('#') as [string, string | undefined];
      const linked = file === '' ? page : path.join(path.dirname(page), file);
      const fine =
        existsSync(inProject(linked)) && (anchor === undefined || anchorsOf(read(linked)).includes(anchor));
      if (!fine) broken.push(`${page}: ${target!}`);
    }
  }
  assert.equal(broken, []);
});

test.run();
