import * as assert from 'uvu/assert';
import { HostError } from '../../../../src/host/host-error.ts';
import type { Host, ProgramResult, ProgramUnit } from '../../../../src/host/host.ts';
import type { ResolvedExternalSection, ResolvedPlay } from '../../../../src/playbook/resolved.ts';
import { rehearsedProgram } from '../../../../src/simulator/rehearsed-program.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import type { SimulatedHost } from '../../../../src/simulator/simulated-host.ts';
import { suite } from '../../../support/suite.ts';
import { IMAGE, playOf, sectionOf } from '../builders.ts';
import type { PlayFields } from '../builders.ts';
import { runLab, sentTo } from '../lab-run.ts';
import type { LabRun, LabRunEnd } from '../lab-run.ts';

const test = suite('run/external');

const SECTION: ResolvedExternalSection = {
  via: 'external',
  argv: ['/usr/local/sbin/flash', '--region', '0'],
  withinMs: 600_000,
  image: IMAGE,
  sentSha256: sectionOf().sentSha256,
  source: {
    file: 'pkg.scexe',
    member: 'fw/fw.bin',
    strip: null,
    skipBytes: 0,
    lengthBytes: null,
    fill: null,
  },
};
const play = (fields: PlayFields = {}): ResolvedPlay =>
  playOf({ download: [SECTION], activate: [], ...fields });

type Program = (device: SimulatedDevice, about: ProgramUnit) => Partial<ProgramResult>;

/** The program as a function; `openNodes` are what runbook holds meanwhile. */
async function run(
  program: Program,
  rest: LabRun = {},
): Promise<
  LabRunEnd & { readonly calls: readonly { argv: readonly string[]; withinMs: number; about: ProgramUnit }[] }
