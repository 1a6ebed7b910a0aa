import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { RingAnswer, RingCommand } from '../../../src/served-lab/command-ring.ts';
import { CommandRing, TaskManagement } from '../../../src/served-lab/command-ring.ts';
import { ServedError } from '../../../src/served-lab/served-error.ts';
import { suite } from '../../support/suite.ts';
import { PretendKernel, READ_LENGTH_VALID, UNKNOWN_OPERATION } from './pretend-kernel.ts';

const ring = suite('simulator/served/command-ring');

const NO_BYTES = new Uint8Array(0);
const answerOf = (fields: Partial<RingAnswer> = {}): RingAnswer => ({
  status: 0,
  sense: NO_BYTES,
  dataIn: NO_BYTES,
  ...fields,
});

/** The next entry, which must be a command. */
function nextCommand(ours: CommandRing): RingCommand {
  const entry = ours.next();
  if (entry?.kind !== 'command') throw new Error(`no command but ${entry?.kind ?? 'nothing'}`);
  return entry;
}

ring('reads a command with its data in pieces', () => {
  const kernel = new PretendKernel();
  const ours = new CommandRing(kernel.memory);
  const data = Uint8Array.from({ length: 300 }, (_, i) => i & 0xff);
  kernel.command(7, [0x3b, 0x0e, 0, 0, 0, 0, 0, 1, 0x2c, 0], [200, 60, 40], data);
  const command = nextCommand(ours);
  assert.is(command.id, 7);
  assert.equal([...command.cdb], [0x3b, 0x0e, 0, 0, 0, 0, 0, 1, 0x2c, 0]);
  assert.is(command.dataBytes, 300);
  assert.equal(ours.dataOut(command), data);
  assert.is(ours.next(), null);
});

ring('cuts the command block by its operation code', () => {
  const kernel = new PretendKernel();
  const ours = new CommandRing(kernel.memory);
  const block = Array.from({ length: 16 }, () => 0xee);
  const lengths = [0x00, 0x1d, 0x3b, 0xa0, 0x88, 0xc0].map((operationCode, id) => {
    kernel.command(id, [operationCode, ...block.slice(1)]);
    return nextCommand(ours).cdb.length;
  });
  assert.equal(lengths, [6, 6, 10, 12, 16, 10]);
  kernel.command(9, [0x7f, 0, 0, 0, 0, 0, 0, 24, ...block, ...block]);
  assert.is(nextCommand(ours).cdb.length, 32);
});

ring('puts data-in into the pieces and tells how much it was', () => {
  const kernel = new PretendKernel();
  const ours = new CommandRing(kernel.memory);
  const [first, second] = kernel.command(1, [0x12, 0, 0, 0, 96, 0], [32, 64]);
  ours.answer(nextCommand(ours), answerOf({ dataIn: new Uint8Array(36).fill(0x55) }));
  const [answer] = kernel.answers();
  assert.is(answer?.readLength, 36);
  assert.is(answer?.flags, READ_LENGTH_VALID);
  assert.ok(kernel.bytes.subarray(first, first! + 32).every((byte) => byte === 0x55));
  assert.ok(kernel.bytes.subarray(second, second! + 4).every((byte) => byte === 0x55));
  assert.ok(kernel.bytes.subarray(second! + 4, second! + 64).every((byte) => byte === 0));
  assert.is(kernel.tail, kernel.head);
});

ring('does not speak of a residual where all was moved, nor where nothing was', () => {
  const kernel = new PretendKernel();
  const ours = new CommandRing(kernel.memory);
  kernel.command(1, [0x12, 0, 0, 0, 36, 0], [36]);
  ours.answer(nextCommand(ours), answerOf({ dataIn: new Uint8Array(99) }));
  kernel.command(2, [0x3b, 0x0e, 0, 0, 0, 0, 0, 0, 8, 0], [8]);
  ours.answer(nextCommand(ours), answerOf());
  assert.equal(
    kernel.answers().map(({ flags, readLength }) => ({ flags, readLength })),
    [
      { flags: 0, readLength: 0 },
      { flags: 0, readLength: 0 },
    ],
  );
});

