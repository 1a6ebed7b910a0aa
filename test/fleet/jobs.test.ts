import * as assert from 'uvu/assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fleet, fleetSuite } from './rig.ts';

const { test, it, fleet } = fleetSuite('jobs of a fleet', () => new Fleet(2));

it('ssh that is killed, and a link that is down for 40 s, in the middle of a write cost nothing', async () => {
  fleet().lab('h1', 'slow');
  const playing = fleet().upgrade('h1');
  await fleet().untilWriting('h1', playing);
  fleet().asRoot('h1', 'pkill', '-KILL', '-u', 'ops', 'sshd');
  await sleep(5000);
  fleet().link('h1', 'down');
  await sleep(40_000);
  fleet().link('h1', 'up');
  const played = await playing.end;
  assert.equal([played.exitCode, played.host('h1').exit?.code], [0, 0], played.out);
});

it('a controller that is killed and started again adopts the run; one that comes later collects its result', async () => {
  for (const name of ['h1', 'h2']) fleet().lab(name, 'slow');
  const killed = fleet().upgrade('h1,h2');
  for (const name of ['h1', 'h2']) await fleet().untilWriting(name, killed);
  killed.kill();
  await killed.end;
  const jobs = ['h1', 'h2'].map((name) => fleet().jobs(name)[0]);
  assert.equal(
    jobs.map((job) => job?.state),
    ['running', 'running'],
  );
  // The sessions of sshd as well: nothing of the login is left.
  for (const name of ['h1', 'h2']) fleet().asRoot(name, 'sh', '-c', 'pkill -KILL -u ops sshd; true');

  const adopting = await fleet().upgrade('h1').end;
  const { run, adopted, changed } = adopting.host('h1');
  assert.equal([adopting.exitCode, run, adopted, changed], [0, jobs[0]!.run, true, true], adopting.out);

  while (fleet().jobs('h2')[0]?.state === 'running') await sleep(500);
  const collecting = await fleet().upgrade('h2').end;
  const late = collecting.host('h2');
  assert.equal([late.run, late.adopted, late.changed], [jobs[1]!.run, true, true], collecting.out);
  assert.equal([...fleet().jobs('h1'), ...fleet().jobs('h2')], []);
});

it('a host whose power goes in the middle of a write: told as soon as it answers again', async () => {
  fleet().lab('h1', 'slow');
  const playing = fleet().upgrade('h1');
  await fleet().untilWriting('h1', playing);
  fleet().restart('h1');
  const played = await playing.end;
  const { failed, died, msg } = played.host('h1');
  assert.equal([failed, died], [true, 'process-gone'], played.out);
  assert.match(msg, /runbook verify/);
});

it('the deadline ends the task and not the write', async () => {
  fleet().lab('h1', 'slow');
  const first = await fleet().upgrade('h1', { deadline: 8 }).end;
  assert.equal([first.host('h1').failed, first.host('h1').running], [true, true], first.out);
  assert.is(fleet().jobs('h1')[0]?.state, 'running');
  const second = await fleet().upgrade('h1').end;
  assert.equal([second.exitCode, second.host('h1').adopted], [0, true], second.out);
});

it('a lock that another run holds: nothing is written, exit 11', async () => {
  fleet().lab('h1', 'slow');
  const words = ['--lab', '/lab/lab.yml', '--lab-state', '/lab/lab.state', '--state-dir', '/var/lib/runbook'];
  const start = ['apply', fleet().at('cards.yml'), '--yes', '--job', 'by-hand', '--detach', ...words];
  fleet().asRoot('h1', process.execPath, fleet().at('dist/runbook.cjs'), ...start);
  await fleet().untilWriting('h1');
  // It holds its lock for as long as the other one asks, however slow this machine is.
  const pid = String(fleet().jobs('h1')[0]!.pid);
  fleet().asRoot('h1', 'kill', '-STOP', pid);
  const played = await fleet().upgrade('h1').end;
  fleet().asRoot('h1', 'kill', '-CONT', pid);
  const { failed, changed, exit, msg } = played.host('h1');
  assert.equal([failed, changed, exit?.code], [true, false, 11], played.out);
  assert.match(msg, /another run is working on this unit/);
  while (fleet().jobs('h1')[0]?.state === 'running') await sleep(500);
});

test.run();
