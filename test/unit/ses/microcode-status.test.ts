import * as assert from 'uvu/assert';
import { microcodeStatusFacts, microcodeStatusText } from '../../../src/ses/microcode-status.ts';
import { suite } from '../../support/suite.ts';

const microcodeStatus = suite('ses/microcode-status');

microcodeStatus('sorts each of the 256 codes of page 0Eh by its range', () => {
  for (let status = 0; status <= 0xff; status++) {
    const { kind, text } = microcodeStatusFacts(status);
    const expected = status === 0 ? 'idle' : status < 0x10 ? 'interim' : status < 0x80 ? 'success' : 'error';
    assert.is(kind, expected, status.toString(16));
    assert.ok(text.length > 0);
  }
});

microcodeStatus('knows what makes finished microcode start', () => {
  assert.equal(microcodeStatusFacts(0x10).startsAt, []);
  assert.equal(microcodeStatusFacts(0x11).startsAt, ['hard-reset', 'power-cycle']);
  assert.equal(microcodeStatusFacts(0x12).startsAt, ['power-cycle']);
  assert.equal(microcodeStatusFacts(0x13).startsAt, ['activation', 'hard-reset', 'power-cycle']);
});

microcodeStatus('only 83h forbids to take the power away', () => {
  const codes = Array.from({ length: 256 }, (_, status) => status);
  assert.equal(
    codes.filter((status) => microcodeStatusFacts(status).keepPower),
    [0x83],
  );
});

microcodeStatus('says each code in words, with its number', () => {
  assert.is(microcodeStatusText(0x00), 'no download in progress (00h)');
  assert.is(microcodeStatusText(0x12), 'complete, starts at power on (12h)');
  assert.match(microcodeStatusText(0x80), /field of the control page is wrong.*\(80h\)/);
  assert.match(microcodeStatusText(0x81), /error in the image/);
  assert.match(microcodeStatusText(0x82), /too much time between two pages/);
  assert.match(microcodeStatusText(0x83), /new microcode is needed before/);
  assert.match(microcodeStatusText(0x84), /hard reset and power on are safe/);
  assert.match(microcodeStatusText(0x85), /activation without deferred microcode/);
  assert.is(microcodeStatusText(0x71), 'vendor specific status without error 71h (71h)');
  assert.match(microcodeStatusText(0xf3), /vendor specific error status F3h/);
  assert.match(microcodeStatusText(0x86), /unknown error status 86h/);
  assert.match(microcodeStatusText(0x05), /unknown interim status 05h/);
});

microcodeStatus.run();
