import type { StopSignal, StopSwitch } from '../run/facts/stop.ts';

export interface SignalOptions {
  readonly stop: StopSwitch;
  /** Told to whoever watches: an event in the picture, the log and the JSON Lines. */
  readonly tell: (signal: StopSignal, effect: string) => void;
  /** A hang-up: the terminal is gone. Before the run begins this is a no. */
  readonly onHangUp: () => void;
}

/**
 * Signals of `apply`. INT and TERM take effect between two commands, and from the first byte of a device on only after
 * its verdict; a hang-up ends nothing that has begun. Nothing here ever kills a command on the wire.
 *
 * @returns takes the listeners away again
 */
export function listenForSignals({ stop, tell, onHangUp }: SignalOptions): () => void {
  let times = 0;
  const onStop = (signal: StopSignal): void => {
    stop.request(signal);
    times++;
    tell(signal, times === 1 ? firstEffect(signal, stop.writing) : laterEffect(stop.writing));
  };
  const listeners: readonly [NodeJS.Signals, () => void][] = [
    ['SIGINT', () => onStop('SIGINT')],
    ['SIGTERM', () => onStop('SIGTERM')],
    ['SIGHUP', onHangUp],
  ];
  for (const [signal, listener] of listeners) process.on(signal, listener);
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener);
  };
}

function firstEffect(signal: StopSignal, writing: number): string {
  if (writing === 0) return `${signal}: stopping before the next device`;
  return `${signal}: no other device is started; ${inTheMiddle(writing)} finished first`;
}

/** Whoever presses ^C twice wants to be out: say what that would break, and what remains to them. */
function laterEffect(writing: number): string {
  if (writing === 0) return 'stopping; waiting for the last answer';
  return (
    `still waiting: ${inTheMiddle(writing)} finished first. A device with half an image may never start again; ` +
    'kill -KILL ends runbook, not that risk'
  );
}

/** How many devices cannot be left now. */
export function inTheMiddle(writing: number): string {
  return writing === 1
    ? '1 device is half written and will be'
    : `${writing} devices are half written and will be`;
}
