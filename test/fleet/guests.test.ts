import * as assert from 'uvu/assert';
import { rigProblem } from '../kernel/rig.ts';
import { Fleet, fleetSuite, whyNoFleet } from './rig.ts';

const { test, it, fleet } = fleetSuite(
  'hosts with separate kernels',
  () => Fleet.withGuests(2),
  whyNoFleet() ?? rigProblem(),
);

it('Ansible upgrades real nodes on two kernels, and nothing a second time', async () => {
  const real = { playbook: fleet().at('real/cards.yml'), lab: undefined, lab_state: undefined };
  const check = await fleet().upgrade('guests', real, '--check').end;
  assert.equal(
    [check.exitCode, check.host('g1').changed, check.host('g2').changed],
    [0, true, true],
    check.out,
  );
  const first = await fleet().upgrade('guests', real).end;
  for (const name of ['g1', 'g2']) {
    const { exit, changed, outcomes } = first.host(name);
    assert.equal([exit?.code, changed, outcomes?.['updated']?.length], [0, true, 2], first.out);
  }
  const second = await fleet().upgrade('guests', real).end;
  assert.equal(
    [second.exitCode, second.recap('g1').changed, second.recap('g2').changed],
    [0, 0, 0],
    second.out,
  );
});

test.run();
