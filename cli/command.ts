import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import { findNearest, formatChoice } from "../contract/nearest.ts";

/** The exit codes: fine; the command found something wrong; the command could not run. */
export const EXIT = { fine: 0, found: 1, couldNotRun: 2 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The arguments of a command: flags by name, switches, and positional arguments. */
export interface Given {
  readonly flags: Readonly<Record<string, string | undefined>>;
  /** The values of each flag that may be there several times. */
  readonly lists?: Readonly<Record<string, readonly string[] | undefined>>;
  /** The flags without a value. */
  readonly switches: ReadonlySet<string>;
  readonly positionals: readonly string[];
}

/** The outcome of a command. Lines are for standard error, the output is for standard output. */
export type Outcome =
  /** The command goes on, and sets the exit code itself. */
  | { readonly kind: "running" }
  | { readonly kind: "done"; readonly exit: ExitCode; readonly output?: string; readonly lines?: readonly string[] }
  /** The flags are wrong, so the usage is printed too. */
  | { readonly kind: "misused"; readonly lines: readonly string[] };

/** One command of `rego-authorizer`. */
export interface Command {
  /** The text that `--help` prints. */
  readonly usage: string;
  /** The names of flags with a value. */
  readonly flags: readonly string[];
  /** The names of flags with a value that may be there several times. */
  readonly lists?: readonly string[];
  /** The names of flags without a value. */
  readonly switches?: readonly string[];
  readonly takesPositionals?: boolean;
  /** Whether it reads the folder of policies only if the user names one. */
  readonly needsNoPolicies?: boolean;
  /** Whether all arguments, including flags, are for another program. */
  readonly passesArguments?: boolean;
  readonly run: (given: Given) => Promise<Outcome>;
}

/** Counts the rules of a policy, as `4 grants`, with its public rules if it has any. */
export function formatRuleCount(grants: number, publicRules: number): string {
  if (publicRules === 0) return `${grants} grants`;
  return `${grants} grants, ${publicRules} public ${publicRules === 1 ? "rule" : "rules"}`;
}

/** Makes the outcome of a command that ran. */
export function done(output?: string, lines: readonly string[] = []): Outcome {
  return { kind: "done", exit: EXIT.fine, ...(output !== undefined && { output }), lines };
}

/** Makes the outcome of a command that found something wrong. */
export function found(lines: readonly string[]): Outcome {
  return { kind: "done", exit: EXIT.found, lines };
}

/** Makes the outcome of a command that could not run. */
export function couldNotRun(lines: readonly string[]): Outcome {
  return { kind: "done", exit: EXIT.couldNotRun, lines };
}

/** Makes the outcome of a command whose flags are wrong. */
export function misused(lines: readonly string[]): Outcome {
  return { kind: "misused", lines };
}

/** Runs a command with the arguments after its name, prints its output, and sets the exit code. */
export async function runCommand(command: Command, args: readonly string[]): Promise<void> {
  const isHelp = command.passesArguments === true ? args[0] === "--help" : args.includes("--help");
  const given = isHelp ? "help" : readArguments(command, args);
  if (given === "help") {
    console.log(command.usage);
    return;
  }
  const outcome =
    "kind" in given ? given : await runGiven(command, given).catch((error: unknown) => couldNotRun([textOf(error)]));
  switch (outcome.kind) {
    case "running":
      return;
    case "misused":
      for (const line of [...outcome.lines, command.usage]) console.error(line);
      process.exitCode = EXIT.couldNotRun;
      return;
    case "done":
      for (const line of outcome.lines ?? []) console.error(line);
      if (outcome.output !== undefined) process.stdout.write(outcome.output);
      process.exitCode = outcome.exit;
      return;
    default:
      return outcome satisfies never;
  }
}

const NAME_FOLDER = "name the folder that has access/ in it with --policies";

async function runGiven(command: Command, given: Given): Promise<Outcome> {
  const isOptional = command.needsNoPolicies === true && given.flags["policies"] === undefined;
  if (command.flags.includes("policies") && !isOptional) {
    const policies = policiesOf(given);
    const reason = await readdir(policies).then(() => undefined, textOf);
    if (reason?.startsWith("ENOENT") === true) return couldNotRun([`${policies} does not exist; ${NAME_FOLDER}`]);
    if (reason !== undefined) return couldNotRun([`${policies} can't be read (${reason}); ${NAME_FOLDER}`]);
  }
  return command.run(given);
}

/** Reads `--policies`, the company's folder of policies, without `./` before it or a slash behind it. */
export function policiesOf({ flags }: Given): string {
  return join(flags["policies"] ?? "policies", ".");
}

/** Parses the arguments after a command's name; gives the outcome `misused` if they are wrong. */
export function readArguments(command: Command, args: readonly string[]): Given | Outcome {
  const { flags, lists = [], switches = [], takesPositionals = false, passesArguments = false } = command;
  if (passesArguments) return { flags: {}, switches: new Set(), positionals: args };
  const options: ParseArgsOptionsConfig = Object.fromEntries([
    ...[...flags, ...lists].map((name) => [name, { type: "string", multiple: true }]),
    ...switches.map((name) => [name, { type: "boolean" }]),
  ]);
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: takesPositionals });
    const entries = Object.entries(parsed.values);
    const given = entries.filter((entry): entry is [string, string[]] => Array.isArray(entry[1]));
    // The last value would count, and nobody would notice that the others do not.
    const [repeated] = given.filter(([name, values]) => flags.includes(name) && values.length > 1);
    if (repeated !== undefined) return misused([`--${repeated[0]} is there ${repeated[1].length} times; give it once`]);
    return {
      flags: Object.fromEntries(given.flatMap(([name, [value]]) => (flags.includes(name) ? [[name, value]] : []))),
      lists: Object.fromEntries(given.filter(([name]) => lists.includes(name))),
      switches: new Set(entries.filter(([, value]) => value === true).map(([name]) => name)),
      positionals: parsed.positionals,
    };
  } catch (error) {
    const [, unknown] = /^Unknown option '--([^']*)'/.exec(textOf(error)) ?? [];
    if (unknown === undefined) return misused([textOf(error)]);
    const known = [...flags, ...lists, ...switches];
    if (known.length === 0) return misused([`--${unknown} is not a flag of this command, which has none but --help`]);
    return misused([`--${unknown} is not a flag of this command; ${formatChoice(unknown, known, "--")}`]);
  }
}

