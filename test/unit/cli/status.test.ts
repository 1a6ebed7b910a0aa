import * as assert from 'uvu/assert';
import { inProject } from '../../support/paths.ts';
import { runMain } from '../../support/run-main.ts';
import type { MainEnd } from '../../support/run-main.ts';
import { suite } from '../../support/suite.ts';
import { obeys } from '../report/schemas.ts';

const test = suite('runbook status');

const LAB = ['--lab', inProject('playbooks/ses-shelf.lab.yml')];
const status = (args: string): Promise<MainEnd> =>
  runMain(['status', ...args.split(' ').filter((word) => word !== ''), ...LAB]);

interface StatusDocument {
  readonly format: string;
  readonly exit: unknown;
  readonly devices: readonly { readonly id: string; readonly subenclosures: readonly unknown[] }[];
}

test('without a name it shows every enclosure', async () => {
  const { exitCode, out, err } = await status('');
  assert.is(exitCode, 0);
  assert.is(err, '');
  assert.match(out, /^\/dev\/sg1 {2}naa\.3000000e01000000 {2}LAB SES SHELF {2}revision 0100$/m);
  assert.is(out.match(/no download in progress \(00h\)/g)!.length, 3);
});

test('with names it shows these, in JSON as the schema says', async () => {
  const { exitCode, out } = await status('sg2 SHELF0003 --format json');
  const document = JSON.parse(out) as StatusDocument;
  obeys('report', document);
  assert.is(exitCode, 0);
  assert.equal(document.exit, { code: 0, name: 'OK' });
  assert.equal(
    document.devices.map(({ id }) => id),
    ['naa.3000000e07000000', 'naa.3000000e02000000'],
  );
});

test('a name that nobody has is a usage error', async () => {
  const { exitCode, err } = await status('sg9');
  assert.is(exitCode, 2);
  assert.match(err, 'there is no device sg9');
});

test.run();
