/* Guards for JSON that came from outside. */

/** Parses JSON; gives undefined if the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Tells whether a value is an object, which null and arrays are not. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Tells whether a value is an object whose values all pass a check. */
export function isMapOf(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return isObject(value) && Object.values(value).every(isItem);
}

/** Tells whether a value is a string. */
export function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** Tells whether a value is an array of strings. */
export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

/** Looks up a key of the object itself, not one that it inherits, such as `constructor`. */
export function own<Value>(map: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/**
 * A check for each key that an object can have, and for no other key. A key is optional if its check accepts undefined.
 *
 * A key that nobody expects may restrict something, so code that ignored it would allow too much.
 */
export type Checks<Shape> = Readonly<Record<keyof Shape, (value: unknown) => boolean>>;

/** Tells whether a value is an object that passes its checks and has no other key. */
export function isClosed<Shape>(value: unknown, checks: Checks<Shape>): boolean {
  if (!isObject(value)) return false;
  for (const key in value) if (!Object.hasOwn(checks, key)) return false;
  return Object.entries<(value: unknown) => boolean>(checks).every(([key, isFine]) => isFine(own(value, key)));
}

/** Makes the check of a key that may be missing. */
export function optional(isFine: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === undefined || isFine(value);
}

/** Makes the check of a list whose items all pass a check. */
export function listOf(isItem: (item: unknown) => boolean): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.every(isItem);
}
