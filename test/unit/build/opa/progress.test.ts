import { describe, expect, it } from "vitest";
import { createProgress } from "../../../../build/opa/progress.ts";

/** Creates a report on a screen of some kind, with a clock that the test sets. */
function report(screen: { readonly isTTY?: boolean; readonly columns?: number }) {
  const written: string[] = [];
  const clock = { nowMs: 0 };
  const progress = createProgress({ ...screen, write: (text) => written.push(text) }, "opa: ", () => clock.nowMs);
  return { ...progress, written, clock };
}

describe("progress", () => {
  it("is one line on a terminal, which is written again and never wraps", () => {
    const { say, update, written } = report({ isTTY: true, columns: 20 });
    say("compiling");
    update("compiling: 1");
    update("compiling: 2 of many packages");
    say("ready");
    expect(written).toEqual([
      "\r\x1b[Kopa: compiling\n",
      "\r\x1b[Kopa: compiling: 1",
      "\r\x1b[Kopa: compiling: 2 o",
      "\r\x1b[Kopa: ready\n",
    ]);
  });

  it("is a line each 30 seconds elsewhere, without control characters", () => {
    const { say, update, written, clock } = report({});
    say("compiling");
    for (clock.nowMs = 0; clock.nowMs <= 65_000; clock.nowMs += 1000) update(`${clock.nowMs / 1000} s`);
    say("ready");
    expect(written).toEqual(["opa: compiling\n", "opa: 30 s\n", "opa: 60 s\n", "opa: ready\n"]);
  });
});
