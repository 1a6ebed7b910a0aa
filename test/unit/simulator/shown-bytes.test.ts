import * as assert from 'uvu/assert';
import { standardInquiry } from '../../../src/scsi/inquiry.ts';
import { deviceIdentification } from '../../../src/scsi/vpd-device-identification.ts';
import { inquiryVpd, rawVpdPage } from '../../../src/scsi/vpd.ts';
import { showsBytes } from '../../../src/simulator/behaviors/shown-bytes.ts';
import { suite } from '../../support/suite.ts';
import { NEXUS, deviceOf } from './device-under-test.ts';

const shown = suite('simulator: bytes that a device is told to show');

const BYTES = Buffer.from('CUST7', 'latin1');

shown('a page that the device lacks is made up around them', () => {
  const device = deviceOf('hp-sas-expander');
  const ask = (): readonly [status: number, page: Uint8Array] => {
    const { status, dataIn } = device.execute(inquiryVpd(rawVpdPage(0xc0)), NEXUS);
    return [status, dataIn];
  };
  assert.is(ask()[0], 2);
  device.putInFront(showsBytes({ page: 0xc0, offset: 10, bytes: BYTES }));
  const [status, page] = ask();
  assert.is(status, 0);
  assert.equal([page[0], page[1], page[3], page.length], [0x0d, 0xc0, 11, 15]);
  assert.is(Buffer.from(page.subarray(10)).toString('latin1'), 'CUST7');
});

shown('standard data grows, and says how long it is now', () => {
  const device = deviceOf('hp-sas-expander');
  device.putInFront(showsBytes({ page: null, offset: 100, bytes: BYTES }));
  const { dataIn } = device.execute(standardInquiry(255), NEXUS);
  assert.equal([dataIn.length, dataIn[4]], [105, 100]);
  assert.is(standardInquiry().decode(dataIn).product, 'HP SAS EXP Card');
  assert.is(device.execute(standardInquiry(), NEXUS).dataIn.length, 36, 'no more than was asked for');
});

shown('behind the designators they are one more, and the unit keeps its own', () => {
  const device = deviceOf('hp-sas-expander');
  const ask = inquiryVpd(deviceIdentification);
  const { designators: before } = ask.decode(device.execute(ask, NEXUS).dataIn);
  device.putInFront(showsBytes({ page: 0x83, offset: 60, bytes: BYTES }));
  const { designators: after } = ask.decode(device.execute(ask, NEXUS).dataIn);
  assert.equal(after.slice(0, before.length), before);
  assert.is(after.length, before.length + 1);
});

shown('bytes can wait until something is so', () => {
  const device = deviceOf('hp-sas-expander');
  let so = false;
  device.putInFront(showsBytes({ page: 0xc0, offset: 4, bytes: BYTES, when: () => so }));
  const ask = inquiryVpd(rawVpdPage(0xc0));
  assert.is(device.execute(ask, NEXUS).status, 2);
  so = true;
  assert.is(device.execute(ask, NEXUS).status, 0);
});

shown.run();
