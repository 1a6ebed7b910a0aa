import * as assert from 'uvu/assert';
import { fromHex } from '../../src/base/bytes.ts';
import { OperationCode } from '../../src/scsi/command.ts';
import type { ScsiCommand } from '../../src/scsi/command.ts';
import { outcomeOf } from '../../src/transport/transport.ts';
import { suite } from '../support/suite.ts';
import { imageOf, play, sha256, tracesOf, wire } from './support.ts';
import { SES_ROWS, sesPlaybook } from './ses-rows.ts';
import type { SesRow } from './ses-rows.ts';
import type { Played, Trace } from './support.ts';

const traces = tracesOf('sg_ses_microcode');
const PAGE_CODE = 0x0e;

const isPage0E = ({ cdb, dataOut }: ScsiCommand): boolean =>
  cdb[0] === OperationCode.sendDiagnostic
    ? dataOut?.[0] === PAGE_CODE
    : cdb[0] === OperationCode.receiveDiagnosticResults && cdb[2] === PAGE_CODE;

/**
 * A simulated shelf on which the recorded device answers page 0Eh, and everything else is its own answer. Behind the end
 * of the recording it takes what it is sent, and its last status stays; a status of an end (10h on) was shown and is gone.
 */
function playTrace(trace: Trace, row: SesRow): Promise<Played> {
  const image = imageOf(trace);
  let lastPage = '';
  return play(sesPlaybook(row, sha256(image)), {
    image,
    device: { persona: 'ses-shelf-triple', revision: '0100' },
    isCompared: isPage0E,
    answer: ({ cdb }, count) => {
      const recorded = trace.commands[count];
      const isReading = cdb[0] === OperationCode.receiveDiagnosticResults;
      const sense = fromHex(recorded?.sense ?? '');
      if (sense.length > 0) {
        lastPage = withoutStatus(lastPage); // the refusal dropped the download
        return outcomeOf({ status: 2, sense });
      }
      if (!isReading) {
        if (count >= trace.commands.length - 1) lastPage = withoutStatus(lastPage); // complete, and not told here
        return outcomeOf();
      }
      const page = recorded?.resp ?? lastPage;
      lastPage = endsDownload(page) ? withoutStatus(page) : page;
      return outcomeOf({ dataIn: fromHex(page) });
    },
  });
}

/** Of any subenclosure: byte 2 of each 16-byte descriptor. */
function endsDownload(page: string): boolean {
  return statusPlaces(page).some((at) => Number.parseInt(page.slice(at, at + 2), 16) >= 0x10);
}

function withoutStatus(page: string): string {
  return statusPlaces(page).reduce((text, at) => `${text.slice(0, at)}0000${text.slice(at + 4)}`, page);
}

function statusPlaces(page: string): number[] {
  const descriptors = Math.floor((page.length / 2 - 8) / 16);
  return Array.from({ length: Math.max(0, descriptors) }, (_, i) => 2 * (8 + 16 * i + 2));
}

const conformance = suite('conformance with sg_ses_microcode');

conformance('has a row for every recorded run, and no other', () => {
  assert.equal(Object.keys(SES_ROWS).sort(), traces.map(({ id }) => id).sort());
});

for (const trace of traces) {
  const row = SES_ROWS[trace.id];
  if (row === undefined || row.class === 'not a download') continue;
  conformance(`${trace.id} ${row.class}: ${row.why}`, async () => {
    const { sent, verifying, result } = await playTrace(trace, row);
    const recorded = trace.commands.map(wire);
    switch (row.class) {
      case 'identical':
      case 'failed':
        assert.equal(sent, recorded);
        break;
      case 'continues':
        assert.equal(sent.slice(0, recorded.length), recorded);
        assert.ok(sent.length > recorded.length, 'goes on where the tool ended');
        break;
      case 'refused':
        assert.equal(sent, []);
    }
    assert.is(result?.outcome, row.outcome, result?.reason ?? undefined);
    assert.equal(
      verifying.map(({ cdb }) => cdb),
      row.asksOnceMore === true ? ['1c010e200000'] : [],
      'the verification sends nothing but a reading of what was not read',
    );
  });
}

conformance('pm18 goes on with all pages and without a reading between them', async () => {
  const trace = traces.find(({ id }) => id === 'pm18')!;
  const { sent } = await playTrace(trace, SES_ROWS['pm18']!);
  const rest = sent.slice(trace.commands.length).map(({ cdb }) => cdb.slice(0, 2));
  assert.is(rest.join(' '), '1c 1c 1c 1d 1d 1d');
});

conformance('pm11 and pm21 end after a minute of readings', async () => {
  for (const id of ['pm11', 'pm21']) {
    const trace = traces.find((candidate) => candidate.id === id)!;
    const { sent } = await playTrace(trace, SES_ROWS[id]!);
    const rest = sent.slice(trace.commands.length);
    assert.is(rest.length, 60);
    assert.ok(rest.every(({ cdb }) => cdb === '1c010e200000'));
  }
});

conformance('prints the table', () => {
  for (const [id, { class: name, why }] of Object.entries(SES_ROWS))
    console.log(`  ${id}  ${name.padEnd(16)}  ${why}`);
});

conformance.run();
