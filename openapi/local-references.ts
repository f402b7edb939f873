import { isObject } from "../contract/json.ts";

/** Parses a reference within a document, such as `#/components/pathItems/Orders`; gives undefined for a reference elsewhere. */
export function parseReference(reference: string): readonly string[] | undefined {
  if (!reference.startsWith("#/")) return undefined;
  try {
    return reference
      .slice(2)
      .split("/")
      .map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"));
  } catch {
    // A percent sign that encodes nothing.
    return undefined;
  }
}

/** Finds the value at a path of keys; undefined if there is none. */
export function valueAt(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, key)) return undefined;
    at = Object.getOwnPropertyDescriptor(at, key)?.value;
  }
  return at;
}

/** Finds the object that a reference within a document leads to; undefined if it leads to none. */
export function resolveReference(document: unknown, reference: string): Readonly<Record<string, unknown>> | undefined {
  const path = parseReference(reference);
  const found = path === undefined ? undefined : valueAt(document, path);
  return isObject(found) ? found : undefined;
}
