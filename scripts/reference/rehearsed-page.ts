import { REHEARSED_KEYS } from '../../test/unit/keys/rehearsed-keys.ts';
import { code, page, table } from './markdown.ts';

/** Every key of a playbook, and what came of it on simulated devices. */
export function rehearsedPage(): string {
  const places = [...new Set(REHEARSED_KEYS.map(({ at }) => at))];
  return page(
    'What each key is good for, rehearsed',
    'test/unit/keys',
    'Each row is a test: an ordinary playbook is applied to simulated devices, without the word or with another one, and then with the word. ' +
      'What a unit ended with stands in the order of the tries, with the [code](errors.md#codes) of what was amiss. ' +
      'What the keys are: [keys](keys.md).',
    ...places.flatMap((at) => [
      `## ${at === '' ? 'The file' : code(at)}`,
      table(
        ['key', 'what it is good for', 'ends with'],
        REHEARSED_KEYS.filter((row) => row.at === at).map(({ key, shows, tries }) => [
          code(key),
          shows,
          tries.map(({ ends }) => code(ends)).join(' → '),
        ]),
      ),
    ]),
  );
}
