import * as assert from 'uvu/assert';
import { ESLint } from 'eslint';
import type { Linter } from 'eslint';
import tseslint from 'typescript-eslint';
import { root } from '../support/paths.ts';
import { suite } from '../support/suite.ts';

/** Words for people are shown and never asked: eslint.config.js holds that, and this shows that it does. */
const test = suite('no control flow on text');

/** The rule of syntax that holds for a file of src, without what needs types. */
async function found(code: string, filePath = 'src/run/plan/example.ts'): Promise<number> {
  const inProject = new ESLint({ cwd: root });
  const { rules } = (await inProject.calculateConfigForFile(filePath)) as Linter.Config;
  const eslint = new ESLint({
    cwd: root,
    overrideConfigFile: true,
    overrideConfig: [
      {
        files: ['**/*.ts'],
        languageOptions: { parser: tseslint.parser },
        rules: { 'no-restricted-syntax': rules!['no-restricted-syntax']! },
      },
    ],
  });
  const [result] = await eslint.lintText(code, { filePath });
  return result!.messages.filter(({ ruleId }) => ruleId === 'no-restricted-syntax').length;
}

for (const code of [
  `if (error.message === 'not confirmed') stop();`,
  `if ('no answer' !== reason) stop();`,
  `if (decision.reason == other.reason) stop();`,
  `if (error.message.startsWith('nothing')) stop();`,
  `if (result.reason?.includes('frozen')) stop();`,
  `const same = ofUnits.includes(reason);`,
  `const known = seen.has(error.message);`,
  `if (/frozen/.test(message)) stop();`,
  `switch (error.message) { default: }`,
]) {
  test(`refused: ${code}`, async () => assert.ok((await found(code)) > 0));
}

for (const code of [
  `if (error.code === 'not-confirmed') stop();`,
  `const text = reason === null ? '' : \`: \${reason}\`;`,
  `if (message !== '') show(message);`,
  `if (error.message !== undefined) show(error.message);`,
  `lines.push(message.trim());`,
]) {
  test(`fine: ${code}`, async () => assert.is(await found(code), 0));
}

test('what shows the words may see that they were said already', async () => {
  const code = `const more = result.reason?.includes(error.message) !== true;`;
  assert.is(await found(code, 'src/report/example.ts'), 0);
  assert.ok((await found(code, 'src/cli/example.ts')) > 0);
});

test.run();