> {
  const calls: { argv: readonly string[]; withinMs: number; about: ProgramUnit }[] = [];
  const instead = (host: SimulatedHost): Host =>
    new Proxy(host, {
      get: (target, key): unknown => {
        if (key === 'run') {
          return (argv: readonly string[], withinMs: number, about: ProgramUnit): Promise<ProgramResult> => {
            calls.push({ argv, withinMs, about });
            return Promise.resolve({
              exitCode: 0,
              output: '',
              timedOut: false,
              ...program(host.devices[0]!, about),
            });
          };
        }
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  return { ...(await runLab({ plays: [play()], instead, ...rest })), calls };
}

/** What the program is there for. */
const flash: Program = (device, { image }) => {
  rehearsedProgram(device, '6:0:0:0', image);
  return {};
};

test('the program is told of the unit, and the verdict is a fresh read', async () => {
  const { outcomes, calls, results, devices } = await run(flash);
  assert.is(outcomes, 'updated');
  const [call] = calls;
  assert.equal(call!.argv, SECTION.argv);
  assert.is(call!.withinMs, 600_000);
  assert.is(call!.about.image.name, 'fw.bin');
  assert.equal(call!.about.environment, {
    RUNBOOK_NODE: '/dev/sg0',
    RUNBOOK_HCTL: '6:0:0:0',
    RUNBOOK_SAS_ADDRESS: '0x50014380ab000000',
    RUNBOOK_ID: 'naa.50014380ab000000',
    RUNBOOK_SERIAL: 'LAB0000001',
    RUNBOOK_PRODUCT: 'HP SAS EXP Card',
    RUNBOOK_BEFORE: '2.08',
    RUNBOOK_TARGET: '2.10',
  });
  assert.equal(sentTo(devices[0]!), []);
  assert.is(results[0]!.bytes, 0);
});

test('the node is free while the program runs, and the lock of the unit is not', async () => {
  let lab: SimulatedHost | null = null;
  let locking: Promise<unknown> | null = null;
  let isOpen = true;
  const { outcomes } = await run(
    (device, about) => {
      locking = lab!.lock(about.environment['RUNBOOK_ID']!).catch((error: unknown) => error);
      isOpen = lab!.openNodes.includes('/dev/sg0');
      return flash(device, about);
    },
    { arrange: (_devices, host) => (lab = host) },
  );
  assert.is(outcomes, 'updated');
  assert.is(isOpen, false);
  assert.instance(await locking!, HostError);
});

test('an exit code of 0 proves nothing', async () => {
  const { results } = await run(() => ({ output: 'Success!' }));
  assert.is(results[0]!.outcome, 'unverified');
  assert.is(results[0]!.after, '2.08');
});

test('another exit code is a failure, whatever is shown', async () => {
  const staged = await run((device, about) => ({ ...flash(device, about), exitCode: 3 }));
  assert.is(staged.results[0]!.outcome, 'failed');
  assert.match(
    staged.results[0]!.reason!,
    'shows 2.10 although /usr/local/sbin/flash --region 0 ended with exit status 3: a staged or a backup image',
  );
  const failed = await run(() => ({ exitCode: 3, output: 'no such region' }));
  assert.is(failed.results[0]!.outcome, 'failed');
  assert.is(failed.results[0]!.after, '2.08');
  assert.match(failed.results[0]!.error!.message, 'exit status 3');
  assert.ok(
    failed.events.some((event) => event.type === 'notice' && event.message.endsWith('no such region')),
  );
});

test('a program that takes too long is ended, and nobody says that nothing happened', async () => {
  const { results } = await run(() => ({ timedOut: true, exitCode: 124 }));
  assert.is(results[0]!.outcome, 'failed');
  assert.match(results[0]!.reason!, 'was ended after 600 s (within), with its children');
  assert.match(results[0]!.error!.next, 'Keep the power on');
});

test('nothing is activated after an error of the program', async () => {
  const { devices, results } = await run(() => ({ exitCode: 1 }), {
    plays: [play({ activate: [{ step: 'activate_mc' }] })],
  });
  assert.equal(sentTo(devices[0]!), []);
  assert.is(results[0]!.outcome, 'failed');
});

test('activate_mc is sent where the device says that an image waits', async () => {
  const { devices, outcomes } = await run(
    (device) => {
      const [image] = device.microcode.known;
      device.microcode.waiting.set(0, { image: image!, events: new Set(['activate']), deferred: true });
      return {};
    },
    { plays: [play({ activate: [{ step: 'activate_mc' }] })] },
  );
  assert.equal(sentTo(devices[0]!), ['F@0']);
  assert.is(outcomes, 'updated');
});

test('a program that cannot be started refuses the unit: nothing was written', async () => {
  const { results } = await run(() => {
    throw new HostError('run-failed', '/usr/local/sbin/flash: cannot be started: ENOENT');
  });
  assert.is(results[0]!.outcome, 'refused');
  assert.match(results[0]!.reason!, 'cannot be started');
});

test('a unit on which an image waits already is refused before the program is started', async () => {
  const { results, calls } = await run(flash, {
    prepare: ([device]) => {
      const [image] = device!.microcode.known;
      device!.microcode.waiting.set(0, { image: image!, events: new Set(['activate']), deferred: true });
    },
  });
  assert.is(results[0]!.outcome, 'refused');
  assert.is(calls.length, 0);
});

test('start revision and identity are read again before the program is started', async () => {
  const { results, calls } = await run(flash, { prepare: ([device]) => (device!.shownRevision = '2.06') });
  assert.is(results[0]!.outcome, 'refused');
  assert.is(calls.length, 0);
});

test('a program and a section of WRITE BUFFER go in their order', async () => {
  const { outcomes, devices } = await run(() => ({}), {
    plays: [playOf({ download: [SECTION, sectionOf()] })],
  });
  assert.is(outcomes, 'updated');
  assert.equal(sentTo(devices[0]!), ['E@0', 'E@4096', 'E@8192', 'F@0']);
});

test('after an error of the program the section behind it is not sent', async () => {
  const { results, devices } = await run(() => ({ exitCode: 9 }), {
    plays: [playOf({ download: [SECTION, sectionOf()] })],
  });
  assert.equal(sentTo(devices[0]!), []);
  assert.is(results[0]!.outcome, 'failed');
  assert.match(results[0]!.reason!, 'section 1 of 2: /usr/local/sbin/flash');
});

test('on a lab the program is not executed, and its image is put into the device', async () => {
  const { outcomes, host, events } = await runLab({ plays: [play()] });
  assert.is(outcomes, 'updated');
  assert.equal(
    host.recorded.map(({ action }) => action),
    ['run'],
  );
  assert.ok(
    events.some((event) => event.type === 'notice' && event.message.includes('not executed; the lab put')),
  );
});

test('on a lab an image that no device knows changes nothing', async () => {
  const { outcomes } = await runLab({ plays: [play({ download: [{ ...SECTION, image: IMAGE.slice(1) }] })] });
  assert.is(outcomes, 'unverified');
});

test.run();
