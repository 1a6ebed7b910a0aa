import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { isCount, isText, optional, orNull } from '../../../src/base/shape.ts';
import { parseDocument } from '../../../src/base/versioned-document.ts';
import type { DocumentKind } from '../../../src/base/versioned-document.ts';
import { suite } from '../../support/suite.ts';

const test = suite('base/versioned-document');

const KIND: DocumentKind = {
  format: 'runbook.shelf/2',
  what: 'a shelf',
  shape: {
    fields: {
      name: isText,
      bays: { list: { fields: { slot: isCount, disk: orNull({ fields: { serial: isText } }) } } },
      notes: optional({ map: isText, isName: (name) => name !== '' }),
    },
  },
};

const saidOf = (text: string, kind = KIND): string => {
  const parsed = parseDocument(text, kind);
  return parsed.fault === null ? 'read' : `${parsed.fault}: ${parsed.message}`;
};

const GOOD =
  '{"format":"runbook.shelf/2","name":"a","bays":[{"slot":1,"disk":{"serial":"S"}}],"notes":{"x":"y"}}';

test('JSON, kind, version and shape are told apart, and a fault has its place', () => {
  for (const [text, said] of [
    [GOOD, 'read'],
    [GOOD.replace('{"serial":"S"}', 'null').replace(',"notes":{"x":"y"}', ''), 'read'],
    [GOOD.replace('"name"', '"colour":1,"name"'), 'read'],
    ['[]', 'other-kind: is not a shelf (format is not runbook.shelf/2)'],
    ['null', 'other-kind: is not a shelf (format is not runbook.shelf/2)'],
    ['{"format":"runbook.shelf-plan/2"}', 'other-kind: is not a shelf (format is not runbook.shelf/2)'],
    [
      '{"format":"runbook.shelf/3"}',
      'other-version: has the format runbook.shelf/3; this version reads runbook.shelf/2',
    ],
    [
      '{"format":"runbook.shelf/1","runbook":"0.0.9"}',
      'other-version: has the format runbook.shelf/1, written by runbook 0.0.9; this version reads runbook.shelf/2',
    ],
    [GOOD.replace('"S"', '7'), 'damaged: is damaged at /bays/0/disk/serial'],
    [GOOD.replace('"slot":1', '"slot":-1'), 'damaged: is damaged at /bays/0/slot'],
    [GOOD.replace('"x":', '"":'), 'damaged: is damaged at /notes/'],
    [
      GOOD.replace('"y"', 'null').replace('"name"', '"runbook":"9.9","name"'),
      'damaged: is damaged at /notes/x, written by runbook 9.9',
    ],
  ] as const)
    assert.is(saidOf(text), said, text);
  assert.match(saidOf('{"format":'), /^not-json: is not JSON \(/);
});

test('a kind may know better where its writer stands', () => {
  const kind = { ...KIND, writer: () => '1.2.3' };
  assert.match(saidOf('{"format":"runbook.shelf/3"}', kind), 'written by runbook 1.2.3');
});

test('no text makes it throw', () => {
  fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), (text) => void saidOf(text)));
  fc.assert(
    fc.property(fc.nat(GOOD.length), fc.string({ maxLength: 3 }), (at, piece) => {
      saidOf(GOOD.slice(0, at) + piece + GOOD.slice(at + piece.length));
    }),
  );
});

test.run();
