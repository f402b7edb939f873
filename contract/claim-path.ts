import { isObject, isText, own } from "./json.ts";

/**
 * The place of a claim in a token. A text is the name of one claim, whatever dots and slashes it has. A list is a path: the
 * name of a claim, and the keys of the objects in it.
 */
export type ClaimPath = string | readonly string[];

/** Tells whether a value is a claim path: a name, or a list of names; none of them may be empty. */
export function isClaimPath(value: unknown): value is ClaimPath {
  const names = Array.isArray(value) ? value : [value];
  return names.length > 0 && names.every((name) => isText(name) && name !== "");
}

/** Reads the value at a path; undefined if the token has none there. */
export function readClaim(claims: Readonly<Record<string, unknown>>, path: ClaimPath): unknown {
  let value: unknown = claims;
  for (const name of isText(path) ? [path] : path) {
    if (!isObject(value)) return undefined;
    value = own(value, name);
  }
  return value;
}
