import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { CHAPTERS } from "../../../bench/chapters.ts";
import { type Chapter, type Contender, TIMES } from "../../../bench/frame/chapter.ts";
import { formatNumber, judge } from "../../../bench/frame/figure.ts";
import { measureCase } from "../../../bench/frame/measure.ts";
import { toPerformancePage } from "../../../bench/frame/page.ts";
import { parseResults } from "../../../bench/frame/results.ts";

const CHAPTER: Chapter = {
  name: "sample",
  title: "A sample",
  asks: "How long?",
  contenders: { ours: "this", theirs: "that", others: "a third" },
  measures: TIMES,
  rounds: 3,
  roundMs: 0,
  goals: [],
  cases: async function* () {},
};

/** Creates a contender that notes when it runs. */
function contenderOf(name: string, ran: string[], answers?: Contender["answers"]): Contender {
  const run = async () => {
    ran.push(name);
    return { "wall time": ran.length, "CPU time": 1 };
  };
  return answers === undefined ? { name, run } : { name, run, answers };
}

describe("a case", () => {
  it("has its contenders take turns, and each round starts with another one", async () => {
    const ran: string[] = [];
    const contenders = ["ours", "theirs", "others"].map((name) => contenderOf(name, ran));
    const { figures } = await measureCase(CHAPTER, { name: "case", contenders });
    expect(ran.join(" ")).toBe("ours theirs others theirs others ours others ours theirs");
    expect(figures["ours"]).toEqual({
      "wall time": { median: 6, low: 1, high: 8 },
      "CPU time": { median: 1, low: 1, high: 1 },
    });
  });

  it.each([
    ["the same", ["allow", "deny"], undefined],
    ["the same where it can be asked", [undefined, "deny"], undefined],
    ["another", ["allow", "allow"], "case: theirs answers question 2 with allow, and ours with deny"],
    ["one more", ["allow", "deny", "deny"], "case: theirs answers question 3 with deny, and ours with undefined"],
    ["one less", ["allow"], "case: theirs answers 1 questions, and ours 2"],
  ])("is measured only if all contenders give the same answers: %s", async (_, theirs, error) => {
    const ran: string[] = [];
    const contenders = [
      contenderOf("ours", ran, async () => ["allow", "deny"]),
      contenderOf("theirs", ran, async () => theirs),
    ];
    const measured = measureCase(CHAPTER, { name: "case", contenders });
    expect(await measured.then(() => undefined).catch((thrown: Error) => thrown.message)).toBe(error);
    expect(ran.length > 0).toBe(error === undefined);
  });
});

describe("a goal", () => {
  const of = { what: "evaluation", unit: "µs", limit: 5 } as const;
  it.each([
    ["at most", 5, "5 µs", "reached"],
    ["at most", 5.1, "5.1 µs", "missed"],
    ["at least", 5.1, "5.1 µs", "reached"],
    ["at least", 4.9, "4.9 µs", "missed"],
    ["at most", undefined, "not measured", ""],
  ] as const)("of %s 5 µs, measured as %s", (bound, value, measured, outcome) => {
    const judged = judge({ ...of, bound, of: () => value }, () => undefined);
    expect(judged).toEqual({ what: "evaluation", goal: `${bound} 5 µs`, measured, outcome });
  });

  it("has a figure of three digits", () => {
    expect([0, 0.2137, 6.94, 63.2, 1436, 30_312, 443_218].map(formatNumber).join(" ")).toBe(
      "0 0.214 6.94 63.2 1,440 30,300 443,000",
    );
  });
});

describe("docs/performance.md", () => {
  it("has the figures of bench/results.json", async () => {
    const results = parseResults(await readFile("bench/results.json", "utf8"));
    if (!results.ok) throw new Error(`bench/results.json${results.error.at}`);
    expect(await readFile("docs/performance.md", "utf8")).toBe(toPerformancePage(CHAPTERS, results.value));
  });

  it("says of a goal without a figure that it is not measured, and of a contender why it has none", () => {
    const spread = { median: 7.123, low: 6.5, high: 8 };
    const measured = {
      date: "2026-01-31",
      revision: "0123456789abcdef0123",
      machine: { cpu: "A processor", cores: 2, node: "24.0.0", opa: "1.0.0", versions: { casbin: "5.0.0" } },
      rounds: 7,
      seconds: 12,
      cases: [{ name: "10 grants", figures: { ours: { "wall time": spread } }, absent: { theirs: "can't" } }],
    };
    const goal = { what: "evaluation", unit: "µs", bound: "at most", limit: 5 } as const;
    const goals = [
      {
        ...goal,
        of: (medianOf: (name: string, contender: string) => number | undefined) => medianOf("10 grants", "ours"),
      },
      { ...goal, of: () => undefined },
    ];
    const page = toPerformancePage([{ ...CHAPTER, goals }], { format: 1, chapters: { sample: measured } });
    expect(page.split("\n")).toEqual(
      expect.arrayContaining([
        "| evaluation | at most 5 µs | 7.12 µs | missed |",
        "| evaluation | at most 5 µs | not measured |  |",
        "|  | ours | theirs |",
        "| 10 grants | 7.12 | – (1) |",
        "(1) can't",
        "| 10 grants | ours | 7.12 (6.5 to 8) |  |",
      ]),
    );
  });

  it.each([
    ["{}", ".format"],
    ['{"format": 1, "chapters": {}, "host": "mine"}', ".host"],
    ['{"format": 1, "chapters": {"decision": {}}}', '.chapters["decision"].date'],
  ])("is not made of results that do not have their form: %s", (text, at) => {
    expect(parseResults(text)).toMatchObject({ ok: false, error: { at } });
  });
});
