/** Finds the value that a given share of the values does not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/**
 * Times functions in turn, so that a disturbance hits all of them alike, after a tenth of the runs for warming up.
 *
 * @returns Nanoseconds of each run, by function.
 */
export function sample(runs: number, functions: readonly (() => void)[]): number[][] {
  const times = functions.map((): number[] => []);
  for (let run = -runs / 10; run < runs; run += 1) {
    for (const [at, measured] of functions.entries()) {
      const startNs = process.hrtime.bigint();
      measured();
      const ns = Number(process.hrtime.bigint() - startNs);
      if (run >= 0) times[at]?.push(ns);
    }
  }
  return times;
}
