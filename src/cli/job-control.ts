import { constants } from 'node:os';
import type { StopSwitch, ToldSignal } from '../run/facts/stop.ts';
import { inTheMiddle } from './signals.ts';

export interface JobControlOptions {
  readonly stop: StopSwitch;
  readonly tell: (signal: ToldSignal, effect: string) => void;
  /** A signal that no thread takes notice of until the returned function is called; null: there is no libc to ask. */
  readonly ignore: ((signal: number) => () => void) | null;
}

/** Whether a shell and its terminal may stop this process. */
export interface JobControl {
  /** For as long as a person is asked: then nothing is on its way to a device. */
  allow(): void;
  refuse(): void;
}

const { SIGTTOU, SIGTTIN } = constants.signals;

/**
 * Stopped in the middle, a run leaves a device with half an image for as long as nobody comes back. So ^Z is answered with what
 * happens instead, and a background job goes on when it writes to its terminal (`stty tostop`) or reads from it. Nobody can refuse
 * a SIGSTOP; what then becomes of the command on its way, see transport/sg-queue.ts.
 */
export function jobControl({ stop, tell, ignore }: JobControlOptions): JobControl {
  const onStop = (): void => tell('SIGTSTP', effectOf(stop.writing));
  let undo: (() => void)[] = [];
  return {
    refuse: () => {
      if (undo.length > 0) return;
      process.on('SIGTSTP', onStop);
      undo = [() => process.off('SIGTSTP', onStop)];
      // Not heard, but ignored: the kernel lets a write pass then. A handler would have it tried, and signalled, forever.
      if (ignore !== null) undo.push(ignore(SIGTTOU), ignore(SIGTTIN));
    },
    allow: () => {
      for (const each of undo.splice(0)) each();
    },
  };
}

function effectOf(writing: number): string {
  if (writing === 0) return 'SIGTSTP ignored: commands are in flight; ^C ends the run';
  return `SIGTSTP ignored: ${inTheMiddle(writing)} finished first; after ^C no other device is started`;
}
