import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { isObject } from "../../contract/json.ts";
import { MAX_RULES } from "../../contract/limits.ts";
import type { Case, Chapter, Goal } from "../frame/chapter.ts";

const SCRIPT = join(import.meta.dirname, "../access.ts");
const CPU = "CPU time";
const PEAK = "memory at most";

const ANALYSES = {
  diff: "compares two policies, of which one role has one more grant and one grant is gone",
  lock: "writes the access of everybody as lines",
  matrix: "tabulates what each role may do",
  "invariant of a part": "proves that a group stays out of one service",
  "invariant of everything": "proves that nobody else may delete, wherever it is",
  "invariant of both": "proves that nobody who holds two roles is allowed anything",
};

/** The shapes of policies in `bench/access-policies.ts`, and their sizes. */
const SIZES = { rest: [10, 1_000, 10_000, MAX_RULES], grid: [10, 1_000, 10_000, MAX_RULES] };

const nameOf = (shape: string, grants: number) => `${grants.toLocaleString("en-US")} grants, ${shape}`;

/** The bounds of an analysis of REST-shaped policies, in milliseconds. */
const LIMITS = [
  { analyses: ["diff", "lock", "matrix"], grants: 1_000, limit: 500 },
  { analyses: ["diff", "lock", "matrix"], grants: 10_000, limit: 3_000 },
  { analyses: ["invariant of a part", "invariant of everything", "invariant of both"], grants: 1_000, limit: 100 },
] as const;

export const ACCESS: Chapter = {
  name: "access",
  title: "Analysis of access",
  asks: `What \`diff\`, \`lock\`, \`matrix\` and \`check\` compute, from a loaded policy index, each in a process of its own: CPU time, the median of 11
runs (of 3 at 10,000 grants; one run at ${MAX_RULES.toLocaleString("en-US")}, the most that a policy has). Fifty roles each come by a group. Policies are shaped as APIs over HTTP are (\`rest\`), or as a grid in which any two
templates meet in some path (\`grid\`).`,
  contenders: ANALYSES,
  column: "analysis",
  measures: [
    { name: CPU, unit: "ms" },
    { name: PEAK, unit: "MB" },
  ],
  rounds: 1,
  roundMs: 0,
  goals: LIMITS.flatMap(({ analyses, grants, limit }) =>
    analyses.map(
      (analysis): Goal => ({
        what: `Analysis of access: ${analysis}, ${nameOf("rest", grants)}, CPU time`,
        unit: "ms",
        bound: "at most",
        limit,
        of: (medianOf) => medianOf(nameOf("rest", grants), analysis),
      }),
    ),
  ),
  async *cases() {
    for (const [shape, sizes] of Object.entries(SIZES)) {
      for (const grants of sizes) yield await measureShape(shape, grants);
    }
  },
};

async function measureShape(shape: string, grants: number): Promise<Case> {
  const contenders: Case["contenders"][number][] = [];
  const absent: Record<string, string> = {};
  for (const analysis of Object.keys(ANALYSES)) {
    const { cpuMs, peakMB, results } = await measureAlone(shape, grants, analysis);
    if (typeof results === "string") absent[analysis] = `stops: ${results}`;
    else contenders.push({ name: analysis, run: async () => ({ [CPU]: cpuMs, [PEAK]: peakMB }) });
  }
  return { name: nameOf(shape, grants), contenders, absent };
}

async function measureAlone(shape: string, grants: number, analysis: string) {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, "one", shape, `${grants}`, analysis]);
  const figure: unknown = JSON.parse(stdout);
  if (!isObject(figure)) throw new Error(stdout);
  return { cpuMs: Number(figure["cpuMs"]), peakMB: Number(figure["peakMB"]), results: figure["results"] };
}
