import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

/** Its timer goes on when the program could not be started, and keeps the process alive. */
const NO_TIMEOUT_OF_SPAWN = {
  selector: "CallExpression[callee.name='spawn'] Property[key.name='timeout']",
  message: 'Use a timer that ends with the events error and close: see killAfter in test/support/child.ts.',
};

const NO_RUN_TIME_EXPRESSION = {
  selector: ":matches(NewExpression, CallExpression)[callee.name='RegExp']",
  message: 'An expression that is made at run time cannot be checked: see src/base/wildcard.ts for patterns.',
};

/** Words for people: `message`, `reason` and `next` of a refusal, and of whatever else has them. */
const TEXT =
  ':matches(Identifier[name=/^(message|reason)$/], MemberExpression[computed=false][property.name=/^(message|reason)$/])';
const SEARCHES = '/^(startsWith|endsWith|includes|indexOf|lastIndexOf|match|matchAll|search|test|has)$/';
/** Whether there is a text at all may be asked. */
const ANY = ":not(:has(> :matches(Literal[raw='null'], Literal[value=''], Identifier[name='undefined'])))";
const NO_CONTROL_FLOW_ON_TEXT = [
  `BinaryExpression[operator=/^[!=]==?$/]${ANY} > ${TEXT}`,
  `CallExpression > MemberExpression.callee[property.name=${SEARCHES}] > ${TEXT}.object`,
  `CallExpression[callee.property.name=${SEARCHES}] > ${TEXT}.arguments`,
  `SwitchStatement > ${TEXT}.discriminant`,
].map((selector) => ({
  selector,
  message: 'Nothing is decided by words for people: ask for the `code` of the refusal.',
}));

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'coverage/',
      '.cache/',
      'src/generated/',
      'scripts/**/*.mjs',
      'packaging/',
      'eslint.config.js',
    ],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      // A lost promise is a lost command: nobody would look at its outcome.
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      // Numbers in messages are wanted here; `any` and objects are not.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      // Indexing is checked by the compiler (noUncheckedIndexedAccess); `!` marks a place where the bound was just tested.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-imports': [
        'error',
        {
          paths: [
            {
              name: 'uvu',
              message: 'Import suite from test/support/suite.ts: it counts suites that were never run.',
            },
          ],
        },
      ],
      'no-restricted-syntax': ['error', NO_TIMEOUT_OF_SPAWN],
    },
  },
  {
    files: ['src/**/*.ts'],
    plugins: { regexp },
    rules: {
      // Devices, images and playbooks bring the text: a search that goes back holds the program for ever, and no signal
      // ends it. What schemas say in `pattern` is checked by test/architecture/patterns.test.ts.
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential' }],
      'no-restricted-syntax': [
        'error',
        NO_TIMEOUT_OF_SPAWN,
        NO_RUN_TIME_EXPRESSION,
        ...NO_CONTROL_FLOW_ON_TEXT,
      ],
    },
  },
  {
    // In the language of every Node; the build and test/architecture/entry.test.ts hold it to that.
    files: ['src/cli/entry.cjs'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    // They show the words, and leave out what was said already.
    files: ['src/report/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', NO_TIMEOUT_OF_SPAWN, NO_RUN_TIME_EXPRESSION] },
  },
  {
    files: ['programs', 'run-file', 'second-user', 'suite'].map((name) => `test/support/${name}.ts`),
    rules: { 'no-restricted-imports': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // uvu's suites take async functions and settle them themselves.
      '@typescript-eslint/require-await': 'off',
    },
  },
);
