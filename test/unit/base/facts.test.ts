import * as assert from 'uvu/assert';
import { existsSync } from 'node:fs';
import { referencePages } from '../../../scripts/reference/pages.ts';
import playbookSchema from '../../../schemas/playbook.schema.json' with { type: 'json' };
import reportSchema from '../../../schemas/report.schema.json' with { type: 'json' };
import { FACTS, unreadableRefusal } from '../../../src/base/facts.ts';
import { refusal } from '../../../src/base/refusal.ts';
import { inProject } from '../../support/paths.ts';
import { suite } from '../../support/suite.ts';

const test = suite('base/facts');

const names = Object.keys(FACTS);
const why = refusal('answer-lost', { what: 'no answer' });

test('the words of proceed-without, those of the report and the table are the same', () => {
  assert.equal(playbookSchema.definitions.strategy.properties['proceed-without'].items.enum, names);
  assert.equal(reportSchema.definitions.factName.enum, names);
});

test('the table names files that exist, and every fact', async () => {
  const page = (await referencePages('1.2.3')).get('docs/reference/facts.md')!;
  for (const name of names) assert.match(page, `| \`${name}\``);
  const files = [...page.matchAll(/\(\.\.\/\.\.\/([^)]+)\)/g)].map(([, file]) => file!);
  assert.ok(files.length > names.length);
  assert.equal(
    files.filter((file) => !existsSync(inProject(file))),
    [],
  );
});

test('a guard refuses for the facts that it stands on, and for no others', () => {
  const unread = [{ fact: 'vpd-86h', why }] as const;
  const error = unreadableRefusal(unread, ['vpd-86h'], [])!;
  assert.is(error.code, 'fact-unreadable');
  assert.match(error.next, 'strategy.proceed-without: [vpd-86h]');
  assert.is(unreadableRefusal(unread, ['vpd-83h'], []), null);
  assert.is(unreadableRefusal(unread, ['vpd-86h'], ['vpd-86h']), null);
});

test.run();
