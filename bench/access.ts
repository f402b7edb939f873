import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { compareAccess } from "../analysis/access/changes.ts";
import { judgeInvariants } from "../analysis/access/invariants.ts";
import { toAccessLines } from "../analysis/access/lines.ts";
import type { AccessPolicy } from "../analysis/access/model.ts";
import { toMatrix } from "../analysis/matrix/matrix.ts";
import type { Invariant } from "../contract/invariants.ts";
import { MAX_RULES } from "../contract/limits.ts";
import type { Result } from "../contract/result.ts";
import { edit, SHAPES } from "./access-policies.ts";
import { median } from "./statistics.ts";

// `npm run bench:access`: CPU time and memory of the analysis of access, from a loaded index. Each figure is taken in a process of
// its own. `npm run bench:access -- 1000 10000` measures these numbers of grants only.

const SIZES = [10, 100, 1_000, 10_000, MAX_RULES];

const NOBODY = { roles: [], groups: [], scopes: [], kinds: [], claims: [], issuers: [] };

const STAY_OUT: Invariant = {
  name: "stay_out",
  title: undefined,
  statement: {
    kind: "never",
    who: { ...NOBODY, groups: ["Group of role3"] },
    isWhateverElse: false,
    region: { verbs: ["ANY"], path: "/service1/{rest+}", apis: [] },
  },
};

const ONLY_SOME: Invariant = {
  name: "only_some",
  title: undefined,
  statement: {
    kind: "only",
    who: { ...NOBODY, roles: ["role1", "role2"] },
    region: { verbs: ["DELETE"], path: "/{rest+}", apis: [] },
  },
};

const NOT_BOTH: Invariant = {
  name: "not_both",
  title: undefined,
  statement: {
    kind: "disjoint",
    whos: ["role1", "role2"].map((role) => ({ ...NOBODY, roles: [role] })),
    region: { verbs: ["ANY"], path: "/{rest+}", apis: [] },
  },
};

/** What is measured: it gives the number of results, or the code of what stopped it. */
const MEASURED: Readonly<Record<string, (policy: AccessPolicy) => () => number | string>> = {
  diff: (policy) => {
    const after = edit(policy);
    return () => countOf(compareAccess(policy, after));
  },
  lock: (policy) => () => countOf(toAccessLines(policy)),
  matrix: (policy) => () => {
    const made = toMatrix(policy, "role", undefined);
    return made.ok ? made.value.rows.length : made.error.code;
  },
  "invariant of a part": (policy) => () => countOf(judgeInvariants(policy, [STAY_OUT])),
  "invariant of everything": (policy) => () => countOf(judgeInvariants(policy, [ONLY_SOME])),
  "invariant of both": (policy) => () => countOf(judgeInvariants(policy, [NOT_BOTH])),
};

interface Figure {
  readonly cpuMs: number;
  readonly peakMB: number;
  readonly results: number | string;
}

function countOf(result: Result<readonly unknown[], { readonly code: string }>): number | string {
  return result.ok ? result.value.length : result.error.code;
}

/** Measures one thing in this process. The first runs are for the compiler of JavaScript. */
function measure(shape: string, size: number, what: string): Figure {
  const policy = SHAPES[shape]?.(size);
  const run = policy === undefined ? undefined : MEASURED[what]?.(policy);
  if (run === undefined) throw new Error(`nothing to measure: ${shape} ${what}`);
  const runs = size > 10_000 ? 1 : size > 1_000 ? 3 : 11;
  let results: number | string = 0;
  const times: number[] = [];
  for (let at = size > 10_000 ? 0 : -2; at < runs; at += 1) {
    const before = process.cpuUsage();
    results = run();
    const { user, system } = process.cpuUsage(before);
    if (at >= 0) times.push((user + system) / 1_000);
  }
  return { cpuMs: median(times), peakMB: process.resourceUsage().maxRSS / 1_000, results };
}

const [first, ...rest] = process.argv.slice(2);
if (first === "one") {
  const [shape = "", size = "", what = ""] = rest;
  console.log(JSON.stringify(measure(shape, Number(size), what)));
} else {
  const sizes = first === undefined ? SIZES : [first, ...rest].map(Number);
  for (const shape of Object.keys(SHAPES)) {
    for (const what of Object.keys(MEASURED)) {
      console.log(`\n${what}, ${shape}`);
      for (const size of sizes) {
        const { cpuMs, peakMB, results } = await measureAlone(shape, size, what);
        const figures = [`${cpuMs.toFixed(1)} ms`, `${peakMB.toFixed(0)} MB at most`, `${results}`];
        console.log(`  ${String(size).padStart(7)} grants ${figures.map((text) => text.padStart(16)).join("")}`);
        // Larger policies would be stopped, too.
        if (typeof results === "string") break;
      }
    }
  }
}

async function measureAlone(shape: string, size: number, what: string): Promise<Figure> {
  const [, script = ""] = process.argv;
  const { stdout } = await promisify(execFile)(process.execPath, [script, "one", shape, String(size), what]);
  return JSON.parse(stdout);
}
