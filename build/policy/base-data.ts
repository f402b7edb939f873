import type { Problem } from "./problem.ts";

/** Finds the first base datum that would equal a claim without a value: null, or an empty string. */
export function checkBaseData(base: unknown): readonly Problem[] {
  const name = findEmpty(base, "data.data");
  if (name === undefined) return [];
  const message = `${name} is null or an empty string, and a claim without a value would be equal to it; leave it out`;
  return [{ code: "data.empty", file: "policies/data", line: 1, message }];
}

function findEmpty(datum: unknown, name: string): string | undefined {
  if (datum === null || datum === "") return name;
  if (typeof datum !== "object") return undefined;
  return Object.entries(datum)
    .map(([key, value]) => findEmpty(value, `${name}.${key}`))
    .find((found) => found !== undefined);
}
