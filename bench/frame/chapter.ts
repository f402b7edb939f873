/** A unit of a figure. Figures are shown with three digits. */
export type Unit = "µs" | "ms" | "s" | "bytes" | "kB" | "MB" | "a second" | "times" | "%";

/** One of the things that a chapter measures. */
export interface Measure {
  readonly name: string;
  readonly unit: Unit;
}

/** The figures of one run, by the name of the measure, each for one operation. */
export type Sample = Readonly<Record<string, number>>;

/** Answers to the questions of a case, in their order; undefined where the contender can't be asked. */
export type Answers = readonly (string | undefined)[];

/** Something that is measured beside others. */
export interface Contender {
  /** One of the names in {@link Chapter.contenders}. */
  readonly name: string;
  /** Gives its answers to the questions of the case. Left out where nothing is answered. */
  readonly answers?: () => Promise<Answers>;
  /** Does what is measured so many times, and gives the figures of one of them. */
  readonly run: (times: number) => Promise<Sample>;
}

/** One row of a chapter's table: a policy and questions, for all contenders. */
export interface Case {
  readonly name: string;
  readonly contenders: readonly Contender[];
  /** The contenders that can't, each with the reason. */
  readonly absent?: Readonly<Record<string, string>>;
}

/** Looks up a median; undefined if the case, the contender or the measure has no figure. The measure is by default the chapter's first. */
export type MedianOf = (caseName: string, contender: string, measure?: string) => number | undefined;

/** A figure that is to be reached. */
export interface Goal {
  readonly what: string;
  readonly unit: Unit;
  readonly bound: "at most" | "at least";
  readonly limit: number;
  readonly of: (medianOf: MedianOf) => number | undefined;
  /** What holds the figure back; shown where the goal is missed. */
  readonly heldBack?: string;
}

/** One chapter of the benchmark, and of docs/performance.md. */
export interface Chapter {
  /** The name that `--chapter` takes. */
  readonly name: string;
  readonly title: string;
  /** What is asked of the contenders, and how it is measured; Markdown. */
  readonly asks: string;
  /** Each contender in the order of the columns, and what it is; Markdown. */
  readonly contenders: Readonly<Record<string, string>>;
  /** What a column is; default: `contender`. */
  readonly column?: string;
  /** The first is the one of the overview. */
  readonly measures: readonly Measure[];
  readonly rounds: number;
  /** How long one round of a contender is to take. With 0 it runs once in a round. */
  readonly roundMs: number;
  readonly goals: readonly Goal[];
  /** Says what the figures mean for a user; Markdown. */
  readonly meaning?: (medianOf: MedianOf) => string;
  /** Prepares the cases, each when the one before it has been measured. */
  readonly cases: () => AsyncIterable<Case>;
}

/** The measures of a chapter that takes the time of operations in this process. */
export const TIMES = [
  { name: "wall time", unit: "µs" },
  { name: "CPU time", unit: "µs" },
] as const satisfies readonly Measure[];

/** Holds the last result, so that no compiler leaves out the work. */
export const last: { result: unknown } = { result: undefined };

/** Times a function; the measures are {@link TIMES}. */
export function timed(once: () => unknown): Contender["run"] {
  return async (times) => {
    const stop = start();
    for (let at = 0; at < times; at += 1) last.result = once();
    return stop(times);
  };
}

/** Times an asynchronous function, one call after the other. */
export function timedInTurn(once: () => Promise<unknown>): Contender["run"] {
  return async (times) => {
    const stop = start();
    for (let at = 0; at < times; at += 1) last.result = await once();
    return stop(times);
  };
}

/** Starts the clocks of wall time and of this process's CPU time. */
function start(): (times: number) => Sample {
  const cpu = process.cpuUsage();
  const startNs = process.hrtime.bigint();
  return (times) => {
    const wallNs = Number(process.hrtime.bigint() - startNs);
    const { user, system } = process.cpuUsage(cpu);
    return { "wall time": wallNs / 1_000 / times, "CPU time": (user + system) / times };
  };
}
