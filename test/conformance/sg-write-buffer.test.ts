import * as assert from 'uvu/assert';
import { fromHex } from '../../src/base/bytes.ts';
import { OperationCode } from '../../src/scsi/command.ts';
import { encodeFixedSense } from '../../src/scsi/sense.ts';
import { outcomeOf } from '../../src/transport/transport.ts';
import { suite } from '../support/suite.ts';
import { imageOf, play, sha256, tracesOf, wire } from './support.ts';
import type { Played, Trace } from './support.ts';
import { WRITE_BUFFER_ROWS, writeBufferPlaybook } from './write-buffer-rows.ts';
import type { WriteBufferRow } from './write-buffer-rows.ts';

const traces = tracesOf('sg_write_buffer');

/** A simulated card on which the recorded device answers the WRITE BUFFERs, and everything else is its own answer. */
function playTrace(trace: Trace, row: WriteBufferRow): Promise<Played> {
  const image = imageOf(trace);
  return play(writeBufferPlaybook(row, sha256(image)), {
    image,
    device: { persona: 'hp-sas-expander', revision: '2.08' },
    isCompared: ({ cdb }) => cdb[0] === OperationCode.writeBuffer,
    answer: (_command, count) => {
      const recorded = trace.commands[count];
      const sense = fromHex(recorded?.sense ?? '');
      return outcomeOf({ status: recorded?.status ?? (sense.length > 0 ? 2 : 0), sense });
    },
    // Vectors with an activation alone suppose an image that waits: REQUEST SENSE 0/00/22.
    beside: ({ cdb }) =>
      cdb[0] === OperationCode.requestSense && trace.commands[0]?.cdb.startsWith('3b0f') === true
        ? outcomeOf({ dataIn: encodeFixedSense({ key: 0, asc: 0x00, ascq: 0x22 }) })
        : undefined,
  });
}

const conformance = suite('conformance with sg_write_buffer');

conformance('has a row for every recorded run, and no other', () => {
  assert.equal(Object.keys(WRITE_BUFFER_ROWS).sort(), traces.map(({ id }) => id).sort());
});

for (const trace of traces) {
  const row = WRITE_BUFFER_ROWS[trace.id];
  if (row === undefined || row.class === 'not a download') continue;
  conformance(`${trace.id} ${row.class}: ${row.why}`, async () => {
    const { sent, result } = await playTrace(trace, row);
    const recorded = trace.commands.map(wire);
    switch (row.class) {
      case 'identical':
        assert.equal(sent, recorded);
        assert.is.not(result?.outcome, 'failed');
        break;
      case 'continues':
        assert.equal(sent.slice(0, recorded.length), recorded);
        assert.ok(sent.length > recorded.length, 'goes on where the tool gave up');
        break;
      case 'failed':
        assert.equal(sent, recorded);
        assert.is(result?.outcome, 'failed');
        break;
      case 'refused':
        assert.equal(sent, []);
        break;
      case 'activation alone':
        assert.equal(
          sent,
          recorded.map((command) => ({ ...command, timeout_ms: 7_200_000 })),
        );
        // The unit says that an image waits still: whatever it has answered, that is what it says now.
        if (trace.exit !== 0) assert.is(result?.outcome, 'pending');
        else assert.is.not(result?.outcome, 'failed');
    }
  });
}

conformance('prints the table', () => {
  for (const [id, { class: name, why }] of Object.entries(WRITE_BUFFER_ROWS))
    console.log(`  ${id}  ${name.padEnd(16)}  ${why}`);
});

conformance.run();
