import * as assert from 'uvu/assert';
import type { Libc } from '../../../src/native/libc.ts';
import { NO_PLACE_ERRNO, SgQueue } from '../../../src/transport/sg-queue.ts';
import { suite } from '../../support/suite.ts';

const EAGAIN = 11;
const ENODEV = 19;
const EINVAL = 22;
const KEEP_ORPHAN = 0x2287;
const FORCE_PACK_ID = 0x227b;
const NUM_WAITING = 0x227d;

interface Pretended {
  readonly queue: SgQueue;
  /** CDBs in the order in which the device got them. */
  readonly sent: string[];
  /** Ids of the commands that hold a place. */
  readonly held: Set<number>;
  /** Requests of ioctl with their values. */
  readonly calls: [request: number, value: number][];
  readonly sleptMs: number[];
}

interface PretendOptions {
  readonly places?: number;
  readonly errnos?: Readonly<Record<number, number>>;
  readonly writeErrno?: number;
}

/** The queue of a descriptor as sg keeps it. Each command is done at the second look. */
function pretendQueue({ places = 16, errnos = {}, writeErrno = 0 }: PretendOptions = {}): Pretended {
  const [sent, held, calls, sleptMs]: [string[], Set<number>, [number, number][], number[]] = [
    [],
    new Set(),
    [],
    [],
  ];
  const memory: Uint8Array[] = [];
  let looksSinceSent = 0;
  let unready = 1;
  const ioctl: Libc['ioctl'] = (_fd, request, argument) => {
    if (request !== NUM_WAITING) calls.push([request, argument.readInt32LE()]);
    else argument.writeInt32LE(looksSinceSent++ === 0 ? held.size - 1 : held.size);
    const errno = errnos[request] ?? 0;
    return Promise.resolve({ result: errno === 0 ? 0 : -1, errno });
  };
  const queue = new SgQueue({
    fd: 7,
    libc: { ioctl, addressOf: (bytes) => BigInt(memory.push(bytes)) },
    write: (_fd, header) => {
      if (writeErrno !== 0) return Promise.resolve(writeErrno);
      if (held.size >= places) return Promise.resolve(NO_PLACE_ERRNO);
      held.add(header.readInt32LE(48));
      const cdb = memory[Number(header.readBigUInt64LE(24)) - 1]!;
      sent.push(Buffer.from(cdb.subarray(0, header[8])).toString('hex'));
      looksSinceSent = 0;
      return Promise.resolve(0);
    },
    read: (_fd, header) => {
      if (unready-- > 0) return Promise.resolve(EAGAIN);
      return Promise.resolve(held.delete(header.readInt32LE(48)) ? 0 : EINVAL);
    },
    sleep: (ms) => {
      sleptMs.push(ms);
      return Promise.resolve();
    },
  });
  return { queue, sent, held, calls, sleptMs };
}

const test = suite('transport/sg-queue');

test('takes all places of the driver but one, with plain INQUIRYs', async () => {
  const { queue, sent, held, calls } = pretendQueue();
  await queue.leaveOneSlot();
  assert.is(held.size, 15);
  assert.equal(new Set(sent), new Set(['120000002400']));
  assert.equal(calls, [
    [KEEP_ORPHAN, 1],
    [FORCE_PACK_ID, 1],
  ]);
});

test('gives back the place of the first one, which has the buffer of the descriptor', async () => {
  const { queue, held } = pretendQueue();
  await queue.leaveOneSlot();
  const [first] = [...held].sort((a, b) => a - b);
  assert.is(first, 0x4000_0001);
});

test('sends the next one when the last one is done', async () => {
  const { queue, sent, sleptMs } = pretendQueue();
  await queue.leaveOneSlot();
  assert.is(sent.length, 16);
  assert.is(sleptMs.length, 16 + 1, 'one look in vain for each, and one at the answer of the first');
});

test('depends on no number of places, and takes none where there is no end of them', async () => {
  const four = pretendQueue({ places: 4 });
  await four.queue.leaveOneSlot();
  assert.is(four.held.size, 3);
  const endless = pretendQueue({ places: 1000 });
  await endless.queue.leaveOneSlot();
  assert.is(endless.sent.length, 64);
});

for (const [title, options] of [
  ['sends nothing to a driver that does not keep answers', { errnos: { [KEEP_ORPHAN]: EINVAL } }],
  ['sends nothing to a driver that gives any answer to a read', { errnos: { [FORCE_PACK_ID]: EINVAL } }],
  ['leaves the errno of a device that is gone to the command itself', { writeErrno: ENODEV }],
] as const) {
  test(title, async () => {
    const { queue, sent } = pretendQueue(options);
    await queue.leaveOneSlot();
    assert.equal(sent, []);
  });
}

test('waits for the answer of a command that nobody waited for', async () => {
  const { queue, held, sleptMs } = pretendQueue();
  held.add(5);
  const header = Buffer.alloc(88);
  header.writeInt32LE(5, 48);
  assert.is(await queue.fetch(header), 0);
  assert.equal(sleptMs, [1]);
  assert.is(held.size, 0);
});

test.run();
