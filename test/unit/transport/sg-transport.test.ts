import * as assert from 'uvu/assert';
import { TransportError } from '../../../src/base/errors.ts';
import { OperationCode } from '../../../src/scsi/command.ts';
import type { ScsiCommand } from '../../../src/scsi/command.ts';
import { NO_PLACE_ERRNO } from '../../../src/transport/sg-queue.ts';
import { LOST_ERRNO, SgTransport } from '../../../src/transport/sg-transport.ts';
import { outcomeOf } from '../../../src/transport/transport.ts';
import { suite } from '../../support/suite.ts';
import { inquiry } from '../../support/transport-contract.ts';
import { INQUIRY_DATA, INVALID_FIELD_IN_CDB, pretendCard, pretendSg } from './pretend-sg.ts';
import type { PretendAnswer, PretendRequest } from './pretend-sg.ts';

const sg = suite('transport/sg-transport');

const writeBuffer: ScsiCommand = {
  name: 'WRITE BUFFER',
  cdb: Uint8Array.from([OperationCode.writeBuffer, 0x0e, 0, 0, 0, 0, 0, 0, 8, 0]),
  dataOut: Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]),
  dataInBytes: 0,
  timeoutMs: 300_000,
  changesDevice: true,
  decode: () => undefined,
};

const answering = (answer: PretendAnswer): SgTransport => new SgTransport(pretendSg(() => answer));

sg('gives the kernel the CDB, the caller’s own data and the time-out, with flags 0', async () => {
  const seen: PretendRequest[] = [];
  const transport = new SgTransport(
    pretendSg((request) => {
      seen.push(request);
      return {};
    }),
  );
  await transport.execute(writeBuffer);
  const { cdb, data, header } = seen[0]!;
  assert.is(Buffer.from(cdb).toString('hex'), '3b0e0000000000000800');
  assert.is(data, writeBuffer.dataOut, 'one image in memory for all devices: never copied');
  assert.is(header.readUInt32LE(40), 300_000);
  assert.is(header.readUInt32LE(44), 0, 'flags');
  assert.is(header[9], 252, 'sense buffer');
});

sg('tells all three status fields, the sense bytes and the duration', async () => {
  const answer = {
    status: 2,
    hostStatus: 0x0b,
    driverStatus: 8,
    sense: INVALID_FIELD_IN_CDB,
    residualBytes: 4,
  };
  assert.equal(
    await answering(answer).execute(writeBuffer),
    outcomeOf({
      status: 2,
      hostStatus: 0x0b,
      driverStatus: 8,
      sense: INVALID_FIELD_IN_CDB,
      residualBytes: 4,
      durationMs: 5,
    }),
  );
});

sg('has quiet fields beside an errno', async () => {
  assert.equal(await answering({ errno: 12 }).execute(inquiry(36)), outcomeOf({ errno: 12 }));
});

for (const [title, residualBytes, expectedBytes] of [
  ['a negative residual is told and nothing is cut', -8, 96],
  ['a residual larger than the buffer leaves nothing', 200, 0],
  ['a residual cuts the tail', 60, 36],
] as const) {
  sg(title, async () => {
    const outcome = await answering({ data: INQUIRY_DATA, residualBytes }).execute(inquiry(96));
    assert.is(outcome.residualBytes, residualBytes);
    assert.is(outcome.dataIn.length, expectedBytes);
  });
}

sg('zeroes the data-in buffer before each command', async () => {
  let first = true;
  const transport = new SgTransport(
    pretendSg(() => {
      const answer = first ? { data: new Uint8Array(96).fill(0xee) } : { residualBytes: 0 };
      first = false;
      return answer;
    }),
  );
  await transport.execute(inquiry(96));
  assert.equal((await transport.execute(inquiry(96))).dataIn, new Uint8Array(96));
});

sg('keeps the answers of two commands apart', async () => {
  let count = 0;
  const transport = new SgTransport(
    pretendSg(() => ({ data: Uint8Array.from([++count]), status: 2, sense: Uint8Array.of(count) })),
  );
  const first = await transport.execute(inquiry(1));
  await transport.execute(inquiry(1));
  assert.equal([...first.dataIn, ...first.sense], [1, 1]);
});

sg('is free again after a command that could not be built', async () => {
  const transport = new SgTransport(pretendSg(pretendCard));
  const tooLong = { ...inquiry(36), cdb: new Uint8Array(32) };
  await transport.execute(tooLong).then(
    () => assert.unreachable('must reject'),
    (error: unknown) => assert.instance(error, Error),
  );
  assert.is((await transport.execute(inquiry(36))).dataIn.length, 36);
});

sg('asks for a queue of one place before the first command that changes something, and once', async () => {
  const order: string[] = [];
  const transport = new SgTransport({
    ...pretendSg(({ cdb }) => {
      order.push(Buffer.from(cdb.subarray(0, 1)).toString('hex'));
      return {};
    }),
    queue: {
      leaveOneSlot: () => Promise.resolve(void order.push('queue')),
      fetch: () => Promise.reject(new Error('no command was left alone')),
    },
  });
  for (const command of [inquiry(36), writeBuffer, writeBuffer]) await transport.execute(command);
  assert.equal(order, ['12', 'queue', '3b', '3b']);
});

