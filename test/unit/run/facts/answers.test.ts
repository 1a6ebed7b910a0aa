import { readFileSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { fromHex, shownText } from '../../../../src/base/bytes.ts';
import { VirtualClock } from '../../../../src/base/clock.ts';
import { inspect } from '../../../../src/run/facts/inspect.ts';
import { good } from '../../../../src/simulator/answers.ts';
import { PERSONAS } from '../../../../src/simulator/personas.ts';
import { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { SimulatedHost } from '../../../../src/simulator/simulated-host.ts';
import { inProject } from '../../../support/paths.ts';
import { suite } from '../../../support/suite.ts';

/* Answers of devices as bytes, and what has to be read from them. */

const test = suite('run/facts: answers from the field');

interface Row {
  readonly name: string;
  readonly answer: string;
  readonly cdb: string;
  readonly expect: Readonly<Record<string, string>>;
}

const ROWS = readFileSync(inProject('test/unit/run/facts/fixtures/answers.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

for (const { name, answer, cdb, expect } of ROWS) {
  test(name, async () => {
    const persona = PERSONAS['hp-sas-expander'];
    const device = new SimulatedDevice({
      persona,
      identity: { vendor: 'HP', product: 'HP SAS EXP Card', serial: 'S1', naa: '5001438000001007' },
      revision: '2.08',
      images: [],
      clock: new VirtualClock(),
    });
    // The same command, however long an answer it takes.
    const asked = fromHex(cdb);
    device.putInFront((command) => {
      const isSame = [0, 1, 2].every((at) => command.cdb[at] === asked[at]);
      const allocationBytes = (command.cdb[3]! << 8) | command.cdb[4]!;
      return isSame ? good(command, fromHex(answer), allocationBytes) : undefined;
    });
    const host = new SimulatedHost([{ device, hctl: '6:0:0:0', node: '/dev/sg0' }]);
    const [facts] = await inspect(host, new Set([0x0d]), new VirtualClock());
    const { identity, vendor, product, revision } = facts!;
    const read: Readonly<Record<string, unknown>> = {
      vendor,
      product,
      revision,
      serial: shownText(identity!.serialNumber!),
      logicalUnit: identity!.logicalUnit,
    };
    for (const [field, value] of Object.entries(expect)) {
      if (field !== 'why') assert.is(read[field], value, field);
    }
    assert.is(facts!.problem, null, facts!.problem?.message);
  });
}

test.run();
