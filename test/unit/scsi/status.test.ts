import * as assert from 'uvu/assert';
import {
  DriverStatus,
  HostStatus,
  ScsiStatus,
  driverStatusName,
  hostStatusName,
  scsiStatusName,
} from '../../../src/scsi/status.ts';
import { suite } from '../../support/suite.ts';

const status = suite('scsi/status');

status('names all statuses of SAM', () => {
  assert.is(scsiStatusName(0x00), 'GOOD (00h)');
  assert.is(scsiStatusName(0x02), 'CHECK CONDITION (02h)');
  assert.is(scsiStatusName(0x18), 'RESERVATION CONFLICT (18h)');
  assert.is(scsiStatusName(0x28), 'TASK SET FULL (28h)');
  for (const code of Object.values(ScsiStatus)) assert.not.match(scsiStatusName(code), /unknown/);
});

status('names host adapter statuses as the kernel does', () => {
  assert.is(hostStatusName(0x03), 'DID_TIME_OUT (03h)');
  assert.is(hostStatusName(0x0b), 'DID_SOFT_ERROR (0Bh)');
  assert.is(hostStatusName(0x14), 'DID_TRANSPORT_MARGINAL (14h)');
  assert.equal(
    Object.values(HostStatus),
    Array.from({ length: 0x15 }, (_, code) => code),
  );
  for (const code of Object.values(HostStatus)) assert.not.match(hostStatusName(code), /unknown/);
});

status('looks at the low four bits of the driver status only', () => {
  assert.is(driverStatusName(0x08), 'DRIVER_SENSE (08h)');
  assert.is(driverStatusName(0x18), 'DRIVER_SENSE (08h)');
  for (const code of Object.values(DriverStatus)) assert.not.match(driverStatusName(code), /unknown/);
});

status('keeps the number of what it does not know', () => {
  assert.is(scsiStatusName(0x7e), 'unknown SCSI status 7Eh');
  assert.is(hostStatusName(0x42), 'unknown host status 42h');
  assert.is(driverStatusName(0x0f), 'unknown driver status 0Fh');
});

status.run();
