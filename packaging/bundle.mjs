// The program as one file, and which foreign packages are in it.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { programOptions } from '../scripts/build.mjs';
import { root } from '../scripts/paths.mjs';

/**
 * Bundles the program into `work/program.cjs`. `packages`: what of node_modules is inside, koffi's native part included, by name.
 */
export async function bundled(release, work) {
  const { epoch, ...facts } = release;
  const file = path.join(work, 'program.cjs');
  const { outputFiles, metafile } = await build({ ...programOptions(facts), write: false, metafile: true });
  writeFileSync(file, outputFiles[0].text);
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const places = new Set(
    Object.keys(metafile.inputs).flatMap(
      (input) => /^(?:.*\/)?(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? [],
    ),
  );
  // Its types alone are imported: the native part is loaded from its own file.
  places.add('node_modules/koffi');
  const packages = [...places].sort().map((place) => {
    const { version, integrity, license } = lock[place];
    return {
      name: place.replace(/^.*node_modules\//, ''),
      version,
      integrity,
      license,
      folder: path.join(root, place),
    };
  });
  return { file, packages };
}
