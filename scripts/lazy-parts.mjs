// Makes one CommonJS file of many parts that are not even parsed before they are needed. Node parses a whole file at
// every start, functions that are never called included: for this program that took longer than `--help` itself.
import { build, transform } from 'esbuild';
import path from 'node:path';

/** No line breaks and indents; names stay, for the stacks of bug reports. */
const SHAPE = { target: 'node20', platform: 'node', minifyWhitespace: true, legalComments: 'none' };

/**
 * Bundles an entry. Every `import()` in the sources is a border: what is behind it becomes a part, and so does what
 * several parts share. esbuild splits ES modules only, so each part is turned into CommonJS afterwards.
 * Returns the text of the file.
 */
export async function bundleInParts({ entry, banner, options }) {
  const { outputFiles } = await build({
    ...options,
    ...SHAPE,
    entryPoints: [entry],
    format: 'esm',
    splitting: true,
    write: false,
    outdir: 'parts', // of names only
  });
  const first = `${path.basename(entry, path.extname(entry))}.js`;
  const parts = {};
  let start = '';
  for (const { path: file, text } of outputFiles) {
    // import() of a part is a promise of require(): nothing is looked up in the file system.
    const { code } = await transform(text, {
      ...SHAPE,
      format: 'cjs',
      supported: { 'dynamic-import': false },
    });
    const name = path.basename(file);
    if (name === first) start = code;
    else parts[`./${name}`] = code;
  }
  return `${banner}\n${LOADER(parts)}\n(function(require,module,exports){${start}})(part,{exports:{}},{});\n`;
}

/** A string is skipped by the parser in a fraction of the time that code takes. */
const LOADER = (parts) => `"use strict";
const { compileFunction } = require("node:vm");
const texts = new Map(Object.entries(${JSON.stringify(parts)}));
const loaded = new Map();
function part(name) {
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const text = texts.get(name);
  if (text === undefined) return require(name);
  const module = { exports: {} };
  loaded.set(name, module);
  texts.delete(name);
  const names = ["require", "module", "exports", "__filename", "__dirname"];
  compileFunction(text, names, { filename: __filename + name.slice(1) })(part, module, module.exports, __filename, __dirname);
  return module.exports;
}`;
