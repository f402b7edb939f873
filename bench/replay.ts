import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import type { LogFormat } from "../contract/decision-log.ts";
import { readLines } from "../replay/read-lines.ts";
import { createLogUse } from "../tighten/read-use.ts";
import { createReplayedLog } from "./replayed-log.ts";
import { median } from "./statistics.ts";

/** How a decision log is read: each decision is made again, or taken as it is logged. */
export type Reading = "replayed" | "counted";

/** The speed of one reading of a log. */
export interface ReplayFigure {
  readonly conditions: number;
  readonly format: LogFormat;
  readonly reading: Reading;
  readonly bytesPerLine: number;
  /** The median CPU time of a line, in microseconds, and the smallest. */
  readonly cpuUs: number;
  readonly leastCpuUs: number;
  readonly linesPerSecond: number;
}

/** What is measured. */
export interface ReplayMeasurement {
  readonly grants: number;
  readonly conditions: number;
  readonly lines: number;
  readonly rounds: number;
}

/** The size of a piece of a file, as a stream gives it. */
const CHUNK_BYTES = 65_536;

/**
 * Measures how fast lines of the decision log are read, from bytes to counts, as `rego-authorizer tighten` does it: of another
 * revision, so that each decision is made again, and of the same one. The forms and readings take turns.
 *
 * @throws If the replay does not make the decisions of the log again.
 */
export async function measureReplay({
  grants,
  conditions,
  lines,
  rounds,
}: ReplayMeasurement): Promise<readonly ReplayFigure[]> {
  const log = await createReplayedLog(grants, conditions);
  const contenders = (["compact", "opa"] as const).flatMap((format) => {
    const bytes = Buffer.from(log.toLines(lines, format).join("\n"));
    const chunks = Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_, at) =>
      bytes.subarray(at * CHUNK_BYTES, (at + 1) * CHUNK_BYTES),
    );
    return (["replayed", "counted"] as const).map((reading) => ({
      ...{ format, reading, chunks, bytesPerLine: bytes.length / lines },
      timesUs: [] as number[],
    }));
  });
  for (let round = -1; round < rounds; round += 1) {
    for (const { reading, chunks, timesUs } of contenders) {
      const use = createLogUse({
        index: log.index,
        // The lines in OPA's format have no bundle, and so no revision.
        revisions: new Set(reading === "counted" ? [log.revision, ""] : []),
        decide: log.decide,
        findRoute: undefined,
      });
      const before = process.cpuUsage();
      await readLines(Readable.from(chunks), (line) => use.add(line, "decisions.log"));
      const { user, system } = process.cpuUsage(before);
      const { problems, ...counts } = use.counts();
      if (counts.lines !== lines || problems.length > 0) throw new Error(JSON.stringify({ counts, problems }));
      if (round >= 0) timesUs.push((user + system) / lines);
    }
  }
  return contenders.map(({ format, reading, bytesPerLine, timesUs }) => {
    const cpuUs = median(timesUs);
    const leastCpuUs = Math.min(...timesUs);
    return { conditions, format, reading, bytesPerLine, cpuUs, leastCpuUs, linesPerSecond: 1e6 / cpuUs };
  });
}

// `node bench/replay.ts`: the figures alone.
if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const conditions of [0, 5]) {
    for (const figure of await measureReplay({ grants: 1_000, conditions, lines: 20_000, rounds: 7 })) {
      const { format, reading, cpuUs, leastCpuUs, linesPerSecond } = figure;
      console.log(
        `${conditions} conditions, ${format}, ${reading}: ${cpuUs.toFixed(2)} µs CPU a line (least ${leastCpuUs.toFixed(2)}), ${Math.round(linesPerSecond)} a second`,
      );
    }
  }
}
