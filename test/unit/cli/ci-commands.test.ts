import * as assert from 'uvu/assert';
import { withoutCommands } from '../../../src/cli/ci-commands.ts';
import type { Io } from '../../../src/cli/io.ts';
import { suite } from '../../support/suite.ts';

const test = suite('commands of CI systems in what is printed');

const FOREIGN =
  '::error::x\n  ::set-output name=a::b\nname ::y ##vso[task.setvariable]x ##[error]\n## heading [x]\n';

function printed(text: string, env: Io['env'], isJson = false): string {
  let out = '';
  const stream = { isTTY: false, write: (piece: string) => ((out += piece), true) };
  const io = { env, stdout: stream, stderr: stream } as unknown as Io;
  const { stdout } = withoutCommands(io, isJson);
  assert.is(stdout.isTTY, false);
  stdout.write(text);
  return out;
}

test('are broken up where a CI system reads, and nowhere else', () => {
  for (const env of [{ GITHUB_ACTIONS: 'true' }, { CI: '1' }])
    assert.is(
      printed(FOREIGN, env),
      ': :error::x\n  : :set-output name=a::b\nname ::y # #vso[task.setvariable]x # #[error]\n## heading [x]\n',
    );
  assert.is(printed(FOREIGN, {}), FOREIGN);
});

test('JSON keeps its value', () => {
  const value = { name: FOREIGN };
  const out = printed(JSON.stringify(value), { CI: 'true' }, true);
  assert.not.match(out, '##vso[');
  assert.equal(JSON.parse(out), value);
});

test.run();
