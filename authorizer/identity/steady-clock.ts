/** The smallest difference between the clocks that is a step or a freeze; smaller ones are their usual drift. */
const STEP_MS = 1_000;

/**
 * Creates a clock for ages and pauses, which no step of the wall clock turns back.
 *
 * The monotonic clock does not know of steps, but it may stand still while Lambda has frozen the process. The wall clock
 * counts a freeze, but it may be set. So this clock follows the monotonic one, and adds the time by which the wall clock
 * gets ahead of it. A step backwards changes nothing. A step forwards makes keys look older than they are, which is safe.
 *
 * @param wallMs - The time in milliseconds since 1970.
 * @param monotonicMs - A clock that is never set, in milliseconds from any start.
 */
export function createSteadyClock(wallMs: () => number, monotonicMs: () => number): () => number {
  let offsetMs = wallMs() - monotonicMs();
  let frozenMs = 0;
  return function nowMs() {
    const now = monotonicMs();
    const aheadMs = wallMs() - now - offsetMs;
    if (Math.abs(aheadMs) > STEP_MS) {
      offsetMs += aheadMs;
      frozenMs += Math.max(aheadMs, 0);
    }
    return now + frozenMs;
  };
}
