import * as assert from 'uvu/assert';
import { fromHex, toHex } from '../../../src/base/bytes.ts';
import { extendedInquiry } from '../../../src/scsi/vpd-extended-inquiry.ts';
import { suite } from '../../support/suite.ts';
import { NEXUS, ask, deviceOf, freshDeviceOf, raw } from './device-under-test.ts';

const inquiry = suite('simulator: INQUIRY');

const HP_STANDARD =
  '0d0005021f000002' + // enclosure, SPC-3, format 2, 31 bytes more, CMDQUE
  '4850202020202020' + // HP
  '485020534153204558502043617264' + // HP SAS EXP Card
  '20' +
  '4f4c4420'; // OLD

inquiry('shows vendor, product and revision in 36 bytes', () => {
  assert.is(ask(deviceOf('hp-sas-expander'), [0x12, 0, 0, 0, 36, 0], 36), HP_STANDARD);
});

inquiry('cuts the answer at the allocation length and at the buffer, and tells the residual', () => {
  const device = deviceOf('hp-sas-expander');
  assert.is(ask(device, [0x12, 0, 0, 0, 5, 0], 36), HP_STANDARD.slice(0, 10));
  const { dataIn, residualBytes } = device.execute(raw([0x12, 0, 0, 0, 252, 0], 252), NEXUS);
  assert.is(dataIn.length, 36);
  assert.is(residualBytes, 216);
});

inquiry('lists its VPD pages', () => {
  assert.is(ask(deviceOf('hp-sas-expander'), [0x12, 1, 0, 0, 252, 0], 252), '0d000003008083');
  assert.is(ask(deviceOf('disk'), [0x12, 1, 0, 0, 252, 0], 252), '0000000400808386');
});

inquiry('answers pages 80h and 83h', () => {
  const device = deviceOf('hp-sas-expander');
  assert.is(ask(device, [0x12, 1, 0x80, 0, 252, 0], 252), `0d80000a${toHex(Buffer.from('LAB0000001'))}`);
  assert.is(
    ask(device, [0x12, 1, 0x83, 0, 252, 0], 252),
    '0d830018' + '01030008' + '50014380ab000000' + '61930008' + '50014380ab000000',
  );
});

inquiry('shows the address of the port that was asked', () => {
  const device = deviceOf('hp-sas-expander');
  device.ports.set(NEXUS, '50014380ab000001');
  device.ports.set('7:0:0:0', '50014380ab000002');
  const page = (nexus: string): string => ask(device, [0x12, 1, 0x83, 0, 252, 0], 252, nexus);
  assert.is(page(NEXUS).slice(-16), '50014380ab000001');
  assert.is(page('7:0:0:0').slice(-16), '50014380ab000002');
  assert.is(page('7:0:0:0').slice(0, 32), page(NEXUS).slice(0, 32));
});

inquiry('says in page 86h when microcode becomes active and which modes there are', () => {
  const pageOf = (name: 'disk' | 'disk-hard-reset') =>
    extendedInquiry.decode(fromHex(ask(deviceOf(name), [0x12, 1, 0x86, 0, 252, 0], 252)));
  assert.is(pageOf('disk').activateMicrocode, 1);
  assert.is(pageOf('disk-hard-reset').activateMicrocode, 2);
  const { powerOnActivation, hardResetActivation, vendorEventActivation, downloadModes } = pageOf('disk');
  assert.equal([powerOnActivation, hardResetActivation, vendorEventActivation], [true, true, false]);
  assert.equal([...(downloadModes ?? [])], [4, 5, 6, 7, 13, 14, 15]);
});

inquiry('refuses what it does not have, with the byte that is wrong', () => {
  const device = deviceOf('hp-sas-expander');
  assert.is(ask(device, [0x12, 1, 0x86, 0, 252, 0], 252), '5/24/00 byte 2', 'no such page');
  assert.is(ask(device, [0x12, 0, 0x80, 0, 252, 0], 252), '5/24/00 byte 2', 'page code without EVPD');
  assert.is(ask(device, [0x12, 2, 0, 0, 252, 0], 252), '5/24/00 byte 1', 'CMDDT is obsolete');
});

inquiry('is answered while a unit attention is pending and does not take it', () => {
  const device = freshDeviceOf('hp-sas-expander');
  device.unitAttentions.attach(NEXUS);
  assert.is(ask(device, [0x12, 0, 0, 0, 36, 0], 36), HP_STANDARD);
  assert.equal(device.unitAttentions.pending()[NEXUS], [{ asc: 0x29, ascq: 0x00 }]);
});

inquiry.run();
