import { createHash } from 'node:crypto';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { TransportError } from '../../../src/base/errors.ts';
import type { ScsiCommand } from '../../../src/scsi/command.ts';
import {
  answerFields,
  outcomeOfRecord,
  parseTrace,
  requestFields,
} from '../../../src/transport/trace-record.ts';
import type { TraceRecord } from '../../../src/transport/trace-record.ts';
import { recordTrace, replayTrace } from '../../../src/transport/trace.ts';
import { outcomeOf } from '../../../src/transport/transport.ts';
import type { CommandOutcome, Transport } from '../../../src/transport/transport.ts';
import { suite } from '../../support/suite.ts';
import { inquiry } from '../../support/transport-contract.ts';

const trace = suite('transport/trace');

const data = Uint8Array.from({ length: 40 }, (_, i) => i);
const chunk: ScsiCommand = {
  name: 'WRITE BUFFER (dmc_offs_defer)',
  cdb: Uint8Array.from([0x3b, 0x0e, 0, 0, 0, 0, 0, 0, 40, 0]),
  dataOut: data,
  dataInBytes: 0,
  timeoutMs: 300_000,
  changesDevice: true,
  decode: () => undefined,
};
const activate: ScsiCommand = {
  ...chunk,
  cdb: Uint8Array.from([0x3b, 0x0f, 0, 0, 0, 0, 0, 0, 0, 0]),
  dataOut: new Uint8Array(0),
};

const answering = (...outcomes: Partial<CommandOutcome>[]): Transport => ({
  execute: async () => outcomeOf(outcomes.shift() ?? {}),
  close: async () => undefined,
});

async function record(outcomes: Partial<CommandOutcome>[], ...commands: ScsiCommand[]): Promise<string[]> {
  const lines: string[] = [];
  const transport = recordTrace(answering(...outcomes), '/dev/sg1', (line) => lines.push(line));
  for (const command of commands) await transport.execute(command);
  return lines;
}

trace('records a chunk by length, SHA-256 and its first 32 bytes, never whole', async () => {
  const [line] = await record([{}], chunk);
  assert.equal(JSON.parse(line!), {
    device: '/dev/sg1',
    n: 0,
    cdb: '3b0e0000000000002800',
    dir: 'out',
    len: 40,
    timeout_ms: 300_000,
    sha256: createHash('sha256').update(data).digest('hex'),
    head: Buffer.from(data.subarray(0, 32)).toString('hex'),
  });
  assert.ok(line!.endsWith('}\n') && line!.indexOf('\n') === line!.length - 1, 'one line');
});

trace('records a command without data as direction none', async () => {
  const [, line] = await record([], chunk, activate);
  assert.equal(JSON.parse(line!), {
    device: '/dev/sg1',
    n: 1,
    cdb: '3b0f0000000000000000',
    dir: 'none',
    len: 0,
    timeout_ms: 300_000,
  });
});

trace('writes each line before the caller has the outcome', async () => {
  const lines: string[] = [];
  const transport = recordTrace(answering({}), '/dev/sg1', (line) => lines.push(line));
  const linesWhenAnswered = await transport.execute(activate).then(() => lines.length);
  assert.is(linesWhenAnswered, 1);
});

trace('does not record a command that was not sent', async () => {
  const lines: string[] = [];
  const closed: Transport = {
    execute: () => Promise.reject(new TransportError('closed', 'x')),
    close: async () => undefined,
  };
  await recordTrace(closed, 'a', (line) => lines.push(line))
    .execute(activate)
    .catch(() => undefined);
  assert.equal(lines, []);
});

trace('gives every answer back as it was, but for its duration', () => {
  const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
  fc.assert(
    fc.property(
      fc.constantFrom(chunk, activate, inquiry(96)),
      fc.record({
        errno: fc.constantFrom(0, 0, 5, 110),
        status: fc.constantFrom(0, 2, 8, 0x28),
        hostStatus: fc.constantFrom(0, 3, 0x0b),
        driverStatus: fc.constantFrom(0, 6, 8),
        sense: bytes(252),
        residualBytes: fc.integer({ min: -100, max: 100 }),
        dataIn: bytes(96),
      }),
      (command, fields) => {
        const outcome = outcomeOf(fields);
        const request = requestFields(command);
        const line = JSON.stringify({ device: 'sg1', n: 0, ...request, ...answerFields(request, outcome) });
        assert.equal(outcomeOfRecord(parseTrace(`${line}\n`)[0]!), outcome);
      },
    ),
  );
});

