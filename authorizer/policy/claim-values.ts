import { isExactNumber } from "../../contract/exact-numbers.ts";
import { isObject } from "../../contract/json.ts";
import { TIMES_THAT_HAVE_PASSED } from "../../contract/standard-claims.ts";
import type { Claims } from "../identity/claims.ts";

/** How far the clock of an issuer may be ahead, in seconds. `values.within` of the engine has the same number. */
const TOLERANCE_S = 60;

/**
 * Makes the claims that the policy gets from those of a token. A claim counts as missing if it is a time that should have
 * passed and is in the future, or a number that OPA and WebAssembly do not read alike.
 *
 * @param nowS - The time; undefined if no condition is evaluated.
 */
export function toClaimValues(claims: Claims, names: readonly string[], nowS: number | undefined): Claims {
  const picked: Record<string, unknown> = {};
  for (const name of names) {
    const value = toClaimValue(Object.getOwnPropertyDescriptor(claims, name)?.value);
    if (value !== undefined && !isAhead(name, value, nowS)) picked[name] = value;
  }
  return picked;
}

/**
 * Leaves out the numbers that are not exact, at every depth: a field of an object goes alone, and a list goes as a whole,
 * since without one of its items it would be another list.
 *
 * @returns The value; undefined if nothing of it is left.
 */
function toClaimValue(value: unknown): unknown {
  if (typeof value === "number") return isExactNumber(value) ? value : undefined;
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value.map(toClaimValue);
    return items.includes(undefined) ? undefined : items;
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, inside]) => [key, toClaimValue(inside)] as const);
  return Object.fromEntries(entries.filter(([, inside]) => inside !== undefined));
}

function isAhead(name: string, value: unknown, nowS: number | undefined): boolean {
  if (nowS === undefined || !TIMES_THAT_HAVE_PASSED.includes(name)) return false;
  // The engine reads text that spells a number, too.
  return (typeof value === "number" || typeof value === "string") && Number(value) > nowS + TOLERANCE_S;
}
