import { join } from "node:path";
import { createWorkspace } from "../../dev/workspace.ts";
import { measureCommand } from "../command-cpu.ts";
import type { Case, Chapter } from "../frame/chapter.ts";
import { formatNumber } from "../frame/figure.ts";
import { GROWTH_SHAPES, type GrowthSize, toGrowthPolicies } from "../growth-policies.ts";

const BUILD = "build";
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
  { ...toRow(100_000, 0, 0), once: true },
];

export const GROWTH: Chapter = {
  name: "growth",
  title: "Growth of the build",
  asks: `\`rego-authorizer build\` as a user runs it: CPU time of all of its processes, OPA's included. Policies have ten areas and fifty roles. They are shaped as
APIs over HTTP are, with a denial for the whole of a service, or as a grid in which each denial meets each grant in some path.
A figure is the median of three builds; policies of 10,000 grants and more are built once.`,
  contenders: { [BUILD]: "from the folder of policies to `dist/`" },
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
  if (row.once === undefined) return { name: nameOf(row), contenders: [{ name: BUILD, run: () => measureBuild(row) }] };
  try {
    const sample = await measureBuild(row);
    return { name: nameOf(row), contenders: [{ name: BUILD, run: async () => sample }] };
  } catch (error) {
    const [, reason = "the build fails"] = error instanceof Error ? error.message.split("\n") : [];
    return { name: nameOf(row), contenders: [], absent: { [BUILD]: reason } };
  }
}

async function measureBuild({ shape, size }: Row): Promise<Readonly<Record<string, number>>> {
  const made = GROWTH_SHAPES[shape];
  if (made === undefined) throw new Error(`there is no shape ${shape}`);
  await using workspace = await createWorkspace(toGrowthPolicies(made, size));
  const bin = join(import.meta.dirname, "../../bin/rego-authorizer.cjs");
  const folders = ["--policies", workspace.policies, "--dist", join(workspace.root, "dist")];
  return { [CPU]: await measureCommand([process.execPath, bin, "build", ...folders]) };
}
