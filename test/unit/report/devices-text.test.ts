import * as assert from 'uvu/assert';
import type { AttachedDevice } from '../../../src/host/host.ts';
import { deviceEntry, devicesText } from '../../../src/report/devices-text.ts';
import { documentOf } from '../../../src/report/documents.ts';
import { noInk } from '../../../src/report/ink.ts';
import { deviceTypeName } from '../../../src/scsi/device-type.ts';
import { suite } from '../../support/suite.ts';
import { obeys } from './schemas.ts';

const CARD: AttachedDevice = {
  hctl: '6:0:1:0',
  deviceType: 13,
  vendor: 'HP',
  product: 'HP SAS EXP Card',
  revision: '2.08',
  sasAddress: '0x5001438000000001',
  hbaDriver: 'mpt3sas',
  sgNode: '/dev/sg1',
  blockNode: null,
  wwid: 'naa.5001438000000001',
  state: 'running',
  limits: { maximumTransferBytes: 524_288, scatterGatherEntries: 128 },
};
const DISK: AttachedDevice = {
  ...CARD,
  hctl: '0:0:0:0',
  deviceType: 0,
  vendor: 'ATA',
  product: 'SAMSUNG MZ7L3',
  revision: '104Q',
  sasAddress: null,
  hbaDriver: null,
  sgNode: null,
  blockNode: '/dev/sda',
  wwid: null,
  state: 'offline',
  limits: { maximumTransferBytes: null, scatterGatherEntries: null },
};
const PROBE = {
  vendor: 'HP',
  product: 'HP SAS EXP Card',
  revision: '2.10',
  id: 'naa.5001438000000001',
  serialNumber: 'S1',
  downloadModes: ['dmc_offs_defer'],
};

const test = suite('list of devices');

test('is a table like that of lsscsi, with what an update needs', () => {
  const listed = [CARD, DISK].map((attached) => ({ attached, probe: null, error: null }));
  assert.equal(devicesText(listed, false, noInk).split('\n'), [
    'HCTL     TYPE       VENDOR  PRODUCT          REV   SAS ADDRESS         DRIVER   SG NODE       BLOCK     LIMITS',
    '6:0:1:0  enclosure  HP      HP SAS EXP Card  2.08  0x5001438000000001  mpt3sas  /dev/sg1      -         512 KiB, 128 segments',
    '0:0:0:0  disk       ATA     SAMSUNG MZ7L3    104Q  -                   -        no sg driver  /dev/sda  -, offline',
    '',
  ]);
});

test('a probe shows that the scanned revision is stale', () => {
  const [header, row] = devicesText([{ attached: CARD, probe: PROBE, error: null }], true, noInk).split('\n');
  assert.match(header!, 'FRESH REV');
  assert.match(row!, '2.08  2.10 (changed)');
  assert.match(row!, /naa\.5001438000000001$/);
  assert.is(
    (deviceEntry({ attached: CARD, probe: PROBE, error: null }).probe as { revisionChanged: boolean })
      .revisionChanged,
    true,
  );
});

test('no device gives no text', () => assert.is(devicesText([], false, noInk), ''));

test('an unknown type survives as a number', () => assert.is(deviceTypeName(0x1f), 'type-31'));

test('the JSON document obeys its schema', () => {
  const devices = [
    { attached: CARD, probe: PROBE, error: null },
    { attached: DISK, probe: null, error: 'no sg node' },
  ].map(deviceEntry);
  obeys('report', documentOf('runbook.devices/1', 'devices', 'OK', { body: { devices } }));
});

test.run();
