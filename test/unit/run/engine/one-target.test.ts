import * as assert from 'uvu/assert';
import type { Host } from '../../../../src/host/host.ts';
import type { LabDeviceWords } from '../../../../src/generated/lab.ts';
import { suite } from '../../../support/suite.ts';
import { playOf, sectionOf } from '../builders.ts';
import { runLab, sentTo } from '../lab-run.ts';
import type { LabRun, LabRunEnd } from '../lab-run.ts';

const test = suite('run/one-target');

const DISK = { type: 'disk', deviceType: 0x00, vendor: 'LAB', product: 'DISK' } as const;
const TAPE = { type: 'tape', deviceType: 0x01, vendor: 'LAB', product: 'TAPE' } as const;

const disks = (fields: Omit<LabRun, 'devices'>, ...devices: Partial<LabDeviceWords>[]): Promise<LabRunEnd> =>
  runLab({
    devices,
    plays: [playOf({ match: DISK, download: [sectionOf({ mode: 'dmc_offs_save' })], activate: [] })],
    ...fields,
  });
const written = ({ devices }: LabRunEnd): boolean[] => devices.map((device) => sentTo(device).length > 0);

test('a disk with two actuators is written once; the other unit is looked at afterwards, and moved', async () => {
  const persona = 'disk-two-actuators';
  const end = await disks(
    { strategy: { concurrent: 4 } },
    { persona, node: 'sg0', serial: 'ACT1' },
    { persona, node: 'sg1', serial: 'ACT1', 'target-of': 'sg0' },
    { persona, node: 'sg2', serial: 'ACT2' },
    { persona, node: 'sg3', serial: 'ACT2', 'target-of': 'sg2' },
  );
  assert.is(end.outcomes, 'updated current updated current');
  assert.equal(written(end), [true, false, true, false]);
  assert.equal(
    end.results.map(({ after }) => after),
    ['2.10', '2.10', '2.10', '2.10'],
  );
  assert.is(end.exit.code, 0);
});

test('a unit that shares the microcode, and is not selected, is looked at behind the verdict: that it moved is told', async () => {
  const persona = 'disk-two-actuators';
  const end = await disks(
    { only: ['sg0'] },
    { persona, node: 'sg0', serial: 'ACT1' },
    { persona, node: 'sg1', serial: 'ACT1', 'target-of': 'sg0' },
    { persona, node: 'sg2', serial: 'ACT2' },
  );
  assert.is(end.outcomes, 'updated');
  assert.equal(written(end), [true, false, false]);
  const other = end.devices[1]!.identity.naa;
  assert.is(
    end.results[0]!.reason,
    `naa.${other}, which shares its microcode, shows 2.10 now, and showed 2.08 before`,
  );
  // It never moves on its own, and that is not a fault.
  const still = await disks(
    { only: ['sg0'] },
    { persona: 'disk', node: 'sg0', serial: 'SAME' },
    { persona: 'disk', node: 'sg1', serial: 'SAME', 'target-of': 'sg0' },
  );
  assert.is(still.outcomes, 'updated');
  assert.is(still.results[0]!.reason, null);
});

test('one serial number at one target is one microcode; that the other unit did not move is not a fault', async () => {
  const persona = 'disk';
  const end = await disks(
    {},
    { persona, node: 'sg0', serial: 'SAME' },
    { persona, node: 'sg1', serial: 'SAME', 'target-of': 'sg0' },
  );
  assert.is(end.outcomes, 'updated skipped');
  assert.equal(written(end), [true, false]);
  assert.is(end.results[1]!.error?.code, 'shares-microcode');
  assert.is(end.exit.code, 0);
});

test('a bridge with many drives at one target: each drive is a unit of its own, one after the other', async () => {
  const persona = 'disk';
  const end = await disks(
    { strategy: { concurrent: 8 } },
    { persona, node: 'sg0' },
    ...[1, 2, 3].map((n) => ({ persona, node: `sg${n}`, 'target-of': 'sg0' })),
  );
  assert.is(end.outcomes, 'updated updated updated updated');
  assert.equal(written(end), [true, true, true, true]);
});

