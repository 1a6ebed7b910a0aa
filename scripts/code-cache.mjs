// node code-cache.mjs PROGRAM CACHE: writes what V8 has compiled of the program's parts once it has run. Functions that
// were not called are left out: reading them at every start would cost more than it saves.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as zlib from 'node:zlib';

/** The commands whose start has an aim. Others find their first parts here too. */
const WARM_UP = [['--help'], ['validate', '--without-image', 'playbooks/upgrade-expanders.yml']];

const require = createRequire(import.meta.url);
const [node, , program, cache] = process.argv;
const scripts = new Map();
let made;
globalThis[Symbol.for('runbook.compiled')] = (name, script, by) => {
  scripts.set(name, script);
  made = by;
};

for (const words of WARM_UP) {
  process.argv = [node, program, ...words];
  delete require.cache[program];
  require(program);
  // The command is over when nothing is left to wait for.
  await new Promise((resolve) => process.once('beforeExit', () => setImmediate(resolve)));
}

// The checksum of what follows, one line of JSON, the data of all parts. To V8 a part that ran twice is one, and holds
// what both have called.
const parts = {};
const data = [];
let end = 0;
for (const [name, script] of scripts) {
  const bytes = script.createCachedData();
  parts[name] = [end, (end += bytes.length)];
  data.push(bytes);
}
const rest = Buffer.concat([Buffer.from(`${JSON.stringify({ made, parts })}\n`), ...data]);
const sum = Buffer.alloc(4);
sum.writeUInt32LE(zlib.crc32?.(rest) ?? 0); // Node before 20.15 and 22.2 has none, and uses no cache
writeFileSync(cache, Buffer.concat([sum, rest]));
process.exitCode = 0; // whatever the program said: it has run
