/** setTimeout takes 2³¹−1 ms at most and fires at once for more. */
const LONGEST_TIMER_MS = 0x7fff_ffff;

/** Calls `fire` after a time; the function that comes back calls it off. */
export type StartTimer = (ms: number, fire: () => void) => () => void;

/**
 * Timers for one that waits for one thing at a time, thousands of times for the same few durations: making and dropping a
 * timer for each command costs more than all else that is done about it in this process. Does not keep the process alive.
 */
export function reusedTimers(): StartTimer {
  const timers = new Map<number, NodeJS.Timeout>();
  let armed: { readonly ms: number; readonly fire: () => void } | null = null;
  return (ms, fire) => {
    const mine = { ms, fire };
    armed = mine;
    const timer = timers.get(ms);
    if (timer !== undefined) timer.refresh();
    else {
      const made = setTimeout(
        () => {
          if (armed?.ms !== ms) return; // its command is back
          const due = armed;
          armed = null;
          due.fire();
        },
        Math.min(ms, LONGEST_TIMER_MS),
      );
      timers.set(ms, made.unref());
    }
    return () => {
      if (armed === mine) armed = null;
    };
  };
}
