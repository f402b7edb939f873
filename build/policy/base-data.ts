import type { DataFiles, DataPath } from "./data-files.ts";
import type { Problem } from "./problem.ts";

/** Finds the base data that would equal a claim without a value: null, or an empty string. */
export function checkBaseData(base: unknown, { locate }: DataFiles): readonly Problem[] {
  return findEmpty(base, []).map((path): Problem => {
    const name = nameOfDatum(path);
    const message = `${name} is null or an empty string, and a claim without a value would be equal to it; leave it out`;
    return { code: "data.empty", ...locate(path), message };
  });
}

/** Formats the name of a base datum as a condition writes it: `data.data.office.networks[0]`. */
export function nameOfDatum(path: DataPath): string {
  const parts = path.map((part) => {
    if (typeof part === "number") return `[${part}]`;
    return /^[A-Za-z_]\w*$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
  });
  return `data.data${parts.join("")}`;
}

function findEmpty(datum: unknown, path: DataPath): readonly DataPath[] {
  if (datum === null || datum === "") return [path];
  if (Array.isArray(datum)) return datum.flatMap((item, at) => findEmpty(item, [...path, at]));
  if (typeof datum !== "object") return [];
  return Object.entries(datum).flatMap(([key, value]) => findEmpty(value, [...path, key]));
}
