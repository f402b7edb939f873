import type { Chapter } from "./chapter.ts";
import { formatNumber, judge } from "./figure.ts";
import type { CaseResult, Figures } from "./results.ts";
import { toMedianOf } from "./results.ts";

/** Formats the row of a case: for each contender its medians, in the order of the chapter's measures. */
export function formatCase({ contenders, measures }: Chapter, { name, figures, absent }: CaseResult): string {
  const cells = Object.keys(contenders).flatMap((contender) => {
    const found = figures[contender];
    if (found !== undefined) return [`    ${contender.padEnd(34)} ${toCells(measures, found).join("   ")}`];
    const reason = absent[contender];
    return reason === undefined ? [] : [`    ${contender.padEnd(34)} ${reason}`];
  });
  return [`  ${name}`, ...cells].join("\n");
}

function toCells(measures: Chapter["measures"], figures: Figures): readonly string[] {
  return measures.flatMap(({ name, unit }) => {
    const spread = figures[name];
    if (spread === undefined) return [];
    const [median, low, high] = [spread.median, spread.low, spread.high].map(formatNumber);
    return [`${name} ${median} ${unit} (${low} to ${high})`];
  });
}

/** Formats the goals of a chapter beside its figures. */
export function formatGoals({ goals, measures }: Chapter, cases: readonly CaseResult[]): string {
  const medianOf = toMedianOf(cases, measures[0]?.name ?? "");
  return goals
    .map((goal) => judge(goal, medianOf))
    .map(({ what, goal, measured, outcome }) => `  ${what}: ${measured} (${goal}) ${outcome}`)
    .join("\n");
}
