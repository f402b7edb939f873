import { MAX_RULES } from "../../contract/limits.ts";
import { columnsOf, perRound } from "../columns.ts";
import type { Case, Chapter } from "../frame/chapter.ts";
import { formatNumber } from "../frame/figure.ts";
import { measureGrowth } from "../growth.ts";
import type { GrowthSize } from "../growth-policies.ts";

const BUILD = "build";
const COMMANDS = [BUILD, "check"];
const CPU = "CPU time";

/** One row: a policy that is built in each round, or once if that takes long. */
interface Row {
  readonly shape: string;
  readonly size: GrowthSize;
  readonly once?: true;
}

const toRow = (grants: number, denials: number, conditions: number, shape = "rest"): Row => ({
  shape,
  size: { grants, denials, conditions },
});

const LARGE: Row = { ...toRow(10_000, 1_000, 300), once: true };

/** All three numbers grow alike, then one of them alone. */
const ROWS: readonly Row[] = [
  toRow(10, 1, 1),
  toRow(100, 10, 3),
  toRow(1_000, 100, 30),
  LARGE,
  toRow(1_000, 0, 0),
  { ...toRow(10_000, 0, 0), once: true },
  toRow(1_000, 1_000, 0),
  toRow(1_000, 0, 100),
  toRow(1_000, 100, 30, "grid"),
  { ...toRow(MAX_RULES, 0, 0), once: true },
];

export const GROWTH: Chapter = {
  name: "growth",
  title: "Growth of the build",
  asks: `Commands as a user runs them: CPU time of all of their processes, OPA's included. Policies have ten areas and fifty roles. They are shaped as
APIs over HTTP are, with a denial for the whole of a service, or as a grid in which each denial meets each grant in some path.
A figure is the median of three runs; with 10,000 grants and more there is one.`,
  contenders: {
    [BUILD]: "from the folder of policies to `dist/`",
    check: "every check of the policy, without a build",
  },
  column: "command",
  measures: [{ name: CPU, unit: "s" }],
  rounds: 3,
  roundMs: 0,
  goals: [
    {
      what: `Build, ${nameOf(LARGE)}, CPU time`,
      unit: "s",
      bound: "at most",
      limit: 10,
      of: (medianOf) => medianOf(nameOf(LARGE), BUILD),
    },
  ],
  meaning(medianOf) {
    const [many, most] = [toRow(1_000, 0, 0), toRow(10_000, 0, 0)].map((row) => medianOf(nameOf(row), BUILD));
    if (many === undefined || most === undefined) return "";
    return `A thousand more grants take a build ${formatNumber((most - many) / 9)} s of CPU time.`;
  },
  async *cases() {
    for (const row of ROWS) yield await toCase(row);
  },
};

function nameOf({ shape, size: { grants, denials, conditions } }: Row): string {
  const numbers = Object.entries({ grants, denials, conditions })
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count.toLocaleString("en-US")} ${count === 1 ? kind.slice(0, -1) : kind}`);
  return `${numbers.join(" × ")}${shape === "rest" ? "" : `, ${shape}`}`;
}

async function toCase(row: Row): Promise<Case> {
  const name = nameOf(row);
  if (row.once === undefined) {
    const measured = perRound(() => measureRow(row));
    return { name, contenders: columnsOf(COMMANDS, CPU, async (round) => (await measured(round)).seconds) };
  }
  const { seconds, stopped } = await measureRow(row);
  return { name, contenders: columnsOf(Object.keys(seconds), CPU, async () => seconds), absent: stopped };
}

/** Measures the commands on one policy. One that can't has no figure, but a reason. */
async function measureRow({ shape, size }: Row) {
  const seconds: Record<string, number> = {};
  const stopped: Record<string, string> = {};
  for (const [name, { cpuS, isDone, exit, said }] of Object.entries(await measureGrowth(shape, size, COMMANDS))) {
    // A check finds that the generated rules have no titles. A build that finds something builds nothing.
    if (isDone && (exit === 0 || name !== BUILD)) seconds[name] = cpuS;
    else stopped[name] = said.split("\n")[0] ?? "";
  }
  return { seconds, stopped };
}
