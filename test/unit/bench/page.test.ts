import { expect, it } from "vitest";
import type { Chapter } from "../../../bench/frame/chapter.ts";
import { toPerformancePage } from "../../../bench/frame/page.ts";
import type { ChapterResult } from "../../../bench/frame/results.ts";

const CHAPTER: Chapter = {
  name: "speed",
  title: "Speed",
  asks: "How fast it is.",
  contenders: { ours: "this one" },
  measures: [{ name: "time", unit: "ms" }],
  rounds: 7,
  roundMs: 0,
  goals: ([1, 3] as const).map((limit) => ({
    what: `Time of goal ${limit}`,
    unit: "ms",
    bound: "at most",
    limit,
    of: (medianOf) => medianOf("small", "ours"),
    heldBack: `reason ${limit}`,
  })),
  meaning: (medianOf) => `Twice takes ${2 * (medianOf("small", "ours") ?? 0)} ms.`,
  async *cases() {},
};

const measured = (rounds: number): ChapterResult => ({
  ...{ date: "2026-01-31", revision: "sha256", rounds, seconds: 1 },
  machine: { cpu: "a processor", cores: 2, node: "24", opa: "1", versions: {} },
  cases: [{ name: "small", figures: { ours: { time: { median: 2, low: 1.5, high: 2.5 } } }, absent: {} }],
});

const pageOf = (rounds: number) => toPerformancePage([CHAPTER], { format: 1, chapters: { speed: measured(rounds) } });

it("says what holds back a goal that is missed, and nothing of one that is reached", () => {
  expect(
    pageOf(7)
      .split("\n")
      .filter((line) => /goal \d/.test(line)),
  ).toEqual([
    "| Time of goal 1 | at most 1 ms | 2 ms | missed |",
    "| Time of goal 3 | at most 3 ms | 2 ms | reached |",
    "- Time of goal 1: reason 1.",
  ]);
});

it("shows medians with their quartiles, and what they mean", () => {
  expect(pageOf(7)).toContain("| small | ours | 2 (1.5 to 2.5) |");
  expect(pageOf(7)).toContain("Twice takes 4 ms.");
});

it("repeats no figure that was taken once", () => {
  expect(pageOf(1)).toContain("| small | 2 |");
  expect(pageOf(1)).not.toContain("<details>");
});
