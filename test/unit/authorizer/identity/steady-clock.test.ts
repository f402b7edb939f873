import { describe, expect, it } from "vitest";
import { createSteadyClock } from "../../../../authorizer/identity/steady-clock.ts";

/** Creates a clock, and the two clocks that it reads. */
function createClocks() {
  const clocks = { wallMs: 1_700_000_000_000, monotonicMs: 5_000 };
  const nowMs = createSteadyClock(
    () => clocks.wallMs,
    () => clocks.monotonicMs,
  );
  const startMs = nowMs();
  return { clocks, elapsedMs: () => nowMs() - startMs };
}

const DAY_MS = 86_400_000;

describe("the steady clock", () => {
  it("counts what both clocks count, once", () => {
    const { clocks, elapsedMs } = createClocks();
    for (let at = 0; at < 1_000; at += 1) {
      // The wall clock ticks in whole milliseconds, and is slightly fast.
      clocks.monotonicMs += 0.3;
      clocks.wallMs = Math.floor(1_700_000_000_000 + (clocks.monotonicMs - 5_000) * 1.0001);
      elapsedMs();
    }
    expect(elapsedMs()).toBeCloseTo(300, 3);
  });

  it("counts the time in which the process was frozen and the monotonic clock stood still, in one piece or in many", () => {
    const { clocks, elapsedMs } = createClocks();
    clocks.wallMs += 3_600_000;
    expect(elapsedMs()).toBe(3_600_000);
    for (let at = 0; at < 3_600; at += 1) {
      clocks.wallMs += 1_000;
      elapsedMs();
    }
    expect(elapsedMs()).toBeGreaterThan(7_200_000 - 2_000);
    expect(elapsedMs()).toBeLessThanOrEqual(7_200_000);
  });

  it.each([-DAY_MS, -3_600_000, 2 * DAY_MS])("is never turned back by a step of %i ms", (stepMs) => {
    const { clocks, elapsedMs } = createClocks();
    clocks.wallMs += stepMs;
    const steppedMs = elapsedMs();
    expect(steppedMs).toBe(Math.max(stepMs, 0));
    clocks.wallMs -= stepMs;
    const backMs = elapsedMs();
    expect(backMs).toBeGreaterThanOrEqual(steppedMs);
    clocks.wallMs += 60_000;
    clocks.monotonicMs += 60_000;
    expect(elapsedMs()).toBe(backMs + 60_000);
  });
});
