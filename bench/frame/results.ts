import { type Check, closed, is, listOf, type Mismatch, mapOf, TEXT } from "../../contract/checks.ts";
import { parseJson } from "../../contract/json.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import type { Spread } from "../statistics.ts";
import type { MedianOf } from "./chapter.ts";

/** The figures of a contender, by measure. */
export type Figures = Readonly<Record<string, Spread>>;

/** The measured case: contenders have figures, or a reason why not. */
export interface CaseResult {
  readonly name: string;
  readonly figures: Readonly<Record<string, Figures>>;
  readonly absent: Readonly<Record<string, string>>;
}

/** The machine and the versions that a chapter was measured with. No name of a host is in it. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly opa: string;
  /** By package. */
  readonly versions: Readonly<Record<string, string>>;
}

/** One chapter as it was measured. */
export interface ChapterResult {
  /** `2026-01-31`. */
  readonly date: string;
  /** The revision of the sample policy, as this product builds it: the figures are of this product. */
  readonly revision: string;
  readonly machine: Machine;
  readonly rounds: number;
  /** How long it took to measure. */
  readonly seconds: number;
  readonly cases: readonly CaseResult[];
}

/** The form of bench/results.json. */
export interface Results {
  readonly format: 1;
  readonly chapters: Readonly<Record<string, ChapterResult>>;
}

const NUMBER: Check = is((value) => typeof value === "number" && Number.isFinite(value));

const CASE = closed<CaseResult>({
  name: TEXT,
  figures: mapOf(mapOf(closed<Spread>({ median: NUMBER, low: NUMBER, high: NUMBER }))),
  absent: mapOf(TEXT),
});

const RESULTS = closed<Results>({
  format: is((value) => value === 1),
  chapters: mapOf(
    closed<ChapterResult>({
      date: is((value) => /^\d{4}-\d\d-\d\d$/.test(String(value))),
      revision: TEXT,
      machine: closed<Machine>({ cpu: TEXT, cores: NUMBER, node: TEXT, opa: TEXT, versions: mapOf(TEXT) }),
      rounds: NUMBER,
      seconds: NUMBER,
      cases: listOf(CASE),
    }),
  ),
});

/** Parses bench/results.json, or says where it does not have its form. */
export function parseResults(text: string): Result<Results, Mismatch> {
  const value = parseJson(text);
  const mismatch = RESULTS(value);
  return mismatch === undefined ? ok(value as Results) : err(mismatch);
}

/** Formats results, with figures of four digits. */
export function formatResults(results: Results): string {
  const rounded = (_: string, value: unknown) => (typeof value === "number" ? Number(value.toPrecision(4)) : value);
  return `${JSON.stringify(results, rounded, 2)}\n`;
}

/** Creates the function that looks up medians of a chapter. */
export function toMedianOf(cases: readonly CaseResult[], firstMeasure: string): MedianOf {
  return (caseName, contender, measure = firstMeasure) =>
    cases.find(({ name }) => name === caseName)?.figures[contender]?.[measure]?.median;
}
