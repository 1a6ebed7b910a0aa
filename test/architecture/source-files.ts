import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from '../support/paths.ts';

/** A file of src/ and everything it imports: values, types, re-exports and `await import()`. */
export interface SourceFile {
  /** `src/scsi/sense.ts` */
  readonly path: string;
  /** `scsi` */
  readonly folder: string;
  readonly text: string;
  /** Files of src/, as paths like the own one. */
  readonly imports: readonly string[];
  /** Packages and `node:` modules by name. */
  readonly packages: readonly string[];
}

/** Every TypeScript file below src/. */
export function readSourceFiles(): SourceFile[] {
  return readdirSync(path.join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readSourceFile(path.relative(root, path.join(entry.parentPath, entry.name))))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

function readSourceFile(file: string): SourceFile {
  const text = readFileSync(path.join(root, file), 'utf8');
  const specifiersIn = (code: string): string[] =>
    ts.preProcessFile(code, true, true).importedFiles.map(({ fileName }) => fileName);
  const filesAmong = (specifiers: readonly string[]): string[] =>
    specifiers
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => path.join(path.dirname(file), specifier));
  const specifiers = specifiersIn(text);
  return {
    path: file,
    folder: file.split(path.sep)[1]!,
    text,
    imports: filesAmong(specifiers),
    packages: specifiers.filter((specifier) => !specifier.startsWith('.')).map(packageName),
  };
}

/** `@scope/name/deep/file.js` → `@scope/name`; `node:fs/promises` → `node:fs`. */
function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** Good enough to look for words: a string that holds a comment's beginning loses its rest. */
const COMMENT = /\/\*[\s\S]*?\*\/|\/\/.*$/gm;

export function withoutComments(text: string): string {
  return text.replace(COMMENT, '');
}

/** The comments of a file, in their order; the same caution. */
export function commentsIn(text: string): string[] {
  return text.match(COMMENT) ?? [];
}

/** The first cycle of imports, as the way round it; null when there is none. */
export function findCycle(importsOf: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): string[] | null => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return null;
    for (const imported of importsOf.get(file) ?? []) {
      const cycle = visit(imported, [...way, file]);
      if (cycle !== null) return cycle;
    }
    done.add(file);
    return null;
  };
  for (const file of importsOf.keys()) {
    const cycle = visit(file, []);
    if (cycle !== null) return cycle;
  }
  return null;
}
