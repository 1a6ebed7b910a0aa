import * as assert from 'uvu/assert';
import { runMain } from '../../support/run-main.ts';
import type { MainEnd } from '../../support/run-main.ts';
import { suite } from '../../support/suite.ts';
import { obeys } from '../report/schemas.ts';

/** A look at stdout fails, as a bug of ours would. */
const broken = (line: string): Promise<MainEnd> =>
  runMain(line.split(' '), () => {
    throw new TypeError('cannot read the moon');
  });

const test = suite('a bug of runbook');

test('is exit 70, says that it is a bug, and shows the stack with -v only', async () => {
  const quiet = await broken('validate none.yml');
  assert.is(quiet.exitCode, 70);
  assert.is(quiet.out, '');
  assert.match(
    quiet.err,
    /this is a bug in runbook 0\.0\.0-source \(commit unknown; .*\): cannot read the moon\n {2}code: bug\n {2}next: Report it with/,
  );
  assert.not.match(quiet.err, 'main.test.ts');
  const verbose = await broken('validate none.yml -v');
  assert.is(verbose.exitCode, 70);
  assert.match(verbose.err, 'TypeError: cannot read the moon\n    at ');
});

test('is one JSON document where it is asked for', async () => {
  const { exitCode, out, err } = await broken('validate none.yml --format json');
  assert.is(exitCode, 70);
  const document = JSON.parse(out) as { exit: unknown; command: string };
  obeys('report', document);
  assert.equal(document.exit, { code: 70, name: 'INTERNAL' });
  assert.is(document.command, 'validate');
  assert.is(err, '');
});

test.run();