ring('gives status and sense, and nothing of the request behind them', () => {
  const kernel = new PretendKernel();
  const ours = new CommandRing(kernel.memory);
  kernel.command(3, [0x00, 0, 0, 0, 0, 0]);
  ours.answer(nextCommand(ours), answerOf({ status: 2, sense: Uint8Array.of(0x70, 0, 6) }));
  const [answer] = kernel.answers();
  assert.is(answer?.status, 2);
  assert.equal([...answer!.sense.subarray(0, 4)], [0x70, 0, 6, 0]);
  assert.ok(answer!.sense.subarray(3).every((byte) => byte === 0));
});

ring('tells of aborted commands and gives their entry back without an answer', () => {
  const kernel = new PretendKernel();
  const ours = new CommandRing(kernel.memory);
  kernel.command(5, [0x00, 0, 0, 0, 0, 0]);
  kernel.taskManagement(TaskManagement.abortTask, [5, 8]);
  const command = nextCommand(ours);
  assert.equal(ours.next(), { kind: 'task-management', type: 1, ids: [5, 8] });
  assert.is(kernel.tail, 0, 'a command stands before it');
  ours.answer(command, answerOf({ status: 0x40 }));
  assert.is(kernel.tail, kernel.head);
  assert.equal(
    kernel.answers().map(({ id, status }) => [id, status]),
    [[5, 0x40]],
  );
});

ring('marks an operation that it does not know and goes on', () => {
  const kernel = new PretendKernel();
  const ours = new CommandRing(kernel.memory);
  const entry = kernel.unknown();
  kernel.command(1, [0x00, 0, 0, 0, 0, 0]);
  assert.is(nextCommand(ours).id, 1);
  assert.is(kernel.bytes[entry + 7], UNKNOWN_OPERATION);
});

ring('refuses a kernel that speaks another version', () => {
  for (const kernel of [new PretendKernel({ version: 1 }), new PretendKernel({ flags: 0 })]) {
    assert.throws(
      () => new CommandRing(kernel.memory),
      (error: unknown) => error instanceof ServedError && error.code === 'kernel-refused',
    );
  }
});

ring('every answer reaches its command, in whatever order and however often the ring goes round', () => {
  const step = fc.record({
    answerIndex: fc.nat(10),
    pieces: fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 4 }),
    abort: fc.boolean(),
    keep: fc.integer({ min: 0, max: 6 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 60, maxLength: 120 }), (steps) => {
      const kernel = new PretendKernel();
      const ours = new CommandRing(kernel.memory);
      const open: RingCommand[] = [];
      const wanted: [number, number][] = [];
      for (const [id, { answerIndex, pieces, abort, keep }] of steps.entries()) {
        if (abort) kernel.taskManagement(TaskManagement.abortTask, [id]);
        const data = new Uint8Array(pieces.reduce((sum, length) => sum + length, 0)).fill(id);
        kernel.command(id, [0x3b, 0, 0, 0, 0, 0, 0, 0, 0, 0], pieces, data);
        for (let entry = ours.next(); entry !== null; entry = ours.next()) {
          if (entry.kind !== 'command') continue;
          assert.equal(ours.dataOut(entry), data);
          open.push(entry);
        }
        while (open.length > keep) {
          const [command] = open.splice(answerIndex % open.length, 1);
          wanted.push([command!.id, command!.id & 0xff]);
          ours.answer(command!, answerOf({ status: command!.id & 0xff }));
        }
        const answers = kernel.answers().map(({ id: of, status }): [number, number] => [of, status]);
        assert.equal(answers, wanted.splice(0));
      }
    }),
    { numRuns: 50 },
  );
});

ring.run();
