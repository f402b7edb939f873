import { isObject, isText, isTexts } from "./json.ts";

// Checks of documents that came from outside. A key that nobody expects may restrict something, so code that ignored it would
// allow too much: an object has the keys of its type and no others.

/** Why a value does not have its form, and where in it: `.grants["orders.read"].until`. */
export interface Mismatch {
  readonly code: "key_unknown" | "malformed";
  /** Empty for the value itself. */
  readonly at: string;
}

/** A check of a value: gives the first mismatch, or undefined. A missing key has the value undefined. */
export type Check = (value: unknown) => Mismatch | undefined;

/** A check for each key of a type, so that a new key does not compile until it has one. */
export type Checks<Shape> = Readonly<Record<keyof Shape, Check>>;

const MALFORMED: Mismatch = { code: "malformed", at: "" };

/** Makes a check of a guard. */
export function is(isFine: (value: unknown) => boolean): Check {
  return (value) => (isFine(value) ? undefined : MALFORMED);
}

export const TEXT: Check = is(isText);

/** Accepts a list of strings. */
export const TEXTS: Check = is(isTexts);

/** Makes the check of a key that may be missing. */
export function optional(check: Check): Check {
  return (value) => (value === undefined ? undefined : check(value));
}

/** Makes the check of a list. */
export function listOf(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return MALFORMED;
    for (const [position, item] of value.entries()) {
      const mismatch = check(item);
      if (mismatch !== undefined) return within(`[${position}]`, mismatch);
    }
    return undefined;
  };
}

/** Makes the check of a list that has one item for each of some checks, and no others. */
export function tuple<Items extends readonly unknown[]>(checks: { readonly [At in keyof Items]: Check }): Check {
  return (value) => {
    if (!Array.isArray(value) || value.length !== checks.length) return MALFORMED;
    for (const [position, check] of checks.entries()) {
      const mismatch = check(value[position]);
      if (mismatch !== undefined) return within(`[${position}]`, mismatch);
    }
    return undefined;
  };
}

/** Makes the check of an object with any keys. */
export function mapOf(check: Check): Check {
  return (value) => {
    if (!isObject(value)) return MALFORMED;
    for (const [key, item] of Object.entries(value)) {
      const mismatch = check(item);
      if (mismatch !== undefined) return within(`[${JSON.stringify(key)}]`, mismatch);
    }
    return undefined;
  };
}

/** Makes the check of an object that has the keys of its type and no others. */
export function closed<Shape>(checks: Checks<Shape>): Check {
  const known = Object.entries<Check>(checks);
  return (value) => {
    if (!isObject(value)) return MALFORMED;
    const unknown = Object.keys(value).find((key) => !Object.hasOwn(checks, key));
    if (unknown !== undefined) return { code: "key_unknown", at: `.${unknown}` };
    for (const [key, check] of known) {
      const mismatch = check(value[key]);
      if (mismatch !== undefined) return within(`.${key}`, mismatch);
    }
    return undefined;
  };
}

/** Makes the check of a value that has one of several forms. */
export function oneOf(...checks: readonly Check[]): Check {
  return is((value) => checks.some((check) => check(value) === undefined));
}

function within(part: string, { code, at }: Mismatch): Mismatch {
  return { code, at: `${part}${at}` };
}
