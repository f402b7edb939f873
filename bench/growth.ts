import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runCommand } from "./command-cpu.ts";
import { GROWTH_SHAPES, type GrowthSize, toGrowthPolicies } from "./growth-policies.ts";

// `npm run bench:growth`: CPU time of commands by the size of the policy, processes of OPA included. `npm run bench:growth -- 1000 10000`
// measures these numbers of grants only.

/** The arguments of the measured commands, by their name. They run in a company's folder. */
export const GROWTH_COMMANDS: Readonly<Record<string, readonly string[]>> = {
  build: ["build"],
  check: ["check"],
  "cache-contract": ["cache-contract"],
  iam: ["iam"],
  lock: ["lock"],
};

const SIZES = [10, 100, 1_000, 10_000];

/** Creates a size as companies grow: denials and conditions follow the number of grants. */
export function toGrowthSize(grants: number): GrowthSize {
  return { grants, denials: Math.ceil(grants / 10), conditions: Math.ceil((grants * 3) / 100) };
}

/** The figures of one command. */
export interface GrowthFigure {
  /** The CPU time of the command and of all processes that it started, in seconds. */
  readonly cpuS: number;
  /** False if the command ended with another exit code than 0 and 1, which stands for findings. */
  readonly isDone: boolean;
  readonly exit: number;
  /** What the command wrote on standard error. */
  readonly said: string;
}

/** Measures commands on one policy, which is written into a folder of its own and removed afterwards. */
export async function measureGrowth(
  shape: string,
  size: GrowthSize,
  commands: readonly string[] = Object.keys(GROWTH_COMMANDS),
): Promise<Readonly<Record<string, GrowthFigure>>> {
  const made = GROWTH_SHAPES[shape];
  if (made === undefined) throw new Error(`there is no shape ${shape}`);
  const folder = await mkdtemp(join(tmpdir(), "rego-authorizer-growth-"));
  try {
    for (const [file, text] of Object.entries(toGrowthPolicies(made, size))) {
      await mkdir(dirname(join(folder, "policies", file)), { recursive: true });
      await writeFile(join(folder, "policies", file), text);
    }
    const figures: [string, GrowthFigure][] = [];
    for (const name of commands) {
      const { cpuS, exit, said } = await runCommand(GROWTH_COMMANDS[name] ?? [name], folder);
      figures.push([name, { cpuS, isDone: exit === 0 || exit === 1, exit, said }]);
    }
    return Object.fromEntries(figures);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const given = process.argv.slice(2).map(Number);
  const names = Object.keys(GROWTH_COMMANDS);
  console.log(
    `CPU seconds\n${"grants × denials × conditions".padEnd(38)}${names.map((name) => name.padStart(16)).join("")}`,
  );
  for (const shape of Object.keys(GROWTH_SHAPES)) {
    for (const grants of given.length > 0 ? given : SIZES) {
      const size = toGrowthSize(grants);
      const figures = await measureGrowth(shape, size);
      const cells = names.map((name) => {
        const figure = figures[name];
        return (figure?.isDone ? figure.cpuS.toFixed(1) : "failed").padStart(16);
      });
      const label = `${shape}, ${size.grants} × ${size.denials} × ${size.conditions}`;
      console.log(`${label.padEnd(38)}${cells.join("")}`);
    }
  }
}
