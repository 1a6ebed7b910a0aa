import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { ask, deviceOf } from './device-under-test.ts';

const codes = suite('simulator: REPORT SUPPORTED OPERATION CODES and READ BUFFER');

/** RCTD and REPORTING OPTIONS, operation code, service action. */
const asked = (options: number, operationCode: number, serviceAction = 0): number[] => [
  0xa3,
  0x0c,
  options,
  operationCode,
  0,
  serviceAction,
  0,
  0,
  0x20,
  0,
  0,
  0,
];

codes('tells usage and time-outs of a WRITE BUFFER mode', () => {
  assert.is(
    ask(deviceOf('disk'), asked(0x82, 0x3b, 0x0e), 0x2000),
    '0083000a' + '3beeffffffffffffff00' + '000a' + '003c' + '00000002' + '00000078',
  );
});

codes('leaves the time-outs out where they were not asked for', () => {
  assert.is(ask(deviceOf('disk'), asked(0x02, 0x3b, 0x07), 0x2000), '0003000a3be7ffffffffffffff00');
});

codes('says "not supported" for a mode that the device does not know', () => {
  assert.is(
    ask(deviceOf('disk-last-mode'), asked(0x82, 0x3b, 0x0e), 0x2000),
    '5/20/00',
    'too old for the question',
  );
  assert.is(ask(deviceOf('disk'), asked(0x82, 0x3b, 0x1a), 0x2000), '00010000');
  assert.is(ask(deviceOf('disk'), asked(0x03, 0x28), 0x2000), '00010000');
});

codes('wants a service action exactly where there is one', () => {
  const device = deviceOf('disk');
  assert.is(ask(device, asked(0x01, 0x3b), 0x2000), '5/24/00 byte 2');
  assert.is(ask(device, asked(0x02, 0x12), 0x2000), '5/24/00 byte 2');
  assert.is(ask(device, asked(0x01, 0x12), 0x2000), '000300061201ffffff00');
  assert.is(ask(device, asked(0x03, 0x12), 0x2000), '000300061201ffffff00');
  assert.is(
    ask(device, asked(0x00, 0x12), 0x2000),
    '5/24/00 byte 2',
    'all commands: not asked for by anybody here',
  );
});

codes('knows no other service action of MAINTENANCE IN', () => {
  assert.is(ask(deviceOf('disk'), [0xa3, 0x0a, 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0], 0x2000), '5/24/00 byte 1');
});

codes('is not implemented by the HP card: 5/20/00', () => {
  assert.is(ask(deviceOf('hp-sas-expander'), asked(0x82, 0x3b, 0x0e), 0x2000), '5/20/00');
});

codes('describes a buffer, and one that does not exist by zeros', () => {
  const descriptor = (id: number): number[] => [0x3c, 0x03, id, 0, 0, 0, 0, 0, 4, 0];
  assert.is(ask(deviceOf('hp-sas-expander'), descriptor(0), 4), '00200000');
  assert.is(ask(deviceOf('hp-sas-expander'), descriptor(1), 4), '00000000');
  assert.is(ask(deviceOf('disk'), descriptor(0), 4), '00ffffff');
  const persona = { download: { ...deviceOf('disk').persona.download, offsetBoundaryExponent: 0x0c } };
  assert.is(ask(deviceOf('disk', { persona }), descriptor(0), 4), '0cffffff');
});

codes('reads nothing else from a buffer', () => {
  assert.is(ask(deviceOf('disk'), [0x3c, 0x02, 0, 0, 0, 0, 0, 0, 4, 0], 4), '5/24/00 byte 1');
});

codes.run();
