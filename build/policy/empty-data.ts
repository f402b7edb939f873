import type { Term } from "../rego/syntax-tree.ts";
import type { DataPath } from "./data-files.ts";
import { fullName, type Scope } from "./scope.ts";

/** The keys that lead from `data.data` to a term; undefined for a key that depends on the request. */
type Keys = readonly (string | undefined)[];

/** Gives the place in base data that a term refers to; undefined for a term that does not refer to base data. */
export function keysInData(term: Term, scope: Scope): Keys | undefined {
  const [head, ...path] = term.type === "ref" ? term.value : [term];
  if (head?.type !== "var") return undefined;
  const keys = path.map((part) => (part.type === "string" || part.type === "number" ? String(part.value) : undefined));
  const origin = scope.variables.get(head.value);
  if (typeof origin === "object") {
    const before = keysInData("value" in origin ? origin.value : origin.itemOf, scope);
    return before && [...before, ...("itemOf" in origin ? [undefined] : []), ...keys];
  }
  const [root, branch, ...rest] = [...fullName(head, scope).split("."), ...keys];
  return root === "data" && branch === "data" ? rest : undefined;
}

/** Tells whether a base datum is empty, or a part of it at any depth is. */
export function hasEmptyData(keys: Keys, { vocabulary }: Scope): boolean {
  return vocabulary.emptyData.some((path) => isBelow(path, keys));
}

/** Tells whether an item of a base datum is empty, or a part of an item at any depth is. */
export function hasEmptyItems(keys: Keys, { vocabulary }: Scope): boolean {
  return vocabulary.emptyData.some((path) => path.length > keys.length && isBelow(path, keys));
}

/** Tells whether a base datum has an empty key. */
export function hasEmptyKey(keys: Keys, { vocabulary }: Scope): boolean {
  return vocabulary.emptyData.some(
    (path) => path.length === keys.length + 1 && path.at(-1) === "" && isBelow(path, keys),
  );
}

function isBelow(path: DataPath, keys: Keys): boolean {
  return path.length >= keys.length && keys.every((key, at) => key === undefined || key === String(path[at]));
}
