import type { Chapter } from "./chapter.ts";
import { formatNumber, judge } from "./figure.ts";
import type { CaseResult, ChapterResult, Machine, Results } from "./results.ts";
import { toMedianOf } from "./results.ts";

const INTRODUCTION = `<!-- Generated from bench/results.json by \`npm run generate\`. -->

# Performance

What a decision, a cold start and a build cost, beside other ways to do the same. \`npm run bench\` measures all of it
again, and \`npm run bench -- --chapter decision\` one chapter. It installs the peers into \`bench/node_modules\`; they are not dependencies
of the product.

How to read the figures:

- Contenders of a row take turns in one run, and each round starts with another one. A figure is the median of the rounds; in
  brackets are the quartiles.
- CPU time stands beside wall time. It counts all threads, so it is larger where garbage is collected beside the work.
- Before a row is measured, its contenders answer the same questions. A run stops where two answers differ.
- Compare figures of one row only. Another machine gives other figures, and roughly the same ratios.`;

/** Formats `docs/performance.md`: the goals, then each chapter with its tables. */
export function toPerformancePage(chapters: readonly Chapter[], results: Results): string {
  const parts = chapters.map((chapter) => toChapter(chapter, results.chapters[chapter.name]));
  return `${[INTRODUCTION, "## Goals", toGoals(chapters, results), ...parts].join("\n\n")}\n`;
}

function toGoals(chapters: readonly Chapter[], results: Results): string {
  const rows = chapters.flatMap(({ name, goals, measures }) => {
    const medianOf = toMedianOf(results.chapters[name]?.cases ?? [], measures[0]?.name ?? "");
    return goals.map((goal) => judge(goal, medianOf));
  });
  const table = toTable(
    ["", "goal", "measured", ""],
    rows.map(({ what, goal, measured, outcome }) => [what, goal, measured, outcome]),
  );
  const missed = new Map<string, string[]>();
  for (const { what, heldBack } of rows) {
    if (heldBack !== undefined) missed.set(heldBack, [...(missed.get(heldBack) ?? []), what]);
  }
  const reasons = [...missed].map(([heldBack, goals]) => `- ${goals.join("; ")}: ${heldBack}.`);
  return reasons.length === 0
    ? table
    : [table, "What holds back the goals that are missed:", reasons.join("\n")].join("\n\n");
}

function toChapter(chapter: Chapter, measured: ChapterResult | undefined): string {
  const { title, asks, contenders, measures, meaning, column = "contender" } = chapter;
  const who = Object.entries(contenders).map(([name, about]) => [name, about] as const);
  const heading = [`## ${title}`, asks.trim(), toTable([column, "what it is"], who)];
  if (measured === undefined) return [...heading, "Not measured yet."].join("\n\n");
  const [overview] = measures;
  const { rounds } = measured;
  return [
    ...heading,
    ...(overview === undefined
      ? []
      : [
          `${capitalize(rounds === 1 ? overview.name : `medians, ${overview.name}`)} in ${overview.unit}:`,
          toOverview(chapter, measured.cases),
        ]),
    ...(meaning === undefined ? [] : [meaning(toMedianOf(measured.cases, overview?.name ?? "")).trim()]),
    toDetails(chapter, measured),
    toProvenance(measured),
  ]
    .filter((part) => part !== undefined && part !== "")
    .join("\n\n");
}

/** Formats the medians of the first measure: a row for each case, a column for each contender. */
function toOverview({ contenders, measures }: Chapter, cases: readonly CaseResult[]): string {
  const names = Object.keys(contenders).filter((name) =>
    cases.some(({ figures, absent }) => name in figures || name in absent),
  );
  const medianOf = toMedianOf(cases, measures[0]?.name ?? "");
  const notes: string[] = [];
  const rows = cases.map(({ name: caseName, absent }) => [
    caseName,
    ...names.map((name) => {
      const value = medianOf(caseName, name);
      if (value !== undefined) return formatNumber(value);
      const reason = absent[name];
      if (reason === undefined) return "";
      if (!notes.includes(reason)) notes.push(reason);
      return `– (${notes.indexOf(reason) + 1})`;
    }),
  ]);
  const legend = notes.map((note, at) => `(${at + 1}) ${note}`);
  return [toTable(["", ...names], rows), ...(legend.length > 0 ? [legend.join("; ")] : [])].join("\n\n");
}

/** Formats all measures with their quartiles, folded away. */
function toDetails(
  { contenders, measures, column = "contender" }: Chapter,
  { cases, rounds }: ChapterResult,
): string | undefined {
  // The overview says it all.
  if (rounds === 1 && measures.length === 1) return undefined;
  const rows = cases.flatMap(({ name: caseName, figures }) =>
    Object.keys(contenders).flatMap((name) => {
      const found = figures[name];
      if (found === undefined) return [];
      const cells = measures.map((measure) => {
        const spread = found[measure.name];
        if (spread === undefined) return "";
        if (rounds === 1) return formatNumber(spread.median);
        return `${formatNumber(spread.median)} (${formatNumber(spread.low)} to ${formatNumber(spread.high)})`;
      });
      return [[caseName, name, ...cells]];
    }),
  );
  const table = toTable(["", column, ...measures.map(({ name, unit }) => `${name}, ${unit}`)], rows);
  return `<details>\n<summary>${rounds === 1 ? "All measures" : "Medians and quartiles of all measures"}</summary>\n\n${table}\n\n</details>`;
}

function toProvenance({ date, revision, machine, rounds, seconds }: ChapterResult): string {
  const times = rounds === 1 ? "once" : `${rounds} rounds`;
  return `Measured on ${date}, ${times}, in ${formatNumber(seconds)} s, ${formatMachine(machine)}. The sample policy has the revision \`${revision.slice(0, 19)}…\`.`;
}

function formatMachine({ cpu, cores, node, opa, versions }: Machine): string {
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `on ${cores} cores of ${cpu}, Node ${node}, OPA ${opa}, ${packages.join(", ")}`;
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
