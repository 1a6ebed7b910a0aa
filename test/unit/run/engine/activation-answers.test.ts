import * as assert from 'uvu/assert';
import { suite } from '../../../support/suite.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import type { Fault } from '../../../../src/simulator/faults.ts';
import type { SimulatedDevice } from '../../../../src/simulator/simulated-device.ts';
import { playOf } from '../builders.ts';
import { runLab } from '../lab-run.ts';
import type { LabRunEnd } from '../lab-run.ts';
import { sesPlayOf } from '../ses-plays.ts';

const test = suite('an activation that is answered with an error');

type Sense = NonNullable<Fault['sense']>;

const SENSES: Readonly<Record<string, Sense>> = {
  '5/24/00': { key: 5, asc: 0x24, ascq: 0 },
  'B/00/00': { key: 0xb, asc: 0, ascq: 0 },
  '2/04/1E': { key: 2, asc: 0x04, ascq: 0x1e },
  '6/2A/01': { key: 6, asc: 0x2a, ascq: 1 },
};

interface Case {
  readonly sense: string;
  readonly executed: boolean;
  /** It shows the target from its last chunk on. */
  readonly isStaged?: boolean;
  readonly bySes?: boolean;
}

async function activated({ sense, executed, isStaged = false, bySes = false }: Case): Promise<LabRunEnd> {
  return runLab({
    devices: [{ persona: bySes ? 'ses-shelf-deferred' : 'hp-sas-expander' }],
    plays: [
      bySes ? sesPlayOf({ mode: 'dmc_offs_defer' }, { activate: [{ step: 'activate_mc' }] }) : playOf(),
    ],
    faults: { 0: [{ when: { moment: 'activation' }, sense: SENSES[sense]!, executed }] },
    prepare: ([device]) => {
      if (isStaged) showsTargetBeforeItsActivation(device!);
    },
  });
}

function showsTargetBeforeItsActivation(device: SimulatedDevice): void {
  device.putInFront(({ cdb, dataOut }) => {
    const isWrite = cdb[0] === OperationCode.writeBuffer || cdb[0] === OperationCode.sendDiagnostic;
    if (isWrite && (dataOut?.length ?? 0) > 0) device.shownRevision = '2.10';
    return undefined;
  });
}

for (const bySes of [false, true]) {
  const how = bySes ? 'page 0Eh' : 'WRITE BUFFER';
  for (const sense of ['5/24/00', 'B/00/00', '2/04/1E', '6/2A/01']) {
    test(`${how}, ${sense}, executed: what changed with it is the proof`, async () => {
      const { results, devices } = await activated({ sense, executed: true, bySes });
      const [result] = results;
      assert.is(devices[0]!.microcode.running.revision, '2.10');
      assert.equal([result!.outcome, result!.after], ['updated', '2.10'], result!.reason ?? '');
      assert.match(result!.reason!, /runs 2\.10, despite an error on the way/);
    });
  }

  for (const sense of ['5/24/00', 'B/00/00', '2/04/1E']) {
    test(`${how}, ${sense}, not executed: the old revision stays what it is`, async () => {
      const { results, devices } = await activated({ sense, executed: false, bySes });
      assert.is(devices[0]!.microcode.running.revision, '2.08');
      assert.ok(['failed', 'pending'].includes(results[0]!.outcome), results[0]!.outcome);
    });
  }

  test(`${how}: where the target was shown before the activation, it proves nothing`, async () => {
    for (const sense of ['5/24/00', '2/04/1E']) {
      const { results } = await activated({ sense, executed: false, isStaged: true, bySes });
      assert.ok(['failed', 'pending', 'unverified'].includes(results[0]!.outcome), results[0]!.outcome);
    }
  });
}

test.run();
