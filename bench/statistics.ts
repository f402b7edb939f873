/** The middle of some values, and the quarters below and above it. */
export interface Spread {
  readonly median: number;
  /** A quarter of the values is below. */
  readonly low: number;
  /** A quarter of the values is above. */
  readonly high: number;
}

/** Finds the value that a given share of the values does not exceed. */
function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** Summarizes values by their median and quartiles. */
export function spreadOf(values: readonly number[]): Spread {
  return { median: percentile(values, 50), low: percentile(values, 25), high: percentile(values, 75) };
}
