import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { readFileSync } from 'node:fs';
import { formatDiagnostic, hasErrors } from '../../../src/playbook/diagnostics.ts';
import { loadLabFile } from '../../../src/playbook/lab-file.ts';
import { loadPlaybook } from '../../../src/playbook/playbook.ts';
import { resolvePlaybook } from '../../../src/playbook/resolve.ts';
import { suite } from '../../support/suite.ts';
import { SAMPLE } from './sample.ts';

const test = suite('playbook/fuzz');

const SHIPPED = readFileSync('playbooks/upgrade-expanders.yml', 'utf8');
const LAB = readFileSync('playbooks/upgrade-expanders.lab.yml', 'utf8');

/** What must hold for every text whatever. */
function holds(text: string): void {
  for (const { diagnostics, value } of [
    { ...loadPlaybook('x.yml', text), value: loadPlaybook('x.yml', text).playbook },
    { ...loadLabFile('x.yml', text), value: loadLabFile('x.yml', text).lab },
  ]) {
    assert.is(value === null, hasErrors(diagnostics));
    for (const diagnostic of diagnostics) {
      assert.ok(diagnostic.length >= 1);
      assert.ok(diagnostic.line >= (diagnostic.source === null ? 0 : 1));
      assert.ok(formatDiagnostic(diagnostic).includes(`[${diagnostic.code}]`));
      assert.not.match(diagnostic.message, /undefined|\[object|NaN/);
    }
  }
}

test('no bytes whatever make the loader throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => holds(Buffer.from(bytes).toString('utf8'))),
    { numRuns: 300 },
  );
});

test('no text whatever makes the loader throw', () => {
  const yaml = fc.constantFrom(
    'a',
    ': ',
    '- ',
    '\n',
    '\n  ',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '&a ',
    '*a',
    '|',
    '>',
    '#',
    '!',
    '%',
    '@',
    '? ',
    ', ',
    '~',
    '1.0',
    '---\n',
    'plays',
    'runbook',
    '<<',
    '__proto__',
  );
  fc.assert(
    fc.property(fc.array(yaml, { maxLength: 40 }), (parts) => holds(parts.join(''))),
    { numRuns: 500 },
  );
});

const mutation = fc.record({
  at: fc.nat(),
  remove: fc.nat({ max: 12 }),
  insert: fc.constantFrom(
    '',
    'x',
    ' ',
    '\n',
    ':',
    ': ',
    '- ',
    '"',
    '[',
    ']',
    '{',
    '}',
    '*',
    '&a ',
    '~',
    '0107',
    '2.10',
    'null',
    '\t',
    '\0',
    '-1',
    '1e99',
    'true',
    '..',
    '!!str ',
  ),
});

test('no change of a good playbook or lab makes the loader throw', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(SAMPLE, SHIPPED, LAB),
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      (text, mutations) => {
        holds(
          mutations.reduce((changed, { at, remove, insert }) => {
            const start = at % (changed.length + 1);
            return changed.slice(0, start) + insert + changed.slice(start + remove);
          }, text),
        );
      },
    ),
    { numRuns: 600 },
  );
});

/** A good value of another place, or of another kind, at any key of a good playbook. */
const lines = SAMPLE.trimEnd().split('\n');
const value = fc.constantFrom(
  '1',
  '"1"',
  '~',
  '[]',
  '{}',
  '[1]',
  '{a: 1}',
  'true',
  '-1',
  '1.5',
  'x',
  '"*"',
  '4k',
  '1..',
  '2m',
  'dmc',
  '[activate_mc]',
  '{via: ses}',
  '{when: x}',
  '99999999999999999999',
);

test('no wrong value at any key makes the loader or the resolver throw', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: lines.length - 1 }), value, async (index, wrong) => {
      const changed = lines
        .with(index, lines[index]!.replace(/: ?.*$/, `: ${wrong}`))
        .filter((line, at) => at <= index || line.search(/\S/) <= lines[index]!.search(/\S/));
      const text = `${changed.join('\n')}\n`;
      holds(text);
      const { playbook } = loadPlaybook('x.yml', text);
      if (playbook === null) return;
      const images = new Map([[playbook.words.plays[0]!.firmware.file, new Uint8Array(5000)]]);
      const { resolved, diagnostics } = await resolvePlaybook(playbook, {
        directory: '/nonexistent',
        labImages: images,
      });
      if (resolved === null) assert.ok(hasErrors(diagnostics));
    }),
    { numRuns: 300 },
  );
});

test.run();
