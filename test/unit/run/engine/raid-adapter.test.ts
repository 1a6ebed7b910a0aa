import * as assert from 'uvu/assert';
import type { LabDeviceWords } from '../../../../src/generated/lab.ts';
import { suite } from '../../../support/suite.ts';
import { runLab, sentTo } from '../lab-run.ts';

const test = suite('run/raid-adapter');

type PathWords = NonNullable<LabDeviceWords['paths']>[number];

const card = (
  driver: string,
  fields: Partial<LabDeviceWords> = {},
  path: PathWords = {},
): Partial<LabDeviceWords> => ({
  ...fields,
  paths: [{ node: 'sg1', driver, ...path }],
});
/** On the adapter itself, as the SAS links of the kernel show it. */
const PLAIN: PathWords = { behind: [] };

for (const [name, device, outcome] of [
  ['hpsa, of which no links are seen', card('hpsa'), 'refused'],
  ['a plain SAS device of hpsa', card('hpsa', {}, PLAIN), 'updated'],
  ['a plain SAS device of smartpqi', card('smartpqi', {}, PLAIN), 'updated'],
  ['an array of smartpqi', card('smartpqi', { 'raid-level': 'RAID 5' }, PLAIN), 'refused'],
  ['aacraid, which shows no links', card('aacraid', { users: [] }), 'refused'],
  ['megaraid_sas, which drives RAID adapters alone', card('megaraid_sas', {}, PLAIN), 'refused'],
] as const) {
  test(`${name}: ${outcome}`, async () => {
    const end = await runLab({ devices: [device] });
    assert.is(end.outcomes, outcome, end.results[0]?.reason ?? '');
    assert.is(sentTo(end.devices[0]!).length > 0, outcome === 'updated');
    if (outcome === 'refused') assert.is(end.results[0]!.error!.code, 'raid-adapter');
  });

  test(`${name}: updated where the playbook accepts it`, async () => {
    const end = await runLab({ devices: [device], strategy: { raidAdapter: 'accepted' } });
    assert.is(end.outcomes, 'updated', end.results[0]?.reason ?? '');
  });
}

test.run();
