// npm run package [-- --out DIR] [--processor x64] [--level 0…9] [--trees]: everything that people install, from this commit and
// byte for byte the same each time. --level is that of xz. --trees makes what is packed and packs nothing, to compare two builds
// without the minutes of compressing.
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ensureInstalled } from '../scripts/ensure.mjs';
import { addNativeParts } from '../scripts/native-parts.mjs';
import { root } from '../scripts/paths.mjs';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: path.join(root, 'packaging/out') },
    processor: { type: 'string', multiple: true, default: ['x64', 'arm64'] },
    trees: { type: 'boolean', default: false },
    level: { type: 'string', default: '6' },
  },
});

ensureInstalled();
// Need installed packages, so not before.
const { copyNativeLibraries } = await import('../scripts/build.mjs');
const { releaseFacts } = await import('./release.mjs');
const { bundled } = await import('./bundle.mjs');
const { makeExecutable } = await import('./executable.mjs');
const { makeTree } = await import('./tree.mjs');
const { makeArchive } = await import('./archive.mjs');
const { makeDeb } = await import('./deb.mjs');
const { makeRpm } = await import('./rpm.mjs');
const { makeNpmTarball } = await import('./npm-tarball.mjs');
const { writeSbom } = await import('./sbom.mjs');
const { writeSums } = await import('./sums.mjs');

const out = path.resolve(values.out);
const work = path.join(out, 'work');
rmSync(out, { recursive: true, force: true });
mkdirSync(work, { recursive: true });

const release = await releaseFacts();
if (release.commit === null || release.commit.endsWith('+changes'))
  console.error('packaging: the work tree differs from its commit, so nobody can make these packages again');
const bundle = await bundled(release, work);
// koffi's, for every processor
const native = path.join(work, 'native');
await copyNativeLibraries(native);
addNativeParts(root, native);
const made = [];
for (const processor of values.processor) {
  const executable = await makeExecutable({ processor, bundle, work });
  const tree = await makeTree({ processor, executable, native, bundle, release, work });
  made.push({ processor, executable, tree });
  console.error(`packaging: tree for ${processor}`);
}
writeSbom({ bundle, release, out });
if (!values.trees) {
  for (const one of made) {
    for (const make of [makeArchive, makeDeb, makeRpm]) {
      const started = performance.now();
      const file = make({ ...one, level: values.level, release, out, work });
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      console.error(`packaging: ${path.basename(file)} in ${seconds} s`);
    }
  }
  await makeNpmTarball({ bundle, native, out, work });
  writeSums(out);
  rmSync(work, { recursive: true });
}
console.log(out);
