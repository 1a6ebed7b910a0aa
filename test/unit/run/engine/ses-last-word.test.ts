import * as assert from 'uvu/assert';
import { OperationCode } from '../../../../src/scsi/command.ts';
import { suite } from '../../../support/suite.ts';
import { runShelf } from '../ses-plays.ts';

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

/** The first reading of page 0Eh behind the download is answered in another way. */
const answerOnce =
  (executed: boolean, hostStatus = 0): NonNullable<Parameters<typeof runShelf>[0]>['prepare'] =>
  ([shelf]) => {
    let readings = 0;
    shelf!.putInFront((command, self, nexus) => {
      const isStatus = command.cdb[0] === OperationCode.receiveDiagnosticResults && command.cdb[2] === 0x0e;
      if (!isStatus || ++readings !== 2) return undefined;
      if (executed) self.perform(command, nexus);
      if (hostStatus !== 0) return { ...self.perform(command, nexus), hostStatus, dataIn: new Uint8Array() };
      return self.refuse({ key: 4, asc: 0x40, ascq: 0x80 });
    });
  };

word('a question that the shelf did not take is asked again, and its answer counts', async () => {
  const { results } = await runShelf({
    persona: 'ses-shelf',
    section: { statusReads: 'none' },
    prepare: answerOnce(false)!,
  });
  assert.is(results[0]!.outcome, 'pending', results[0]!.reason ?? '');
  assert.equal(results[0]!.pending, ['power-cycle']);
});

for (const [what, hostStatus] of [
  ['the shelf', 0],
  ['a time-out', 3],
  ['a reset of the adapter', 8],
] as const) {
  word(`an answer that was lost by ${what} is gone, and the report says not to power-cycle`, async () => {
    const { results } = await runShelf({
      persona: 'ses-shelf',
      section: { statusReads: 'none' },
      prepare: answerOnce(true, hostStatus)!,
    });
    assert.is(results[0]!.outcome, 'unverified');
    assert.match(results[0]!.error!.next, /^Do not power-cycle the device before you understand this/);
  });
}

word.run();