test('volumes of a RAID adapter at one target are many units', async () => {
  const path = { driver: 'smartpqi', behind: [] };
  const volumes = (raidAdapter: 'refuse' | 'accepted'): Promise<LabRunEnd> =>
    disks(
      { strategy: { raidAdapter } },
      { persona: 'disk', 'raid-level': 'RAID 1', paths: [{ ...path, node: 'sg0' }] },
      { persona: 'disk', 'raid-level': 'RAID 5', 'target-of': 'sg0', paths: [{ ...path, node: 'sg1' }] },
    );
  const refused = await volumes('refuse');
  assert.is(refused.outcomes, 'refused refused');
  assert.equal(written(refused), [false, false]);
  assert.is((await volumes('accepted')).outcomes, 'updated updated');
});

const library = (users: readonly string[]): Promise<LabRunEnd> =>
  runLab({
    devices: [
      { persona: 'tape', node: 'sg0', serial: 'LIB1', paths: [{ node: 'sg0', behind: [] }] },
      {
        persona: 'changer',
        'target-of': 'sg0',
        serial: 'LIB1',
        users: [...users],
        paths: [{ node: 'sg1', behind: [] }],
      },
    ],
    plays: [
      playOf({
        match: TAPE,
        download: [sectionOf({ mode: 'dmc', endWith: 'dmc_save' })],
        activate: [],
      }),
    ],
  });

test('a changer behind its tape drive is not written, and is not a second drive', async () => {
  const end = await library([]);
  assert.is(end.outcomes, 'updated');
  assert.equal(written(end), [true, false]);
});

test('who uses the changer loses it while the drive restarts', async () => {
  const end = await library(['backup']);
  assert.is(end.outcomes, 'refused');
  assert.is(end.results[0]!.error?.code, 'in-use');
  assert.equal(written(end), [false, false]);
});

/** Somebody has the changer open; `forLooks`: for so many looks. */
const libraryOpen = (
  forLooks: number,
  inUse: 'refuse' | 'accepted',
): { run: Promise<LabRunEnd>; asked: string[] } => {
  const asked: string[] = [];
  const run = runLab({
    devices: [
      { persona: 'tape', node: 'sg0' },
      { persona: 'changer', node: 'sg1', 'target-of': 'sg0' },
      { persona: 'disk', node: 'sg2' },
    ],
    plays: [
      playOf({ match: TAPE, download: [sectionOf({ mode: 'dmc', endWith: 'dmc_save' })], activate: [] }),
    ],
    strategy: { inUse },
    instead: (host): Host => {
      const openElsewhere: Host['openElsewhere'] = (devices) => {
        asked.push(devices.map(({ hctl, sgNode }) => `${hctl} ${sgNode ?? '-'}`).join(', '));
        return Promise.resolve(asked.length <= forLooks ? ['/dev/sg1 is open in mtx (99)'] : []);
      };
      return new Proxy(host, {
        get: (target, key): unknown => {
          if (key === 'openElsewhere') return openElsewhere;
          const value: unknown = Reflect.get(target, key);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      });
    },
  });
  return { run, asked };
};

test('who has another unit of the target open keeps it from being reset', async () => {
  const { run, asked } = libraryOpen(Infinity, 'refuse');
  const end = await run;
  assert.is(end.outcomes, 'refused');
  assert.is(end.results[0]!.error?.code, 'in-use');
  assert.match(end.results[0]!.reason!, 'mtx (99)');
  assert.is(asked[0], '6:0:0:0 -, 6:0:0:1 /dev/sg1', 'its own sg node is opened for us alone');
  assert.equal(written(end), [false, false, false]);
});

test("a daemon that looks for a moment is in nobody's way", async () =>
  assert.is((await libraryOpen(2, 'refuse').run).outcomes, 'updated'));

test('in-use: accepted asks nobody', async () => {
  const { run, asked } = libraryOpen(Infinity, 'accepted');
  assert.is((await run).outcomes, 'updated');
  assert.equal(asked, []);
});

test.run();
