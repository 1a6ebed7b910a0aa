// A child process for journal-kill.test.ts: appends until it is killed, and prints the number of every line that was
// acknowledged.
import { openJournal } from '../../../../src/run/records/journal.ts';
import { headerOf } from './builders.ts';
import { idOf } from '../../report/run-events.ts';

const journal = await openJournal(process.argv[2]!, headerOf(process.argv[3]!, 3));
for (let pass = 1; ; pass++) {
  await Promise.all(
    [1, 2, 3].map(async (n) => {
      const device = journal.device(idOf(n));
      await device.enter('first-chunk', { pass });
      await device.enter('progress', { doneBytes: 1 << 19, totalBytes: 1 << 20, chunk: 1, chunks: 2 });
      await device.enter('last-chunk', { pass });
      process.stdout.write(`${n} ${pass}\n`);
    }),
  );
}
