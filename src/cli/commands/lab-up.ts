import { systemClock } from '../../base/clock.ts';
import { documentOf } from '../../report/documents.ts';
import { exitOf, type Exit } from '../../run/facts/outcome.ts';
import type { ServedUnitStatus } from '../../served-lab/control.ts';
import { LabSession } from '../../served-lab/lab-session.ts';
import { LAB_ROOTS } from '../../served-lab/lab-roots.ts';
import { requireServable } from '../../served-lab/servable.ts';
import { ServedError } from '../../served-lab/served-error.ts';
import type { Answer, CommonOptions } from '../answer.ts';
import type { Io } from '../io.ts';
import { openLab } from '../lab.ts';
import { refuseHostOptions, servedFailure, unitLine } from '../served-answers.ts';

const COMMAND = 'lab up';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * `runbook lab up LAB`: the devices of a lab as /dev/sgN of this machine, until a signal or `lab down`. Says what is up as
 * soon as it is: text and JSON Lines device by device, JSON once when all are there.
 */
export async function labUp(file: string, options: CommonOptions, io: Io): Promise<Answer> {
  refuseHostOptions(options);
  try {
    return await serve(file, options, io);
  } catch (error) {
    if (!(error instanceof ServedError)) throw error;
    return servedFailure(COMMAND, error);
  }
}

async function serve(file: string, { format }: CommonOptions, io: Io): Promise<Answer> {
  const { host, lab } = await openLab(file, {});
  requireServable(lab);
  const stop = listenForStop();
  const session = await LabSession.open({
    file,
    host,
    roots: LAB_ROOTS,
    clock: systemClock,
    signal: stop.signal,
    onUnit: (unit) => {
      if (format === 'text') io.stdout.write(`${unitLine(unit)}\n`);
      if (format === 'jsonl') io.stdout.write(`${JSON.stringify({ type: 'unit-up', ...unit })}\n`);
    },
  });
  void session.downAsked.then(() => stop.request(null));
  let ready = false;
  let failures: readonly Error[];
  try {
    await session.bringUp();
    ready = !stop.signal.aborted;
    if (ready) {
      const { units } = session;
      if (format === 'json') io.stdout.write(`${JSON.stringify(upDocument(units), null, 2)}\n`);
      if (format === 'jsonl') io.stdout.write(`${JSON.stringify({ type: 'lab-up', lab: session.id })}\n`);
      if (format === 'text') io.stdout.write(`${units.length} up; ^C or runbook lab down removes them\n`);
      await Promise.race([stop.requested, session.serving]);
    }
  } finally {
    failures = await session.takeDown();
    stop.forget();
  }
  const [failure] = failures;
  if (failure !== undefined) return servedFailure(COMMAND, failure, exitOf('FAILED'));
  const exit = ready ? exitOf('OK') : stop.exit();
  return {
    exit,
    // As JSON the answer was given when the units were up.
    document:
      ready && format === 'json' ? null : documentOf('runbook.lab/1', COMMAND, exit, { body: { units: [] } }),
    text: 'all removed\n',
  };
}

function upDocument(units: readonly ServedUnitStatus[]): object {
  return documentOf('runbook.lab/1', COMMAND, 'OK', { body: { units } });
}

/** ^C, TERM and a hang-up all mean: take everything away. A second one changes nothing; the kernel needs its time. */
function listenForStop(): {
  readonly signal: AbortSignal;
  readonly requested: Promise<void>;
  readonly request: (by: NodeJS.Signals | null) => void;
  readonly exit: () => Exit;
  readonly forget: () => void;
} {
  const controller = new AbortController();
  const { signal } = controller;
  let first: NodeJS.Signals | null = null;
  const request = (by: NodeJS.Signals | null): void => {
    if (!signal.aborted) first = by;
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, request);
  return {
    signal,
    requested: new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
    request,
    exit: () => exitOf(first === null ? 'OK' : first === 'SIGINT' ? 'INTERRUPTED' : 'TERMINATED'),
    forget: () => {
      for (const name of SIGNALS) process.off(name, request);
    },
  };
}
