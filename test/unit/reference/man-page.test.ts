import * as assert from 'uvu/assert';
import { manPage } from '../../../scripts/reference/man-page.ts';
import { commandsOf, type CommandDescription } from '../../../src/cli/program/describe.ts';
import { EXIT_CODES } from '../../../src/run/facts/outcome.ts';
import { runChild } from '../../support/child.ts';
import { testWith } from '../../support/programs.ts';
import { suite } from '../../support/suite.ts';
import { program } from './program.ts';

const roff = manPage(program, '1.2.3');

const test = suite('runbook(8)');

/** The page as a terminal shows it, and what groff has to say about it. */
async function shown(page: string): Promise<{ text: string; warnings: string }> {
  const args = ['-man', '-Tascii', '-P-c', '-P-b', '-P-u', '-ww', '-rLL=200n'];
  const { stdout, stderr } = await runChild('groff', args, { input: page });
  return { text: stdout, warnings: stderr };
}

testWith(test, 'groff')(
  'groff shows it without a warning, with every command, option and exit code',
  async () => {
    const page = await shown(roff);
    assert.is(page.warnings, '');
    const lines = page.text.split('\n').map((line) => line.trim());
    const startsALine = (words: string): void =>
      assert.ok(
        lines.some((line) => line === words || line.startsWith(`${words} `) || line.startsWith(`${words},`)),
        words,
      );
    for (const { words, options } of commandsOf(program)) {
      startsALine(words.join(' '));
      for (const { short, long } of options) startsALine(short ?? long);
    }
    for (const code of Object.values(EXIT_CODES)) startsALine(String(code));
    assert.match(page.text, /runbook 1\.2\.3/);
  },
);

test('what looks like a request or an escape in the words of a command stays text', async () => {
  const odd = '.TH is a request, \\n an escape, "quoted" and -dashed- **bold** `code`';
  const [first] = program.commands;
  const changed: CommandDescription = { ...program, commands: [{ ...first!, description: odd }] };
  assert.match(
    manPage(changed, '1'),
    '\\&.TH is a request, \\en an escape, \\(dqquoted\\(dq and \\-dashed\\- bold code.',
  );
});

test('the same program has the same page: there is no date in it', () =>
  assert.match(roff, '\n.TH RUNBOOK 8 "" "runbook 1.2.3" "System Administration"\n'));

test.run();
