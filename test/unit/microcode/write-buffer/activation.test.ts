import * as assert from 'uvu/assert';
import { activateMicrocode } from '../../../../src/microcode/write-buffer/activation.ts';
import { scripted } from '../../../support/scripted-transport.ts';
import type { Script } from '../../../support/scripted-transport.ts';
import { suite } from '../../../support/suite.ts';

async function activate(script: Script): Promise<{ kind: string; sent: string[] }> {
  const { device, transport } = scripted(script);
  const { kind } = await activateMicrocode(device, { timeoutMs: 7_200_000, waitMs: 10_000 });
  return { kind, sent: transport.sent };
}

const ACTIVATE = '3b0f0000000000000000';
const test = suite('microcode/activation');

for (const [answer, kind, sent] of [
  ['good', 'complete', 1],
  ['1/0B/01', 'complete', 1],
  ['0/00/16', 'complete', 1],
  // A lost answer, or a device that restarts already: the revision tells.
  ['host 3', 'unclear', 1],
  ['host 1', 'unclear', 1],
  ['host 8', 'unclear', 1],
  ['host 11', 'unclear', 1],
  ['errno 5', 'unclear', 1],
  ['errno 19', 'unclear', 1],
  ['errno 22', 'unclear', 1],
  ['B/00/00', 'unclear', 1],
  ['6/29/04', 'unclear', 1],
  ['6/3F/01', 'unclear', 1],
  ['6/3F/16', 'unclear', 1],
  // Answered like one that was not executed, and nobody knows.
  ['2/04/20', 'denied', 1],
  ['status 2', 'unclear', 1],
  ['status 64', 'unclear', 1],
  // Not executed: sent again.
  ['6/28/00', 'complete', 2],
  ['status 8', 'complete', 2],
  ['2/04/01', 'complete', 2],
  ['host 13', 'complete', 2],
  // Refused.
  ['5/2C/00', 'nothing-waited', 1],
  ['5/24/00', 'failed', 1],
  ['3/00/00', 'failed', 1],
  ['status 24', 'failed', 1],
  ['deferred 4/15/01', 'failed', 1],
  ['errno 1', 'failed', 1],
  ['4/44/00', 'frozen', 1],
] as const) {
  test(`activate_mc answered with ${answer}: ${kind}`, async () => {
    const found = await activate({ writeBuffer: [answer] });
    assert.is(found.kind, kind);
    assert.equal(
      found.sent,
      Array.from({ length: sent }, () => ACTIVATE),
    );
  });
}

test('a device that stays not ready for the activation: failed, and never endless', async () => {
  const { kind, sent } = await activate({ writeBuffer: Array.from({ length: 99 }, () => '2/04/01') });
  assert.is(kind, 'failed');
  assert.is(sent.length, 21, 'every half second for ten seconds');
});

test('a reset while waiting to activate: not sent again', async () => {
  const { kind, sent } = await activate({ writeBuffer: ['2/04/01'], testUnitReady: ['6/29/04'] });
  assert.is(kind, 'denied');
  assert.is(sent.length, 1);
});

test.run();
