import * as assert from 'uvu/assert';
import { readFileSync, readdirSync } from 'node:fs';
import { inProject } from '../support/paths.ts';
import { suite } from '../support/suite.ts';

/** Every POSIX system has these, every Debian's minimal base a GNU tar, and Node brings npm. */
const EVERYWHERE = ['mkfifo', 'npm', 'sh', 'sleep', 'tar'];
/** They need a prepared machine as a whole, and say so by themselves. */
const OWN_CHECKS = ['test/kernel/', 'test/bare/', 'test/package/', 'test/fleet/'];

const START = /\b(?:spawn|spawnSync|execFile|execFileSync|runChild|packedBy)\(\s*'([^']+)'/g;

const test = suite('programs that tests start');

test('are on every machine, or the test is registered by testWith, which skips it where they are missing', () => {
  const wrong: string[] = [];
  let starts = 0;
  for (const entry of readdirSync(inProject('test'), { recursive: true, encoding: 'utf8' })) {
    const file = `test/${entry}`;
    if (!file.endsWith('.test.ts') || OWN_CHECKS.some((folder) => file.startsWith(folder))) continue;
    const text = readFileSync(inProject(file), 'utf8');
    for (const [, program] of text.matchAll(START)) {
      starts++;
      if (EVERYWHERE.includes(program!)) continue;
      if (!new RegExp(`testWith\\(\\w+, [^)]*(?:'${program!}'|programs|packer|shell)`).test(text))
        wrong.push(`${file}: ${program!}`);
    }
  }
  assert.equal(wrong, []);
  assert.ok(starts > 20);
});

test.run();
