import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { VirtualClock } from '../../../src/base/clock.ts';
import { loadLabFile } from '../../../src/playbook/lab-file.ts';
import { loadPlaybook } from '../../../src/playbook/playbook.ts';
import { resolvePlaybook } from '../../../src/playbook/resolve.ts';
import { inspect } from '../../../src/run/plan/inspect.ts';
import { makePlan } from '../../../src/run/plan/plan.ts';
import { runPlan } from '../../../src/run/run.ts';
import type { RunSummary } from '../../../src/run/run.ts';
import { StopSwitch } from '../../../src/run/stop.ts';
import { createLabHost } from '../../../src/simulator/lab-host.ts';
import { labImages } from '../../../src/simulator/lab-images.ts';
import type { SimulatedHost } from '../../../src/simulator/simulated-host.ts';
import { inProject } from '../../support/paths.ts';
import { suite } from '../../support/suite.ts';

const test = suite('playbooks/ses-shelf.yml');

const read = (name: string): string => readFileSync(inProject('playbooks', name), 'utf8');

async function rehearse(): Promise<{ host: SimulatedHost; apply: () => Promise<RunSummary> }> {
  const { lab } = loadLabFile('ses-shelf.lab.yml', read('ses-shelf.lab.yml'));
  const images = await labImages(lab!, inProject('playbooks'));
  const { playbook } = loadPlaybook('ses-shelf.yml', read('ses-shelf.yml'));
  const { resolved, diagnostics } = await resolvePlaybook(playbook!, {
    directory: '/nonexistent',
    labImages: images,
  });
  assert.equal(diagnostics, []);
  const clock = new VirtualClock();
  const host = createLabHost(lab!, { images, clock });
  const apply = async (): Promise<RunSummary> =>
    runPlan(makePlan(resolved!, await inspect(host, new Set([0x0d]), clock)), {
      host,
      clock,
      emit: () => undefined,
      stop: new StopSwitch(),
      screen: { start: () => undefined, stop: () => undefined },
    });
  return { host, apply };
}

test('one shelf waits for its power cycle, one is updated, one is current: exit 6', async () => {
  const { apply } = await rehearse();
  const { results, exit } = await apply();
  assert.equal(
    results.map(({ outcome, after }) => [outcome, after]),
    [
      ['pending', '0100'],
      ['updated', '0107'],
      ['current', '0107'],
    ],
  );
  assert.equal(results[0]!.pending, ['power-cycle']);
  assert.is(exit.code, 6);
});

test('after the power cycle there is nothing left to do', async () => {
  const { apply, host } = await rehearse();
  await apply();
  host.devices[0]!.powerCycle();
  const { results, exit } = await apply();
  assert.equal(
    results.map(({ outcome }) => outcome),
    ['current', 'current', 'current'],
  );
  assert.is(exit.code, 0);
});

test.run();
