import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { succeed } from '../support/debian-root.ts';
import { inProject } from '../support/paths.ts';

export const { version: VERSION } = JSON.parse(readFileSync(inProject('package.json'), 'utf8')) as {
  version: string;
};

/** Files for one processor, by what they are. */
export const namesOf = (processor: 'x64' | 'arm64') => {
  const [deb, rpm] = processor === 'x64' ? ['amd64', 'x86_64'] : ['arm64', 'aarch64'];
  return {
    archive: `runbook-${VERSION}-linux-${processor}.tar.xz`,
    deb: `runbook_${VERSION}_${deb}.deb`,
    rpm: `runbook-${VERSION}.${rpm}.rpm`,
  };
};

/** Those for npm, and what tells of all of them. */
export const COMMON = {
  npm: `runbook-${VERSION}.tgz`,
  sbom: `runbook-${VERSION}.cdx.json`,
  sums: 'SHA256SUMS',
};

/** Runs `npm run package` with little compression: that is most of its time, and no part of the test. */
export async function makePackages(out: string, ...words: readonly string[]): Promise<void> {
  const script = inProject('packaging/package.mjs');
  await succeed(process.execPath, [script, '--level', '0', '--out', out, ...words], 15 * 60_000);
}

/**
 * Makes a package that says to dnf what rpm cannot know on Debian: that the libraries which `rpm` needs are there. Returns its
 * path.
 */
export async function makeLibrariesRpm(rpm: string, folder: string): Promise<string> {
  const needed = await succeed('rpm', ['--query', '--requires', '--package', rpm]);
  const names = needed.split('\n').filter((name) => name !== '' && !name.startsWith('rpmlib('));
  const spec = path.join(folder, 'libraries.spec');
  const head = ['Name: libraries', 'Version: 1', 'Release: 1', 'Summary: those of Debian', 'License: none'];
  const provides = [...new Set(names)].map((name) => `Provides: ${name}`);
  writeFileSync(
    spec,
    [...head, 'BuildArch: noarch', ...provides, '%description', '-', '%files', ''].join('\n'),
  );
  const settings = {
    _topdir: `${folder}/rpm`,
    _rpmdir: folder,
    _rpmfilename: 'libraries.rpm',
    _dbpath: `${folder}/db`,
  };
  const defines = Object.entries(settings).flatMap(([name, value]) => ['--define', `${name} ${value}`]);
  await succeed('rpmbuild', ['-bb', '--quiet', ...defines, spec]);
  return path.join(folder, 'libraries.rpm');
}

export const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Every entry below a folder: its mode, and its hash or where it leads to. */
export function entriesOf(folder: string): Map<string, string> {
  // With types: without them it goes through links to folders.
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const names = entries.map(({ parentPath, name }) => path.relative(folder, path.join(parentPath, name)));
  return new Map(
    names.sort().map((name) => {
      const file = path.join(folder, name);
      const stats = lstatSync(file);
      const what = stats.isSymbolicLink() ? readlinkSync(file) : stats.isFile() ? sha256(file) : 'folder';
      return [name, `${stats.isSymbolicLink() ? '' : (stats.mode & 0o7777).toString(8)} ${what}`];
    }),
  );
}

/** Where a page leads to, and nothing is. */
export const brokenLinks = (page: string): string[] =>
  [...readFileSync(page, 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].flatMap(([, link]) =>
    existsSync(path.resolve(path.dirname(page), link!)) ? [] : [link!],
  );

/** The newest versions of symbols that a file asks its libraries for: `GLIBC` → `2.28`. */
export function neededSymbols(file: string): Map<string, string> {
  const text = execFileSync('objdump', ['-p', file], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  const newest = new Map<string, string>();
  for (const [, name, version] of text.matchAll(/\b(GLIBC|GLIBCXX|GCC)_([\d.]+)\b/g)) {
    const known = newest.get(name!);
    if (known === undefined || known.localeCompare(version!, 'en', { numeric: true }) < 0)
      newest.set(name!, version!);
  }
  return newest;
}
