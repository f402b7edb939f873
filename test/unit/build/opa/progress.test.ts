import { describe, expect, it } from "vitest";
import { createGoReport } from "../../../../build/opa/go-report.ts";
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

  it("is whole on a terminal that does not know its width", () => {
    const { update, written } = report({ isTTY: true, columns: 0 });
    update("compiling: 1 of 2 packages");
    expect(written).toEqual(["\r\x1b[Kopa: compiling: 1 of 2 packages"]);
  });

  it("is a line each 30 seconds elsewhere, without control characters", () => {
    const { say, update, written, clock } = report({});
    say("compiling");
    for (clock.nowMs = 0; clock.nowMs <= 65_000; clock.nowMs += 1000) update(`${clock.nowMs / 1000} s`);
    say("ready");
    expect(written).toEqual(["opa: compiling\n", "opa: 30 s\n", "opa: 60 s\n", "opa: ready\n"]);
  });
});

describe("progress of go install", () => {
  /** Creates a report that notes what is said and what is updated. */
  function goReport(isComplete: boolean) {
    const lines: string[] = [];
    const clock = { nowMs: 0 };
    const note = (line: string) => lines.push(line);
    return { ...createGoReport({ say: note, update: note }, isComplete, () => clock.nowMs), lines, clock };
  }
  const COMPILING = "compiling OPA, which takes some minutes, the first time only";

  it("counts modules, and then packages", () => {
    const { read, tick, lines, clock } = goReport(true);
    read("go: downloading github.com/open-policy-agent/opa v1.22.2");
    clock.nowMs = 1000;
    tick();
    read("internal/byteorder");
    read("github.com/open-policy-agent/opa/v1/ast");
    clock.nowMs = 64_000;
    tick();
    expect(lines).toEqual([
      "downloading the source: 1 modules, 1 s",
      COMPILING,
      "compiling: 2 of about 770 packages, 64 s",
    ]);
  });

  it("says that go compiles as soon as go is silent, and never that it downloads for minutes", () => {
    const { read, tick, lines, clock } = goReport(false);
    read("go: downloading github.com/open-policy-agent/opa v1.22.2");
    for (clock.nowMs = 3000; clock.nowMs <= 5000; clock.nowMs += 1000) tick();
    expect(lines).toEqual([
      "downloading the source: 1 modules, 3 s",
      COMPILING,
      "compiling: 0 packages, 4 s",
      "compiling: 0 packages, 5 s",
    ]);
  });

  it("does not count go's messages", () => {
    const { read, tick, lines } = goReport(false);
    read("go: github.com/open-policy-agent/opa@v1.22.2: no such host");
    read("# golang.org/x/sys/unix");
    tick();
    expect(lines).toEqual(["downloading the source: 0 modules, 0 s"]);
  });
});
