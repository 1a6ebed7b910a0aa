import * as assert from 'uvu/assert';
import { readFileSync } from 'node:fs';
import { inProject } from '../support/paths.ts';
import { suite } from '../support/suite.ts';

interface Manifest {
  readonly version: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly license: string;
  readonly bin: Readonly<Record<string, string>>;
  readonly engines: Readonly<Record<string, string>>;
  readonly os: readonly string[];
  readonly allowScripts: Readonly<Record<string, boolean>>;
}
interface Lockfile {
  readonly version: string;
  readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
}

const read = (file: string): unknown => JSON.parse(readFileSync(inProject(file), 'utf8'));
const manifest = read('package.json') as Manifest;
const lockfile = read('package-lock.json') as Lockfile;

const test = suite('package.json');

test('has what the page of a registry shows', () => {
  for (const key of ['description', 'license'] as const) assert.ok(manifest[key].length > 5, key);
  assert.ok(manifest.keywords.length >= 5);
  assert.equal(manifest.bin, { runbook: 'dist/runbook.cjs' });
  assert.match(manifest.engines['node']!, /^>=\d+\.\d+$/);
  assert.equal(manifest.os, ['linux']);
});

test('has the version of the lockfile and of the newest release in CHANGELOG.md', () => {
  const headings = [...readFileSync(inProject('CHANGELOG.md'), 'utf8').matchAll(/^## \[(.+?)\]/gm)];
  const releases = headings.map(([, name]) => name).filter((name) => name !== 'Unreleased');
  assert.is(releases[0], manifest.version);
  assert.is(lockfile.version, manifest.version);
});

test('refuses every install script of the dependencies by name, so that npm does not warn of it', () => {
  const withScript = Object.entries(lockfile.packages)
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([place]) => place.replace(/^.*node_modules\//, ''));
  assert.equal(manifest.allowScripts, Object.fromEntries(withScript.map((name) => [name, false])));
});

test.run();