function formatNearest(typed: string, words: readonly string[]): string {
  const nearest = findNearest(typed, words);
  return nearest === undefined ? "" : `; did you mean ${nearest}?`;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A reader of flags that collects all errors, so that one run reports them together. */
export interface FlagReader {
  /** Reads a flag that is one of some words. */
  readonly choose: <Word extends string>(flag: string, words: readonly Word[], preset: Word) => Word;
  /** Reads a flag that is a whole number within bounds. */
  readonly count: (flag: string, least: number, most: number, preset: number) => number;
  readonly report: (line: string) => void;
  readonly errors: readonly string[];
}

/** Creates a reader of the flags of one command. */
export function createFlagReader({ flags }: Given): FlagReader {
  const errors: string[] = [];
  return {
    errors,
    report: (line) => errors.push(line),
    choose(flag, words, preset) {
      const value = flags[flag];
      const word = value === undefined ? preset : words.find((one) => one === value);
      if (word === undefined)
        errors.push(`--${flag} must be ${words.join(" or ")}${formatNearest(value ?? "", words)}`);
      return word ?? preset;
    },
    count(flag, least, most, preset) {
      const value = flags[flag];
      if (value === undefined) return preset;
      const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
      if (number >= least && number <= most) return number;
      errors.push(`--${flag} must be a whole number from ${least} to ${most}`);
      return preset;
    },
  };
}
