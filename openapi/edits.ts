import { isObject } from "../contract/json.ts";
import { valueAt } from "./local-references.ts";
import type { LocalReference } from "./path-items.ts";

/** A change of a document, at a place that is named by the keys that lead to it. */
export type Edit =
  /** Writes a value. */
  | { readonly path: readonly string[]; readonly value: unknown }
  /** Writes the content that `$ref` leads to in the place of the reference. */
  | { readonly path: readonly string[]; readonly writeOut: readonly string[] }
  /** Removes a key. */
  | { readonly path: readonly string[]; readonly isRemoved: true };

/** Makes the edit that writes out a reference. */
export function toWriteOut({ at, from }: LocalReference): Edit {
  return { path: at, writeOut: from };
}

/** Copies a document and makes edits in the copy, each in its place only, even if two places share one object. */
export function withEdits(document: unknown, edits: readonly Edit[]): object {
  return edits.reduce<object>((copy, edit) => {
    const { path } = edit;
    if ("value" in edit) return Object(withChange(copy, path, () => edit.value));
    if ("isRemoved" in edit) return Object(withChange(copy, path, () => undefined));
    const target = valueAt(document, edit.writeOut);
    return Object(withChange(copy, path, (at) => writtenOut(at, target)));
  }, Object(document));
}

/** Puts the content of a target in the place of the reference to it. What was written out before stays. */
function writtenOut(at: unknown, target: unknown): unknown {
  if (!isObject(at) || !Object.hasOwn(at, "$ref")) return at;
  const { $ref: _, ...others } = at;
  return { ...Object(target), ...others };
}

function withChange(at: unknown, path: readonly string[], change: (value: unknown) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return change(at);
  if (Array.isArray(at)) return at.map((one, index) => (String(index) === key ? withChange(one, rest, change) : one));
  const { [key]: before, ...others } = Object(at);
  const after = withChange(before, rest, change);
  if (after === undefined) return others;
  // A key keeps its place.
  return { ...Object(at), [key]: after };
}
