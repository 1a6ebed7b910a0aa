import * as assert from 'uvu/assert';
import { suite } from '../../support/suite.ts';
import { runBundled } from './bundled.ts';

const libc = suite('native/libc');

/** SigBlk of a thread with everything blocked that can be: not KILL, STOP, and the two that libc keeps for itself. */
const EVERYTHING = 'fffffffe7ffbfeff';

libc(
  'starts as many threads as asked for, all signals blocked in each and not in the main thread',
  async () => {
    const { threads, signalsBlocked, masks, main, limit } = await runBundled<{
      threads: number;
      signalsBlocked: boolean;
      masks: string[];
      main: string;
      limit: number;
    }>(
      `const maskOf = (task) => /SigBlk:\\s*(\\w+)/.exec(fs.readFileSync('/proc/self/task/' + task + '/status', 'latin1'))[1];
     const known = fs.readdirSync('/proc/self/task');
     void loadLibc().then(({ pool }) => {
       const masks = fs.readdirSync('/proc/self/task').filter((task) => !known.includes(task)).map(maskOf);
       console.log(JSON.stringify({ ...pool, masks, main: maskOf(process.pid), limit: ioctlThreads(pool) }));
     });`,
      { env: { UV_THREADPOOL_SIZE: '40' } },
    );
    assert.is(threads, 40);
    assert.is(signalsBlocked, true);
    assert.equal(masks, Array<string>(40).fill(EVERYTHING));
    assert.is(main, '0000000000000000');
    assert.is(limit, 30, 'the rest is for files');
  },
);

libc('a signal is ignored by the whole process, until it is not any more', async () => {
  const ignored = await runBundled<string[]>(
    `const mask = () => /SigIgn:\\s*(\\w+)/.exec(fs.readFileSync('/proc/self/status', 'latin1'))[1].slice(-6);
     void loadLibc().then(({ ignoreSignal }) => {
       const before = mask();
       const undo = ignoreSignal(22);
       const meanwhile = mask();
       process.kill(process.pid, 22); // would stop it
       undo();
       console.log(JSON.stringify([before, meanwhile, mask()]));
     });`,
  );
  const bit = (mask: string): number => (Number.parseInt(mask, 16) >> 21) & 1;
  assert.equal(ignored.map(bit), [0, 1, 0]);
});

libc('starts as many threads as this machine wants', async () => {
  const { wanted, threads } = await runBundled<{ wanted: string; threads: number }>(
    `const { pool: { threads } } = startLibc();
     console.log(JSON.stringify({ wanted: process.env.UV_THREADPOOL_SIZE, threads }));`,
  );
  assert.is(threads, Number(wanted));
});

libc('says so when the pool was started by somebody else before', async () => {
  const answer = await runBundled<{ threads: number; signalsBlocked: boolean }>(
    `fs.promises.stat('/').then(loadLibc).then(({ pool }) => console.log(JSON.stringify(pool)));`,
    { env: { UV_THREADPOOL_SIZE: '7' } },
  );
  assert.equal(answer, { threads: 7, signalsBlocked: false });
});

libc('tells the errno of an ioctl that the driver does not know', async () => {
  const answer = await runBundled<unknown>(
    `const fd = fs.openSync('/dev/null', 'r+');
     void loadLibc().then(async ({ ioctl }) => {
       const header = Buffer.alloc(88);
       const answers = await Promise.all([ioctl(fd, 0x2285, header, {}), ioctl(-1, 0x2285, header, {}), ioctl(fd, 0x2285, header, {})]);
       console.log(JSON.stringify(answers));
     });`,
  );
  assert.equal(answer, [
    { result: -1, errno: 25 }, // ENOTTY
    { result: -1, errno: 9 }, // EBADF
    { result: -1, errno: 25 },
  ]);
});

libc('hands the buffer itself to the kernel', async () => {
  // TIOCGPTN writes the number of a new pseudo-terminal, the one that appears under /dev/pts.
  const { result, number, exists } = await runBundled<{ result: number; number: number; exists: boolean }>(
    `const fd = fs.openSync('/dev/ptmx', 'r+');
     void loadLibc().then(async ({ ioctl }) => {
       const answer = Buffer.alloc(4, 0xff);
       const { result } = await ioctl(fd, 0x80045430, answer, {});
       const number = answer.readUInt32LE();
       console.log(JSON.stringify({ result, number, exists: fs.existsSync('/dev/pts/' + number) }));
     });`,
  );
  assert.is(result, 0);
  assert.is(exists, true, `pts ${number}`);
});

