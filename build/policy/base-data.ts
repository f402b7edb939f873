import type { Problem } from "./problem.ts";

/** Finds the first base datum that a claim without a value would be equal to: null, or an empty text. */
export function checkBaseData(base: unknown): readonly Problem[] {
  const place = findEmpty(base, "data.data");
  if (place === undefined) return [];
  return [{ file: "policies/data", line: 1, message: `${place} is null or an empty text; leave it out` }];
}

function findEmpty(datum: unknown, name: string): string | undefined {
  if (datum === null || datum === "") return name;
  if (typeof datum !== "object") return undefined;
  return Object.entries(datum)
    .map(([key, value]) => findEmpty(value, `${name}.${key}`))
    .find((found) => found !== undefined);
}
