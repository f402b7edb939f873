// Readers of an event's fields. A field that the documentation calls optional may be missing, null or empty. A field with
// another type throws `MalformedField`, which never leaves `gateway/`.

/** A JSON object whose fields are not checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** All values of headers or query parameters, by name. */
export type Values = ReadonlyMap<string, readonly string[]>;

/** The error of a field that has a type which API Gateway never sends. */
export class MalformedField extends Error {}

/** Reads a JSON object; gives undefined if it is missing or null. */
export function readFields(value: unknown): Fields | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "object" || Array.isArray(value)) throw new MalformedField();
  return value as Fields;
}

/** Reads a string; gives undefined if it is missing or null. */
export function readText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new MalformedField();
  return value;
}

/** Reads a list of strings; gives an empty list if it is missing or null. */
export function readTexts(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new MalformedField();
  return value.map((item) => readText(item) ?? "");
}

/** The longest list for which a set is not worth its memory: nearly all names have one value. */
const SHORT_LIST = 8;

/**
 * Joins the single-valued and the multi-valued view of the same headers or parameters, in time that grows with their size.
 *
 * The single view of a REST event has only the last value of each. A value that only one view has counts too, so two views
 * that disagree make two values.
 */
export function readValues(single: unknown, multi: unknown, nameOf = (name: string): string => name): Values {
  const values = new Map<string, string[]>();
  const add = (name: string, value: string) => {
    const list = values.get(name);
    if (list === undefined) values.set(name, [value]);
    else list.push(value);
  };
  for (const [name, list] of Object.entries(readFields(multi) ?? {})) {
    if (list === null) continue;
    if (!Array.isArray(list)) throw new MalformedField();
    const key = nameOf(name);
    for (const value of list) add(key, readText(value) ?? "");
  }
  // Names that differ in case only are one name, so one list can be looked through many times.
  const seen = new Map<string, Set<string>>();
  for (const [name, value] of Object.entries(readFields(single) ?? {})) {
    const text = readText(value);
    if (text === undefined) continue;
    const key = nameOf(name);
    const list = values.get(key) ?? [];
    if (list.length <= SHORT_LIST) {
      if (!list.includes(text)) add(key, text);
      continue;
    }
    const known = seen.get(key) ?? new Set(list);
    seen.set(key, known);
    if (known.has(text)) continue;
    known.add(text);
    add(key, text);
  }
  return values;
}
