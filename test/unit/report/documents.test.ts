import * as assert from 'uvu/assert';
import { documentSchema } from '../../../src/cli/document-schema.ts';
import { documentOf } from '../../../src/report/documents.ts';
import type { ServedUnitStatus } from '../../../src/served-lab/control.ts';
import { suite } from '../../support/suite.ts';
import { obeys } from './schemas.ts';

/** Needs a kernel to come from the program; the compiler says when a field is missing here. */
const unit: ServedUnitStatus = {
  sgNode: '/dev/sg0',
  hctl: '0:0:0:0',
  id: 'naa.50014380abc00040',
  vendor: 'HP',
  product: 'HP SAS EXP Card',
  revision: '2.08',
  serial: 'S1',
};
const lab = (command: string, body: Record<string, unknown>): object =>
  documentOf('runbook.lab/1', command, 'OK', { body });

const test = suite('documents');

test('the lab commands answer with units or with labs', () => {
  obeys('report', lab('lab up', { units: [unit] }));
  obeys('report', lab('lab power-cycle', { units: [] }));
  const status = { id: 'a', file: 'a.yml', pid: 7, up: true, units: [unit] };
  obeys('report', lab('lab status', { labs: [status, { ...status, file: null, pid: null, up: false }] }));
  obeys('report', lab('lab down', { labs: [{ id: 'a', file: null, result: 'cleaned-up' }] }));
  assert.throws(() => obeys('report', lab('lab up', {})), 'not a document');
  assert.throws(
    () => obeys('report', lab('lab down', { labs: [{ id: 'a', file: null }] })),
    'not a document',
  );
});

test('the schema of one document holds what it refers to, and no more', () => {
  const whole = {
    $schema: 's',
    definitions: {
      one: { properties: { format: { const: 'x/1' }, b: { items: { $ref: '#/definitions/b' } } } },
      b: { anyOf: [{ $ref: '#/definitions/c' }, { $ref: '#/definitions/b' }] },
      c: { type: 'string' },
      other: { properties: { format: { const: 'y/1' } } },
    },
  };
  const { b, c, one } = whole.definitions;
  assert.equal(documentSchema(whole, 'x/1'), { $schema: 's', title: 'x/1', ...one, definitions: { b, c } });
  assert.throws(() => documentSchema(whole, 'z/1'), 'no definition for z/1');
});

test.run();
