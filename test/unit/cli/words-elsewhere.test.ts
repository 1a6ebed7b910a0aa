import * as assert from 'uvu/assert';
import { commandsOf } from '../../../src/cli/program/describe.ts';
import {
  OTHER_COMMANDS,
  commandElsewhere,
  OTHER_OPTIONS,
  optionElsewhere,
} from '../../../src/cli/program/words-elsewhere.ts';
import { suite } from '../../support/suite.ts';
import { program } from '../reference/program.ts';

const all = commandsOf(program);
const names = all.map(({ words }) => words.join(' '));
const options = [program, ...all].flatMap((command) =>
  command.options.flatMap(({ short, long }) => [short, long]),
);

const test = suite('cli/words-elsewhere');

test('a command that is here is none of another tool', () => {
  assert.equal(
    names.filter((name) => commandElsewhere(name) !== null),
    [],
  );
});

test('an option is found with its value and without', () => {
  assert.match(optionElsewhere('--limit=sg1')!, '--only');
  assert.match(optionElsewhere('-n')!, 'plan');
  assert.is(optionElsewhere('--limits'), null);
});

test('what they are here is there, and asks no guard to stand aside', () => {
  for (const { here } of [...OTHER_COMMANDS, ...OTHER_OPTIONS]) {
    for (const [, name] of here.matchAll(/\brunbook ([a-z]+)/g)) assert.ok(names.includes(name!), here);
    for (const [option] of here.matchAll(/(?<!\w)--?[a-z][a-z-]*/g))
      assert.ok(options.includes(option), `${option}: ${here}`);
    assert.not.match(here, /--(?:yes|retry|recover|take-over|accept)/);
  }
});

test.run();
