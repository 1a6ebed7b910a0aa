import * as assert from 'uvu/assert';
import { NOT_FOR_TESTS, testEnvironment } from '../../scripts/test-environment.mjs';
import { GLOBAL_OPTIONS } from '../../src/cli/environment.ts';
import { suite } from '../support/suite.ts';
import { readSourceFiles } from './source-files.ts';

const READ = /\benv(?:\.([A-Z][A-Z_]+)|\['([A-Z][A-Z_]+)'\])/g;

const test = suite('the environment of a test');

test('has nothing of what src/ reads from the environment: a test sets it', () => {
  const read = readSourceFiles().flatMap(({ text }) =>
    [...text.matchAll(READ)].map(([, plain, quoted]) => (plain ?? quoted)!),
  );
  assert.ok(read.length > 10);
  const names = [...new Set([...read, ...GLOBAL_OPTIONS.map(({ variable }) => variable)])];
  const hostile = Object.fromEntries(names.map((name) => [name, 'of the person']));
  assert.equal(testEnvironment(hostile, '/folder'), { LC_ALL: 'C.UTF-8', RUNBOOK_TEST_FOLDER: '/folder' });
  // Nobody keeps a name that is read nowhere any more, but for those that other programs read.
  const others = ['LANGUAGE', 'LC_MESSAGES'];
  assert.equal(NOT_FOR_TESTS.filter((name) => !read.includes(name)).sort(), others);
});

test('has the way to other programs, and what steers the tests', () => {
  const kept = { PATH: '/bin', npm_config_registry: 'x', RUNBOOK_REQUIRE: 'kernel', RUNBOOK_SEED: '1' };
  assert.equal(testEnvironment(kept, '/folder'), {
    ...kept,
    LC_ALL: 'C.UTF-8',
    RUNBOOK_TEST_FOLDER: '/folder',
  });
});

test.run();
