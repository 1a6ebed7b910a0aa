import * as assert from 'uvu/assert';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openLab } from '../../../src/cli/lab.ts';
import { HostError } from '../../../src/host/host-error.ts';
import { suite } from '../../support/suite.ts';

const test = suite('locks of labs');

test('commands that share the state of a lab lock its units against each other, in its state directory', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lab-'));
  const file = path.join(folder, 'a.lab.yml');
  writeFileSync(file, 'lab: v1\nimages: []\ndevices: [{persona: hp-sas-expander, revision: "2.08"}]\n');
  const options = { labState: path.join(folder, 'state.json'), stateDir: path.join(folder, 'state') };
  const [one, two] = [await openLab(file, options), await openLab(file, options)];
  const lock = await one.host.lock('naa.1');
  const code = await two.host
    .lock('naa.1')
    .catch((error: unknown) => error instanceof HostError && error.code);
  assert.is(code, 'locked');
  await lock.release();
  await (await two.host.lock('naa.1')).release();
  // Without a state that lasts they have nothing in common.
  const [three, four] = [await openLab(file, {}), await openLab(file, {})];
  await three.host.lock('naa.1');
  await four.host.lock('naa.1');
});

test.run();