trace('reads the records of sg_ses_microcode: sense means driver status 8, resp means the residual', () => {
  const request = { n: 0, cdb: '1c010e200000', dir: 'in', len: 8192, timeout_ms: 60_000 } as const;
  const { residualBytes, dataIn } = outcomeOfRecord({ ...request, resp: '0e000004' });
  assert.equal([residualBytes, [...dataIn]], [8188, [0x0e, 0, 0, 4]]);
  assert.is(outcomeOfRecord({ ...request, status: 2, sense: '7000060000000000' }).driverStatus, 8);
});

trace('answers in the recorded order', async () => {
  const lines = await record(
    [{ status: 8 }, { status: 2, sense: Uint8Array.of(0x72, 6, 0x3f, 1, 0, 0, 0, 0) }],
    chunk,
    activate,
  );
  const replay = replayTrace(parseTrace(lines.join('')));
  assert.is((await replay.execute(chunk)).status, 8);
  assert.is(replay.remaining, 1);
  assert.equal([...(await replay.execute(activate)).sense], [0x72, 6, 0x3f, 1, 0, 0, 0, 0]);
  assert.is(replay.remaining, 0);
});

const recorded: TraceRecord = { n: 4, ...requestFields(chunk) };
for (const [field, sent] of [
  ['cdb', { ...chunk, cdb: Uint8Array.from([0x3b, 0x07, 0, 0, 0, 0, 0, 0, 40, 0]) }],
  ['sha256', { ...chunk, dataOut: new Uint8Array(40) }],
  ['len', { ...chunk, dataOut: data.subarray(0, 39) }],
  ['timeout_ms', { ...chunk, timeoutMs: 60_000 }],
  ['dir', { ...chunk, dataOut: new Uint8Array(0), dataInBytes: 40 }],
] as const) {
  trace(`a replayed command that differs in ${field} is a mismatch that says so`, async () => {
    await replayTrace([recorded])
      .execute(sent)
      .then(
        () => assert.unreachable('must reject'),
        (error: unknown) => {
          assert.instance(error, TransportError);
          assert.is((error as TransportError).code, 'trace-mismatch');
          assert.match(String(error), `command n 4: ${field} of`);
        },
      );
  });
}

trace('a command after the last recorded one is a mismatch', async () => {
  await replayTrace([])
    .execute(chunk)
    .then(
      () => assert.unreachable('must reject'),
      (error: unknown) => {
        assert.is((error as TransportError).code, 'trace-mismatch');
        assert.match(String(error), 'ends after 0 commands');
      },
    );
});

const good = JSON.stringify(recorded);
trace('leaves out a last line that a crash cut off, and reads a last line without its line feed', () => {
  assert.is(parseTrace(`${good}\n${good.slice(0, 30)}`).length, 1);
  assert.is(parseTrace(`${good}\n${good}`).length, 2);
  assert.is(parseTrace('').length, 0);
});

for (const [what, line] of [
  ['is not JSON', '{'],
  ['is not an object', '[]'],
  ['len is not a whole number', JSON.stringify({ ...recorded, len: '40' })],
  ['status is not a whole number', JSON.stringify({ ...recorded, status: 0.5 })],
  ['cdb is not lower-case hex', JSON.stringify({ ...recorded, cdb: '3B' })],
  ['dir is not none, in or out', JSON.stringify({ ...recorded, dir: 'both' })],
] as const) {
  trace(`a line that ${what} is named by its number`, () => {
    assert.throws(
      () => parseTrace(`${good}\n${line}\n`),
      (error: unknown) => {
        return error instanceof TransportError && error.message.startsWith(`line 2 of the trace: ${what}`);
      },
    );
  });
}

trace.run();
