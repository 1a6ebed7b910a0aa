import * as assert from 'uvu/assert';
import { OperationCode } from '../../../../src/scsi/command.ts';
import type { LockingFeature } from '../../../../src/scsi/security-protocol-in.ts';
import { answerSecurityProtocolIn } from './locked-drive.ts';
import { suite } from '../../../support/suite.ts';
import { playOf, sectionOf } from '../builders.ts';
import { runLab, sentTo, type LabRunEnd } from '../lab-run.ts';

const test = suite('run/locking');

const DISKS = playOf({
  match: { type: 'disk', deviceType: 0, vendor: 'LAB', product: 'DISK', revision: ['0001'] },
  download: [sectionOf({ mode: 'dmc_offs_save' })],
  activate: [],
});

/** A disk that says this of its locks; undefined: it does not know the command. */
const disk = (locking?: LockingFeature | null): Promise<LabRunEnd> =>
  runLab({
    devices: [{ persona: 'disk', revision: '0001' }],
    plays: [DISKS],
    prepare: ([device]) => {
      if (locking !== undefined) device!.putInFront(answerSecurityProtocolIn(locking));
    },
  });

const noticesOf = ({ events }: LabRunEnd): string =>
  JSON.stringify(events.filter(({ type }) => type === 'notice'));

test('a locked self-encrypting drive is refused with the reason, and nothing is sent', async () => {
  const end = await disk({ supported: true, enabled: true, locked: true });
  assert.is(end.outcomes, 'refused');
  assert.match(end.results[0]!.reason!, 'is a self-encrypting drive, and its data are locked');
  assert.match(end.results[0]!.error!.next, 'Unlock it');
  assert.equal(sentTo(end.devices[0]!), []);
  assert.is(end.exit.name, 'REFUSED');
});

test('one that is unlocked is updated, with a word that it locks when its power goes', async () => {
  const end = await disk({ supported: true, enabled: true, locked: false });
  assert.is(end.outcomes, 'updated');
  assert.match(noticesOf(end), 'with locking enabled: it locks its data when it loses its power');
});

test('nobody owns it, it has no locks, or it does not know the question: no word of it', async () => {
  for (const locking of [{ supported: true, enabled: false, locked: false }, null, undefined]) {
    const end = await disk(locking);
    assert.is(end.outcomes, 'updated');
    assert.not.match(noticesOf(end), 'locking');
  }
});

test('enclosures are not asked', async () => {
  const { devices } = await runLab();
  assert.not.ok(devices[0]!.log.some(({ cdb }) => cdb[0] === OperationCode.securityProtocolIn));
});

test.run();
