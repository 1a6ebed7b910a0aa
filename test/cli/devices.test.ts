import * as assert from 'uvu/assert';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runbook } from '../support/child.ts';
import { suite } from '../support/suite.ts';
import { scanned, sysfsTree } from '../support/sysfs-tree.ts';
import { fixture, runJson } from './document.ts';

const test = suite('devices');

test('without the sg driver the list is empty, and what would open a device is refused', async () => {
  const sysfs = mkdtempSync(path.join(tmpdir(), 'runbook-no-sg-'));
  mkdirSync(path.join(sysfs, 'class'));
  const text = await runbook(['devices', '--sysfs', sysfs]);
  assert.is(text.exitCode, 0);
  assert.is(text.stdout, '');
  assert.is(text.stderr, 'runbook: the sg driver is not loaded; load it with: modprobe sg\n');
  const { document, stderr } = await runJson(['devices', '--sysfs', sysfs]);
  assert.equal(document.devices, []);
  assert.match(stderr, 'the sg driver is not loaded');
  for (const words of [['devices', '--probe'], ['status'], ['status', 'sg1']]) {
    const refused = await runJson([...words, '--sysfs', sysfs]);
    assert.is(refused.exitCode, 4, words.join(' '));
    assert.is(refused.document.error?.message, 'the sg driver is not loaded', words.join(' '));
  }
});

test('a sysfs that is not mounted is told, and is not an empty list', async () => {
  const sysfs = mkdtempSync(path.join(tmpdir(), 'runbook-no-sysfs-'));
  for (const words of [['devices'], ['devices', '--probe'], ['status']]) {
    const { exitCode, document } = await runJson([...words, '--sysfs', sysfs]);
    assert.is(exitCode, 4, words.join(' '));
    assert.match(document.error?.message ?? '', `${sysfs} does not hold the kernel's sysfs`);
  }
});

test('a host without devices is an empty list, and a hint on stderr', async () => {
  const tree = sysfsTree([], []);
  try {
    const { exitCode, document, stderr } = await runJson(['devices', '--sysfs', tree.sysfsRoot]);
    assert.is(exitCode, 0);
    assert.equal(document.devices, []);
    assert.match(stderr, 'this host has no SCSI device');
  } finally {
    tree.remove();
  }
});

test('lists what sysfs knows, without opening a node', async () => {
  const tree = sysfsTree(
    [{ host: 6, procName: 'mpt3sas', sas: true, sgTablesize: '128' }],
    [
      {
        hctl: '6:0:1:0',
        attributes: { ...scanned(13, 'HP', 'HP SAS EXP Card', '2.08'), sas_address: '0x5001438000000001\n' },
        sg: 'sg1',
        endDevice: { name: 'end_device-6:0:1', address: '0x5001438000000001' },
      },
      { hctl: '6:0:0:0', attributes: scanned(0, 'ATA', 'SAMSUNG MZ7L3', '104Q'), block: 'sda' },
    ],
  );
  try {
    const { document } = await runJson(['devices', '--sysfs', tree.sysfsRoot]);
    assert.equal(
      document.devices!.map(({ hctl, vendor, product }) => [hctl, vendor, product]),
      [
        ['6:0:0:0', 'ATA', 'SAMSUNG MZ7L3'],
        ['6:0:1:0', 'HP', 'HP SAS EXP Card'],
      ],
    );
    const { stdout } = await runbook(['devices', '--sysfs', tree.sysfsRoot]);
    assert.match(
      stdout,
      /^6:0:1:0 {2}enclosure {2}HP {6}HP SAS EXP Card {2}2\.08 {2}0x5001438000000001 {2}mpt3sas {2}\/dev\/sg1 /m,
    );
    assert.match(stdout, /^6:0:0:0 {2}disk .* no sg driver {2}\/dev\/sda /m);
  } finally {
    tree.remove();
  }
});

test('--probe asks the devices too, and shows identity and download modes', async () => {
  const { stdout } = await runbook(['devices', '--probe', '--lab', fixture('three.lab.yml')]);
  assert.match(stdout, /^HCTL .* FRESH REV .* ID$/m);
  assert.match(stdout, /^6:0:0:0 .* 2\.08 {2}2\.08 .* naa\.50014380ab000000$/m);
  const { document } = await runJson(['devices', '--probe', '--lab', fixture('three.lab.yml')]);
  assert.is(document.devices!.length, 3);
});

test('a probe that no device answers tells why, lists them, and ends with 4', async () => {
  const tree = sysfsTree(
    [{ host: 6, procName: 'mpt3sas' }],
    [{ hctl: '6:0:1:0', attributes: scanned(13, 'HP', 'HP SAS EXP Card', '2.08'), sg: 'sg4093' }],
  );
  try {
    const { exitCode, stdout, stderr } = await runbook(['devices', '--probe', '--sysfs', tree.sysfsRoot]);
    assert.is(exitCode, 4);
    assert.match(stdout, /\/dev\/sg4093 .*ENOENT|\/dev\/sg4093 .*no such/i);
    assert.match(stderr, /no device could be asked: there is no such node.* \(1 device\)/);
    const { document } = await runJson(['devices', '--probe', '--sysfs', tree.sysfsRoot]);
    assert.equal(document.exit, { code: 4, name: 'REFUSED' });
    assert.is(document.error?.message.split(':')[0], 'no device could be asked');
    assert.is(document.devices?.length, 1);
  } finally {
    tree.remove();
  }
});

test('status is one document of the schema, for all enclosures and for a named one', async () => {
  const lab = ['--lab', fixture('three.lab.yml')];
  assert.is((await runJson(['status', ...lab])).document.devices!.length, 3);
  assert.is((await runJson(['status', 'sg2', ...lab])).document.devices!.length, 1);
});

test('a shelf has the name that people gave it, in the picture and in the plan of the picture', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'runbook-nickname-'));
  const lab = path.join(folder, 'shelf.lab.yml');
  const device = '{persona: ses-shelf, revision: "0100", nickname: "rack 7, top"}';
  writeFileSync(lab, `lab: v1\ndevices:\n  - ${device}\n  - {persona: ses-shelf, revision: "0100"}\n`);
  const { document } = await runJson(['devices', '--probe', '--tree', '--lab', lab]);
  const { units } = (document as unknown as { topology: { units: { nickname: string | null }[] } }).topology;
  assert.equal(
    units.map(({ nickname }) => nickname),
    ['rack 7, top', null],
  );
  const { stdout } = await runbook(['devices', '--probe', '--tree', '--lab', lab]);
  assert.match(stdout, 'rack 7, top');
});

test.run();
