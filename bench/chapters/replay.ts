import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LogFormat } from "../../contract/decision-log.ts";
import { createWorkspace } from "../../dev/workspace.ts";
import { runCommand } from "../command-cpu.ts";
import type { Case, Chapter } from "../frame/chapter.ts";
import { formatNumber } from "../frame/figure.ts";
import { measureReplay, type Reading } from "../replay.ts";
import { createReplayedLog, toReplayedPolicies } from "../replayed-log.ts";

const SPEED = "lines";
const CPU = "CPU time of a line";
const GRANTS = 1_000;
const COMMAND = "tighten --log";

/** The lines of a log that is read in this process, and of the one that the command reads. */
const LINES = { here: 20_000, command: 200_000 };

const CASES = { "no condition": 0, "five conditions": 5 };

const FORMATS: Readonly<Record<LogFormat, string>> = { compact: "short lines", opa: "OPA's format" };
const READINGS: Readonly<Record<Reading, string>> = { replayed: "decided again", counted: "as logged" };

const nameOf = (format: LogFormat, reading: Reading) => `${FORMATS[format]}, ${READINGS[reading]}`;
const AGAIN = nameOf("compact", "replayed");

export const REPLAY: Chapter = {
  name: "replay",
  title: "Replay of a decision log",
  asks: `Lines of the decision log, each of another principal and time, of a policy of ${GRANTS.toLocaleString("en-US")} grants; nine of ten requests are
allowed. \`tighten\` reads them to its counts: those of another revision are decided again, those of the same one count as they were logged. CPU time of one core, the median of 7
rounds in turn. No answer is remembered from one line to the next.`,
  contenders: {
    [AGAIN]: "the lines that the authorizer writes, of another revision",
    [nameOf("compact", "counted")]: "the same, of this revision",
    [nameOf("opa", "replayed")]: "whole entries, as `DECISION_LOG=opa` writes them",
    [nameOf("opa", "counted")]: "the same, of this revision",
    [COMMAND]: `the whole command with ${LINES.command.toLocaleString("en-US")} short lines to decide again, its reading of the policy included`,
  },
  column: "log",
  measures: [
    { name: SPEED, unit: "a second" },
    { name: CPU, unit: "µs" },
  ],
  rounds: 1,
  roundMs: 0,
  goals: (
    [
      ["no condition", 150_000],
      ["five conditions", 100_000],
    ] as const
  ).map(([name, limit]) => ({
    what: `Replayed decisions of one core, ${name}`,
    unit: "a second",
    bound: "at least",
    limit,
    of: (medianOf) => medianOf(name, AGAIN),
    heldBack: "each line is parsed, checked, evaluated and counted; an evaluation alone takes some microseconds",
  })),
  meaning(medianOf) {
    const speed = medianOf("no condition", AGAIN);
    return speed === undefined ? "" : `A million lines are decided again in ${formatNumber(1e6 / speed)} s.`;
  },
  async *cases() {
    for (const [name, conditions] of Object.entries(CASES)) yield await toCase(name, conditions);
  },
};

async function toCase(name: string, conditions: number): Promise<Case> {
  const figures = await measureReplay({ grants: GRANTS, conditions, lines: LINES.here, rounds: 7 });
  return {
    name,
    contenders: [
      ...figures.map(({ format, reading, linesPerSecond, cpuUs }) => ({
        name: nameOf(format, reading),
        run: async () => ({ [SPEED]: linesPerSecond, [CPU]: cpuUs }),
      })),
      { name: COMMAND, run: () => measureTighten(conditions) },
    ],
  };
}

/** Measures the command as a user runs it. */
async function measureTighten(conditions: number): Promise<Readonly<Record<string, number>>> {
  await using workspace = await createWorkspace(toReplayedPolicies(GRANTS, conditions));
  const log = await createReplayedLog(GRANTS, conditions);
  const file = join(workspace.root, "decisions.log");
  const lines = log.toLines(LINES.command, "compact").join("\n");
  await writeFile(file, lines.replaceAll(log.revision, "0".repeat(log.revision.length)));
  const { cpuS, exit, said } = await runCommand(["tighten", "--log", file], workspace.root);
  if (exit === 2) throw new Error(said);
  return { [SPEED]: LINES.command / cpuS, [CPU]: (cpuS * 1e6) / LINES.command };
}
