import * as assert from 'uvu/assert';
import { OperationCode } from '../../../src/scsi/command.ts';
import { suite } from '../../support/suite.ts';
import { runShelf } from './ses-plays.ts';

const word = suite('last word of an SES shelf');

word(
  'a shelf that starts its new code when it was asked is looked at again, whatever came of the answer',
  async () => {
    for (const answer of [{ hostStatus: 3 }, { hostStatus: 0x0b }, { errno: 5 }]) {
      const { results, device } = await runShelf({
        persona: 'ses-shelf-immediate',
        section: { statusReads: 'none' },
        prepare: ([shelf]) => {
          let readings = 0;
          // Page 0Eh alone: the first reading is before the first byte.
          shelf!.putInFront((command, self, nexus) => {
            if (
              command.cdb[0] !== OperationCode.receiveDiagnosticResults ||
              command.cdb[2] !== 0x0e ||
              ++readings < 2
            )
              return undefined;
            return { ...self.perform(command, nexus), ...answer, dataIn: new Uint8Array() };
          });
        },
      });
      assert.is(device.shownRevision, '2.10');
      assert.is(results[0]!.after, '2.10', results[0]!.reason ?? '');
      assert.ok(['updated', 'degraded'].includes(results[0]!.outcome), results[0]!.outcome);
    }
  },
);

word.run();
