import type { DataFiles, DataPath } from "./data-files.ts";
import type { Problem } from "./problem.ts";

/** Lists the places of base data that are empty: null, empty strings, lists and objects, and what has an empty key. */
export function findEmptyData(datum: unknown, path: DataPath = []): readonly DataPath[] {
  if (datum === null || datum === "" || path.at(-1) === "") return [path];
  if (typeof datum !== "object") return [];
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(datum)
    ? [...datum.entries()]
    : Object.entries(datum);
  // A policy without base data has an empty object as its root.
  if (entries.length === 0) return path.length === 0 ? [] : [path];
  return entries.flatMap(([key, value]) => findEmptyData(value, [...path, key]));
}

/**
 * Finds the base data that would equal a claim without a value: null, an empty string, or an empty key. An empty list or
 * object may be there, and the fail-open check knows where.
 */
export function checkBaseData(base: unknown, { locate }: DataFiles): readonly Problem[] {
  return findEmptyData(base).flatMap((path): readonly Problem[] => {
    const found = faultOf(base, path);
    if (found === undefined) return [];
    const message = `${nameOfDatum(path)} ${found}, and a claim without a value would be equal to it; leave it out`;
    return [{ code: "data.empty", ...locate(path), message }];
  });
}

function faultOf(base: unknown, path: DataPath): string | undefined {
  if (path.at(-1) === "") return "has an empty key";
  const datum = path.reduce<unknown>((above, key) => Object(above)[key], base);
  return datum === null || datum === "" ? "is null or an empty string" : undefined;
}

/** Formats the name of a base datum as a condition writes it: `data.data.office.networks[0]`. */
export function nameOfDatum(path: DataPath): string {
  const parts = path.map((part) => {
    if (typeof part === "number") return `[${part}]`;
    return /^[A-Za-z_]\w*$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
  });
  return `data.data${parts.join("")}`;
}
