import type { Goal, MedianOf, Unit } from "./chapter.ts";

/** Formats a number with three digits, and with commas from a thousand on: `0.21`, `6.9`, `1,440`. */
export function formatNumber(value: number): string {
  if (value === 0) return "0";
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return Number(value.toPrecision(3)).toLocaleString("en-US", { maximumFractionDigits: Math.min(digits, 20) });
}

/** Formats a figure with its unit. */
function formatFigure(value: number, unit: Unit): string {
  return unit === "times" ? formatNumber(value) : `${formatNumber(value)} ${unit}`;
}

/** A goal beside what was measured. */
export interface Judged {
  readonly what: string;
  readonly goal: string;
  /** `not measured` without a figure. */
  readonly measured: string;
  readonly outcome: "reached" | "missed" | "";
}

/** Compares a goal with the figures of its chapter. */
export function judge({ what, unit, bound, limit, of }: Goal, medianOf: MedianOf): Judged {
  const value = of(medianOf);
  const goal = `${bound} ${formatFigure(limit, unit)}`;
  if (value === undefined) return { what, goal, measured: "not measured", outcome: "" };
  const isReached = bound === "at most" ? value <= limit : value >= limit;
  return { what, goal, measured: formatFigure(value, unit), outcome: isReached ? "reached" : "missed" };
}

/** Divides two figures, if both are there. */
export function ratio(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one / other;
}
