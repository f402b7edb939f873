import { type ParseArgsOptionsConfig, parseArgs } from "node:util";

/** How a command ended: fine; it found something; it could not run. */
export const EXIT = { fine: 0, found: 1, couldNotRun: 2 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What a user gave a command: flags by their names, and what is no flag. */
export interface Given {
  readonly flags: Readonly<Record<string, string | undefined>>;
  /** The flags without a value that were given. */
  readonly switches: ReadonlySet<string>;
  readonly positionals: readonly string[];
}

/** What a command found, or why it could not run. Lines are for standard error. */
export type Outcome =
  /** It goes on by itself, and sets the exit code. */
  | { readonly kind: "running" }
  | { readonly kind: "done"; readonly exit: ExitCode; readonly output?: string; readonly lines?: readonly string[] }
  /** The flags are wrong: the usage is printed, too. */
  | { readonly kind: "misused"; readonly lines: readonly string[] };

/** One command of `rego-authorizer`. */
export interface Command {
  /** What `--help` prints. */
  readonly usage: string;
  /** Flags that take a value. */
  readonly flags: readonly string[];
  /** Flags that take none. */
  readonly switches?: readonly string[];
  readonly takesPositionals?: boolean;
  /** All arguments are another program's, flags among them. */
  readonly passesArguments?: boolean;
  readonly run: (given: Given) => Promise<Outcome>;
}

/** A command that ran: its output, on standard output. */
export function done(output?: string, lines: readonly string[] = []): Outcome {
  return { kind: "done", exit: EXIT.fine, ...(output !== undefined && { output }), lines };
}

/** A command that found something wrong with what it looked at. */
export function found(lines: readonly string[]): Outcome {
  return { kind: "done", exit: EXIT.found, lines };
}

/** A command that could not look. */
export function couldNotRun(lines: readonly string[]): Outcome {
  return { kind: "done", exit: EXIT.couldNotRun, lines };
}

/** A command whose flags are wrong. */
export function misused(lines: readonly string[]): Outcome {
  return { kind: "misused", lines };
}

/** Runs a command with the arguments after its name; prints what it says, and sets the exit code. */
export async function runCommand(command: Command, args: readonly string[]): Promise<void> {
  const isHelp = command.passesArguments === true ? args[0] === "--help" : args.includes("--help");
  const given = isHelp ? "help" : readArguments(command, args);
  if (given === "help") {
    console.log(command.usage);
    return;
  }
  const outcome =
    "kind" in given ? given : await command.run(given).catch((error: unknown) => couldNotRun([textOf(error)]));
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

/** Reads the arguments after a command's name; says why they are not to be understood. */
export function readArguments(command: Command, args: readonly string[]): Given | Outcome {
  const { flags, switches = [], takesPositionals = false, passesArguments = false } = command;
  if (passesArguments) return { flags: {}, switches: new Set(), positionals: args };
  const options: ParseArgsOptionsConfig = Object.fromEntries([
    ...flags.map((name) => [name, { type: "string" }]),
    ...switches.map((name) => [name, { type: "boolean" }]),
  ]);
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: takesPositionals });
    const entries = Object.entries(parsed.values);
    return {
      flags: Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string")),
      switches: new Set(entries.filter(([, value]) => value === true).map(([name]) => name)),
      positionals: parsed.positionals,
    };
  } catch (error) {
    return misused([textOf(error)]);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Collects what is wrong with flags, so that one run says all of it. */
export interface FlagReader {
  /** One of some words. */
  readonly choose: <Word extends string>(flag: string, words: readonly Word[], preset: Word) => Word;
  /** A whole number within bounds. */
  readonly count: (flag: string, least: number, most: number, preset: number) => number;
  readonly report: (line: string) => void;
  readonly errors: readonly string[];
}

export function createFlagReader({ flags }: Given): FlagReader {
  const errors: string[] = [];
  return {
    errors,
    report: (line) => errors.push(line),
    choose(flag, words, preset) {
      const value = flags[flag];
      const word = value === undefined ? preset : words.find((one) => one === value);
      if (word === undefined) errors.push(`--${flag} must be ${words.join(" or ")}`);
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
