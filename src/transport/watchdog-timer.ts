/** Far below every time-out and margin. */
const TICK_MS = 1000;

/** Calls `fire` after a time; the function that comes back calls it off. */
export type StartTimer = (ms: number, fire: () => void) => () => void;

/**
 * Timers for one that waits for one thing at a time, thousands of times: a timer for each command, started or renewed, would
 * read the clock for each. Instead a tick counts, for as long as there are commands, and a time is that many ticks: late
 * by up to two of them, never early. Does not keep the process alive.
 */
export function tickingTimers(tickMs = TICK_MS): StartTimer {
  let ticks = 0;
  let armed: { readonly dueAt: number; readonly fire: () => void } | null = null;
  let timer: NodeJS.Timeout | null = null;
  const tick = (): void => {
    ticks++;
    if (armed === null) {
      clearInterval(timer!);
      timer = null;
    } else if (ticks >= armed.dueAt) {
      const due = armed;
      armed = null;
      due.fire();
    }
  };
  return (ms, fire) => {
    timer ??= setInterval(tick, tickMs).unref();
    const mine = { dueAt: ticks + Math.ceil(ms / tickMs) + 1, fire };
    armed = mine;
    return () => {
      if (armed === mine) armed = null;
    };
  };
}
