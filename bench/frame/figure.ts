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
  /** What holds it back, if it is missed. */
  readonly heldBack: string | undefined;
}

/** Compares a goal with the figures of its chapter. */
export function judge({ what, unit, bound, limit, of, heldBack }: Goal, medianOf: MedianOf): Judged {
  const value = of(medianOf);
  const goal = `${bound} ${formatFigure(limit, unit)}`;
  if (value === undefined) return { what, goal, measured: "not measured", outcome: "", heldBack: undefined };
  const isReached = bound === "at most" ? value <= limit : value >= limit;
  const measured = formatFigure(value, unit);
  if (isReached) return { what, goal, measured, outcome: "reached", heldBack: undefined };
  return { what, goal, measured, outcome: "missed", heldBack };
}

/** Divides two figures, if both are there. */
export function ratio(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one / other;
}
