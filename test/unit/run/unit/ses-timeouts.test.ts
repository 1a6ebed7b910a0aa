import * as assert from 'uvu/assert';
import type { SectionTimeouts } from '../../../../src/playbook/resolved.ts';
import { prepareSes } from '../../../../src/run/unit/ses-procedure.ts';
import { OperationCode } from '../../../../src/scsi/command.ts';
import {
  decodeReportSupportedOperationCodesCdb,
  encodeSupportedOperationCode,
} from '../../../../src/scsi/report-supported-operation-codes.ts';
import { good } from '../../../../src/simulator/answers.ts';
import type { Behavior } from '../../../../src/simulator/simulated-device.ts';
import { suite } from '../../../support/suite.ts';
import { openShelf } from '../../microcode/ses-shelf.ts';
import { sesSectionOf, WITH_ALL_FACTS } from '../ses-plays.ts';

const test = suite('run/ses-timeouts');

const HOUR_MS = 3_600_000;
const DEFAULT_MS = 2 * HOUR_MS;
const NOT_SAID: SectionTimeouts = { firstMs: null, chunkMs: null, lastMs: null, activateMs: null };

/** Time-outs of the commands that carry page 0Eh to the shelf and back, in ms. */
async function timeoutsOf(
  timeouts: SectionTimeouts,
  said: { readonly send: number; readonly receive: number } | null,
): Promise<{ readonly send: number[]; readonly receive: number[]; readonly asked: string[] }> {
  const seen = { send: [] as number[], receive: [] as number[], asked: [] as string[] };
  const watch: Behavior = ({ cdb, timeoutMs }) => {
    if (cdb[0] === OperationCode.sendDiagnostic) seen.send.push(timeoutMs);
    if (cdb[0] === OperationCode.receiveDiagnosticResults && cdb[2] === 0x0e) seen.receive.push(timeoutMs);
    return undefined;
  };
  const answer: Behavior = (command) => {
    if (command.cdb[0] !== OperationCode.maintenanceIn || said === null) return undefined;
    const { operationCode, reportingOptions } = decodeReportSupportedOperationCodesCdb(command.cdb);
    seen.asked.push(`${operationCode.toString(16)}/${reportingOptions}`);
    const recommendedSeconds = operationCode === OperationCode.sendDiagnostic ? said.send : said.receive;
    const cdbUsage = Uint8Array.from([operationCode, 0, 0, 0, 0, 0]);
    const timeouts = { commandSpecific: 0, nominalSeconds: 1, recommendedSeconds };
    return good(
      command,
      encodeSupportedOperationCode({ support: 'standard', cdbUsage, timeouts, affects: 'not-said' }),
    );
  };
  const { device } = openShelf({ persona: 'ses-shelf-deferred', front: [watch, answer] });
  const section = sesSectionOf({ mode: 'dmc_offs_defer', timeouts });
  const procedure = await prepareSes(device, section, WITH_ALL_FACTS, {
    revision: 'OLD',
    hostLimitBytes: Infinity,
  });
  if ('code' in procedure) throw new Error(procedure.message);
  const hooks = {
    unchanged: () => Promise.resolve(true),
    waitMs: 10_000,
    onProgress: () => undefined,
    onNotice: () => undefined,
    onWaiting: () => undefined,
  };
  assert.is((await procedure.download(device, hooks)).kind, 'complete');
  await procedure.activate(device, 10_000);
  return seen;
}

const unique = (values: readonly number[]): number[] => [...new Set(values)];

test('a shelf that says nothing of times gets what sg_ses_microcode waits', async () => {
  const { send, receive } = await timeoutsOf(NOT_SAID, null);
  assert.equal(unique(send), [DEFAULT_MS]);
  assert.equal(unique(receive), [60_000]);
});

test('a shelf that asks for more gets more: for its pages, their status and the activation', async () => {
  const { send, receive, asked } = await timeoutsOf(NOT_SAID, { send: 3 * 3600, receive: 300 });
  assert.equal(unique(send), [3 * HOUR_MS]);
  assert.equal(unique(receive), [300_000]);
  // Both commands are named without a service action.
  assert.equal(asked, ['1d/1', '1c/1']);
});

test('a shelf that asks for less gets no less', async () => {
  const { send, receive } = await timeoutsOf(NOT_SAID, { send: 10, receive: 1 });
  assert.equal(unique(send), [DEFAULT_MS]);
  assert.equal(unique(receive), [60_000]);
});

test('the times of the playbook stand, where the shelf does not ask for more', async () => {
  const times = { firstMs: 1000, chunkMs: 2000, lastMs: 3000, activateMs: 4000 };
  const { send } = await timeoutsOf(times, { send: 1, receive: 300 });
  assert.equal(send, [1000, 2000, 3000, 4000]);
});

test.run();