libc('a view into a larger buffer has its own address', async () => {
  const offset = await runBundled<number>(
    `void loadLibc().then(({ addressOf }) => {
       const image = Buffer.alloc(1 << 20);
       console.log(Number(addressOf(image.subarray(4096)) - addressOf(image)));
     });`,
  );
  assert.is(offset, 4096);
});

libc('holds what an ioctl in flight points to, through garbage collection, and not longer', async () => {
  // One thread, and it reads from an empty fifo: the ioctls behind it are in flight until we write to the fifo.
  const { waiting, heldWhileWaiting, after, heldAfter } = await runBundled<Record<string, number>>(
    `const { execFileSync } = require('node:child_process');
     execFileSync('mkfifo', ['fifo']);
     const fifo = fs.openSync('fifo', 'r+');
     const target = fs.openSync('/dev/null', 'r+');
     const collect = async () => { for (let i = 0; i < 4; i++) { gc(); await new Promise((next) => setImmediate(next)); } };
     const held = (refs) => refs.filter((ref) => ref.deref() !== undefined).length;
     void loadLibc().then(async ({ ioctl }) => {
       const reading = new Promise((done) => fs.read(fifo, Buffer.alloc(1), 0, 1, null, done));
       const refs = [];
       const calls = [];
       (() => {
         for (let i = 0; i < 100; i++) {
           const argument = Buffer.alloc(88), data = Buffer.alloc(4096);
           refs.push(new WeakRef(argument), new WeakRef(data));
           calls.push(ioctl(target, 0x2285, argument, { data }).then(({ errno }) => errno));
         }
       })();
       await collect();
       const waiting = callsInFlight(), heldWhileWaiting = held(refs);
       fs.writeSync(fifo, 'x');
       await reading;
       await Promise.all(calls.splice(0));
       await collect();
       console.log(JSON.stringify({ waiting, heldWhileWaiting, after: callsInFlight(), heldAfter: held(refs) }));
     });`,
    { env: { UV_THREADPOOL_SIZE: '1' }, args: ['--expose-gc'] },
  );
  assert.equal([waiting, heldWhileWaiting], [100, 200]);
  assert.is(after, 0);
  assert.ok(heldAfter! < 20, `${heldAfter} of 200 buffers are still held`);
});

libc('rejects and holds nothing when the call cannot even be started', async () => {
  const answer = await runBundled<unknown>(
    `void loadLibc().then(async ({ ioctl }) => {
       const name = await ioctl(0, 0x2285, { not: 'a buffer' }, {}).then(() => 'resolved', (error) => error.constructor.name);
       console.log(JSON.stringify([name, callsInFlight()]));
     });`,
  );
  assert.equal(answer, ['TypeError', 0]);
});

libc('a lock keeps everybody else out until it is given back', async () => {
  const answer = await runBundled<unknown>(
    `fs.writeFileSync('lock', '');
     const [a, b] = [fs.openSync('lock', 'r'), fs.openSync('lock', 'r')];
     void loadLibc().then(({ flock }) => {
       const answers = [flock(a, 'exclusive'), flock(b, 'exclusive'), flock(a, 'unlock'), flock(b, 'exclusive')];
       console.log(JSON.stringify(answers.map(({ errno }) => errno)));
     });`,
  );
  assert.equal(answer, [0, 11, 0, 0]); // EWOULDBLOCK
});

libc('ends at once, with our exit code, while a thread hangs', async () => {
  const answer = await runBundled<{ exitCode: number }>(
    `const { execFileSync, spawnSync } = require('node:child_process');
     if (process.argv[2] === 'child') {
       execFileSync('mkfifo', ['fifo']);
       fs.read(fs.openSync('fifo', 'r+'), Buffer.alloc(1), 0, 1, null, () => undefined);
       void loadLibc().then(({ exitNow }) => exitNow(9));
     } else {
       const { status } = spawnSync(process.execPath, [__filename, 'child'], { timeout: 20000 });
       console.log(JSON.stringify({ exitCode: status }));
     }`,
  );
  assert.is(answer.exitCode, 9);
});

libc.run();
