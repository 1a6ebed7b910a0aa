// Makes one CommonJS file of many parts that are not even parsed before they are needed. Node parses a whole file at
// every start, functions that are never called included: for this program that took longer than `--help` itself.
import { build, transform } from 'esbuild';
import { createHash } from 'node:crypto';
import path from 'node:path';

/** No line breaks and indents; names stay, for the stacks of bug reports. */
const SHAPE = { target: 'node20', platform: 'node', minifyWhitespace: true, legalComments: 'none' };
/** Modules of Node that take up to 2 ms to load. What imports names of them asks for them where it uses the names. */
const LATE = ['node:child_process', 'node:crypto', 'node:fs/promises'];
const BEFORE = 'function texts(){/*';

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
  const places = {};
  let start = '';
  let texts = BEFORE;
  for (const { path: file, text } of outputFiles) {
    // import() of a part is a promise of require(): nothing is looked up in the file system.
    const transformed = await transform(text, {
      ...SHAPE,
      format: 'cjs',
      supported: { 'dynamic-import': false },
    });
    const code = requireLate(transformed.code);
    const name = path.basename(file);
    if (name === first) {
      start = code;
      continue;
    }
    const from = texts.length;
    texts += inComment(`(function(require,module,exports,__filename,__dirname){${code}})`, name);
    places[`./${name}`] = [from, texts.length];
  }
  const loader = await loaderText(start, texts, places);
  return `${banner}\n"use strict";${loader}(function(require,module,exports){${start}})(part,{exports:{}},{});\n${texts}*/}\n`;
}

/** `import { a } from 'x'` is `var import_x=require("x");` and `import_x.a` by now; other imports stay as they are. */
function requireLate(code) {
  for (const [statement, variable, required, name] of code.matchAll(
    /var (import_\w+)=(require\("([^"]+)"\));/g,
  )) {
    if (LATE.includes(name)) code = code.replace(statement, '').replaceAll(`${variable}.`, `${required}.`);
  }
  return code;
}

/** The parser skips a comment in a fraction of the time that code takes, and a function gives back its comment. */
function inComment(code, name) {
  // Places are counted in characters, and the end of a comment is hidden by a character that no part holds.
  if (/[^\n\t\x20-\x7e]/.test(code)) throw new Error(`${name} holds a character that is not printable ASCII`);
  return code.replaceAll('*/', '*\x01/');
}

async function loaderText(start, texts, places) {
  const build = createHash('sha256').update(LOADER).update(start).update(texts).digest('hex');
  const define = { BUILD: JSON.stringify(build), PLACES: JSON.stringify(places) };
  const { code } = await transform(LOADER, { ...SHAPE, define });
  return code;
}

/** Compiles the parts as they are asked for. BUILD and PLACES are put in; `texts` stands at the end of the file. */
const LOADER = String.raw`
const { readFileSync, statSync } = require('node:fs');
const { Script } = require('node:vm');

const text = texts.toString();
const loaded = new Map();
/** Set by code-cache.mjs alone, which makes the cache of what it is given. */
const compiled = globalThis[Symbol.for('runbook.compiled')];
let cache;

function part(name) {
  const known = loaded.get(name);
  if (known !== undefined) return known.exports;
  const place = PLACES[name];
  if (place === undefined) return require(name);
  const module = { exports: {} };
  loaded.set(name, module);
  cache ??= readCache();
  const source = text.slice(...place).replaceAll('*\x01/', '*/');
  const cachedData = cache.parts[name] && cache.data.subarray(...cache.parts[name]);
  // Stacks name the part; without a folder, for V8 keeps the name that the cache was made with.
  const script = new Script(source, { filename: 'runbook.cjs' + name.slice(1), cachedData });
  if (compiled !== undefined) compiled(name, script, madeBy());
  script.runInThisContext()(part, module, module.exports, __filename, __dirname);
  return module.exports;
}

/**
 * What V8 made of the parts at build time. V8 does not look whether it is damaged or of another text, so a cache that
 * is not of this build and this very node, or not whole, is as good as none.
 */
function readCache() {
  try {
    const file = readFileSync(__filename.replace(/\.cjs$/, '.cache'));
    const end = file.indexOf('\n', 4);
    const { made, parts } = JSON.parse(file.latin1Slice(4, end));
    const isWhole = file.readUInt32LE(0) === require('node:zlib').crc32(file.subarray(4));
    if (isWhole && made === madeBy()) return { parts, data: file.subarray(end + 1) };
  } catch {
    // Then it is compiled as ever.
  }
  return { parts: {} };
}

function madeBy() {
  return [BUILD, process.version, process.arch, statSync(process.execPath).size].join(' ');
}
`;
