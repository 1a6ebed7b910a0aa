import * as assert from 'uvu/assert';
import { existsSync, readFileSync } from 'node:fs';
import { inProject } from '../support/paths.ts';
import { missing, suite } from '../support/suite.ts';

const NAME = 'sg3utils-traces.jsonl';
/** Where the recorded traces are kept; a clone without this neighbour has its own copy alone. */
const ORIGINAL = inProject('..', 'shared', 'conformance', NAME);
const COPY = inProject('test', 'conformance', NAME);

const test = suite('recorded traces');

test('every line is one run of a tool, with its own id', () => {
  const lines = readFileSync(COPY, 'utf8').trimEnd().split('\n');
  const runs = lines.map((line) => JSON.parse(line) as { id: string; tool: string; commands: unknown[] });
  for (const { id, tool, commands } of runs) {
    assert.match(id, /^p[wm]\d+/);
    assert.is(tool, id.startsWith('pw') ? 'sg_write_buffer' : 'sg_ses_microcode');
    assert.ok(Array.isArray(commands), id);
  }
  assert.is(new Set(runs.map(({ id }) => id)).size, runs.length);
  assert.ok(runs.length > 0);
});

if (existsSync(ORIGINAL)) {
  test('are the same here and where they are kept', () => {
    assert.ok(readFileSync(COPY).equals(readFileSync(ORIGINAL)), `${NAME} differs: copy it again`);
  });
} else {
  missing('conformance', `no ${ORIGINAL} to compare the copy of the traces with`);
  test.skip('are the same here and where they are kept');
}

test.run();