sg('fetches the answer of a command that the kernel was about to send again', async () => {
  let sent = 0;
  const transport = new SgTransport({
    ...pretendSg(() => (++sent === 1 ? {} : { errno: NO_PLACE_ERRNO })),
    queue: {
      leaveOneSlot: () => Promise.resolve(),
      fetch: (header) => {
        header.writeUInt8(2, 64);
        header.writeUInt16LE(0x0b, 68);
        return Promise.resolve(0);
      },
    },
  });
  await transport.execute(writeBuffer);
  const { errno, status, hostStatus } = await transport.execute(writeBuffer);
  assert.equal({ errno, status, hostStatus }, { errno: 0, status: 2, hostStatus: 0x0b });
  assert.is(sent, 2, 'not sent again');
});

sg('tells the errno when that answer cannot be had: it is not known the result of the command', async () => {
  const transport = new SgTransport({
    ...pretendSg(() => ({ errno: NO_PLACE_ERRNO })),
    queue: { leaveOneSlot: () => Promise.resolve(), fetch: () => Promise.resolve(19) },
  });
  assert.equal(await transport.execute(writeBuffer), outcomeOf({ errno: 19 }));
});

sg('sends nothing when the device was given up while its queue was made', async () => {
  const timers: (() => void)[] = [];
  let ready: () => void = () => undefined;
  const transport = new SgTransport({
    ...pretendSg(() => {
      throw new Error('nothing may be sent');
    }),
    queue: {
      leaveOneSlot: () => new Promise((resolve) => (ready = resolve)),
      fetch: () => Promise.resolve(0),
    },
    startTimer: (_ms, fire) => {
      timers.push(fire);
      return () => undefined;
    },
  });
  const answer = transport.execute(writeBuffer);
  timers[0]!();
  assert.is((await answer).errno, LOST_ERRNO);
  ready();
  await new Promise((resolve) => setImmediate(resolve));
});

interface Hung {
  readonly transport: SgTransport;
  readonly sent: () => number;
  readonly closed: readonly number[];
  readonly timers: { ms: number; fire: () => void }[];
  readonly comeBack: (answer: PretendAnswer) => void;
}

/** A device whose first command hangs until `comeBack`. */
function hung(): Hung {
  let sent = 0;
  let comeBack: (answer: PretendAnswer) => void = () => undefined;
  const timers: { ms: number; fire: () => void }[] = [];
  const parts = pretendSg(() => {
    sent++;
    return new Promise((resolve) => (comeBack = resolve));
  });
  const transport = new SgTransport({
    ...parts,
    watchdogMarginMs: 1000,
    startTimer: (ms, fire) => {
      const timer = { ms, fire };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
  });
  return {
    transport,
    timers,
    sent: () => sent,
    closed: parts.closed,
    comeBack: (answer) => comeBack(answer),
  };
}

sg('marks the device lost when a command is not back after its time-out and a margin', async () => {
  const { transport, timers, sent } = hung();
  const answer = transport.execute(writeBuffer);
  assert.is(timers[0]!.ms, 301_000);
  timers[0]!.fire();
  assert.is((await answer).errno, LOST_ERRNO);
  assert.is((await transport.execute(inquiry(36))).errno, LOST_ERRNO);
  assert.is(sent(), 1, 'nothing more was sent');
});

sg('never closes the descriptor of a lost device while the kernel has the command', async () => {
  const { transport, timers, closed, comeBack } = hung();
  const answer = transport.execute(writeBuffer);
  timers[0]!.fire();
  await answer;
  await transport.close();
  assert.equal(closed, []);
  comeBack({});
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(closed, [7]);
});

sg('a close that waits for a command ends when the device is lost', async () => {
  const { transport, timers, closed } = hung();
  const answer = transport.execute(writeBuffer);
  const close = transport.close();
  timers[0]!.fire();
  await close;
  assert.is((await answer).errno, LOST_ERRNO);
  assert.equal(closed, []);
});

sg('stops the watchdog when the command is back', async () => {
  const { transport, timers, comeBack } = hung();
  const answer = transport.execute(writeBuffer);
  comeBack({});
  await answer;
  assert.is(timers.length, 0);
});

sg('closes the descriptor once, after the command in flight', async () => {
  const { transport, closed, comeBack } = hung();
  const answer = transport.execute(writeBuffer);
  const closes = [transport.close(), transport.close()];
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(closed, []);
  comeBack({});
  await Promise.all([...closes, answer]);
  assert.equal(closed, [7]);
});

sg('says after close the command came too late', async () => {
  const { transport } = hung();
  await transport.close();
  await transport.execute(writeBuffer).then(
    () => assert.unreachable('must reject'),
    (error: unknown) => {
      assert.instance(error, TransportError);
      assert.match(String(error), '/dev/sg9: WRITE BUFFER was sent after close');
    },
  );
});

sg.run();
