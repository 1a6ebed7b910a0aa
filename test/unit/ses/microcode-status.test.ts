import * as assert from 'uvu/assert';
import {
  microcodeStatusFacts,
  microcodeStatusText,
  readBufferMicrocodeStatusFacts,
} from '../../../src/ses/microcode-status.ts';
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
  assert.equal(
    codes.filter((status) => readBufferMicrocodeStatusFacts(status).keepPower),
    [0x83, 0x93],
  );
});

microcodeStatus('says each code in words, with its number', () => {
  assert.is(microcodeStatusText(0x00), 'no download in progress (00h)');
  assert.is(microcodeStatusText(0x12), 'complete, starts at power on (12h)');
  assert.match(microcodeStatusText(0x80), /field of the control page is wrong.*\(80h\)/);
  assert.match(microcodeStatusText(0x81), /error in the image/);
  assert.match(microcodeStatusText(0x82), /too long between two pages/);
  assert.match(microcodeStatusText(0x83), /new microcode is needed before/);
  assert.match(microcodeStatusText(0x84), /hard reset and power on are safe/);
  assert.match(microcodeStatusText(0x85), /activation without deferred microcode/);
  assert.is(microcodeStatusText(0x71), 'vendor specific status without error 71h (71h)');
  assert.match(microcodeStatusText(0xf3), /vendor specific error status F3h/);
  assert.match(microcodeStatusText(0x86), /unknown error status 86h/);
  assert.match(microcodeStatusText(0x05), /unknown interim status 05h/);
});

microcodeStatus('READ BUFFER mode 0Fh has its own codes beside those of page 0Eh', () => {
  for (const [own, ses] of [
    [0x21, 0x01],
    [0x22, 0x02],
    [0x23, 0x03],
    [0x90, 0x80],
    [0x91, 0x81],
    [0x92, 0x82],
    [0x93, 0x83],
    [0x94, 0x84],
    [0x95, 0x85],
  ] as const) {
    assert.equal(readBufferMicrocodeStatusFacts(own), microcodeStatusFacts(ses), own.toString(16));
  }
  assert.is(readBufferMicrocodeStatusFacts(0x30).kind, 'success');
  assert.equal(readBufferMicrocodeStatusFacts(0x31).startsAt, ['hard-reset', 'power-cycle']);
  assert.equal(readBufferMicrocodeStatusFacts(0x32).startsAt, ['power-cycle']);
  assert.equal(readBufferMicrocodeStatusFacts(0x33).startsAt, ['activation', 'hard-reset', 'power-cycle']);
  assert.equal(readBufferMicrocodeStatusFacts(0x34).startsAt, ['activation']);
  assert.match(readBufferMicrocodeStatusFacts(0x35).text, /this logical unit only/);
  assert.equal(readBufferMicrocodeStatusFacts(0x13), microcodeStatusFacts(0x13));
});

microcodeStatus.run();
