import type { DataPath } from "./data-files.ts";

/** The type of a value in Rego. */
export type Kind = "null" | "boolean" | "number" | "string" | "array" | "object" | "set";

/** A value that is known when the policy is built: a literal, or a base datum. */
export interface Known {
  readonly value: unknown;
  /** The place of a base datum; undefined for a literal. */
  readonly path?: DataPath;
}

/** The form of every text that a term can have. */
export interface TextForm {
  readonly isPossible: (text: string) => boolean;
  /** Describes the texts for a message: `a date like "2026-11-25"`. */
  readonly description: string;
}

/** The facts about the values that a term can have, whatever the request is. */
export interface Shape {
  readonly kinds: ReadonlySet<Kind>;
  /** All values that the term can have; undefined if they depend on the request. */
  readonly values?: readonly Known[];
  /** The shape of the items of a collection; undefined if they can be anything. */
  readonly items?: Shape;
  /** Set for a claim. */
  readonly isClaim?: true;
  /** Set for a custom attribute of Cognito, which Cognito writes as text. */
  readonly isCustomClaim?: true;
  /** Set for a header or query parameter, which is the list of its values. */
  readonly isRequestList?: true;
  /** Set for text that is an IP address, which OPA and WebAssembly read alike. */
  readonly isAddress?: true;
  /** Set for text that can't be every text. */
  readonly form?: TextForm;
}

const KINDS: readonly Kind[] = ["null", "boolean", "number", "string", "array", "object", "set"];

export const ANYTHING: Shape = { kinds: new Set(KINDS) };
export const TEXT: Shape = { kinds: new Set<Kind>(["string"]) };
export const ADDRESS: Shape = { ...TEXT, isAddress: true };
export const HEADER_VALUE: Shape = {
  ...TEXT,
  form: { isPossible: (text) => !text.includes(","), description: "one value, which has no comma" },
};
export const NUMBER: Shape = { kinds: new Set<Kind>(["number"]) };
export const BOOLEAN: Shape = { kinds: new Set<Kind>(["boolean"]) };
export const TEXTS: Shape = { kinds: new Set<Kind>(["array"]), items: TEXT };
export const TEXT_SET: Shape = { kinds: new Set<Kind>(["set"]), items: TEXT };
export const REQUEST_LIST: Shape = { ...TEXTS, isRequestList: true };
export const HEADER: Shape = { ...REQUEST_LIST, items: HEADER_VALUE };
/** A custom attribute of Cognito. A trigger can put a list into one, so only numbers and booleans are excluded. */
export const CUSTOM_CLAIM: Shape = {
  kinds: new Set<Kind>(["null", "string", "array", "object"]),
  isClaim: true,
  isCustomClaim: true,
};
/** A claim that can have any type. */
export const CLAIM: Shape = { ...ANYTHING, isClaim: true };

/** Makes the shape of a text that is one of some words. */
export function toWord(words: readonly string[]): Shape {
  const isPossible = (text: string) => words.includes(text);
  return { ...TEXT, form: { isPossible, description: `one of ${words.join(", ")}` } };
}

const COLLECTIONS: readonly Kind[] = ["array", "object", "set"];

/** Tells whether a term can have one of these types. */
export function canBe({ kinds }: Shape, wanted: readonly Kind[]): boolean {
  return wanted.some((kind) => kinds.has(kind));
}

/** Tells whether a term can be a collection, which `in` and `some … in` look into. */
export function canBeCollection(shape: Shape): boolean {
  return canBe(shape, COLLECTIONS);
}

/** Makes the shape of a term that has one of some known values. */
export function toShape(values: readonly Known[]): Shape {
  return { kinds: new Set(values.map(({ value }) => kindOf(value))), values };
}

/** Makes the shape of a term that has one of some shapes. */
export function toUnion(shapes: readonly Shape[]): Shape {
  const [first, ...others] = shapes;
  if (first === undefined) return ANYTHING;
  if (others.length === 0) return first;
  const values = shapes.every((shape) => shape.values !== undefined)
    ? { values: shapes.flatMap((shape) => shape.values ?? []) }
    : {};
  return { kinds: new Set(shapes.flatMap(({ kinds }) => [...kinds])), ...values };
}

/** Gives the shape of the items of a collection. */
export function itemsOf(shape: Shape): Shape {
  if (shape.values === undefined) return shape.items ?? ANYTHING;
  const items = shape.values.flatMap(childrenOf);
  // An empty list is a list that nothing is in yet: its items can have any type.
  return items.length === 0 ? ANYTHING : toShape(items);
}

/**
 * Gives the shape of a field or item of a term; undefined if no value has it.
 *
 * @param key - The name or position; undefined if it depends on the request.
 */
export function fieldOf(shape: Shape, key: string | number | undefined): Shape | undefined {
  if (key === undefined || shape.values === undefined) return itemsOf(shape);
  const found = shape.values.flatMap(childrenOf).filter(({ key: own }) => own === key);
  return found.length === 0 ? undefined : toShape(found);
}

/** Lists the keys of the known values of a term. */
export function keysOf({ values = [] }: Shape): readonly string[] {
  return values.flatMap(childrenOf).map(({ key }) => String(key));
}

interface Child extends Known {
  readonly key: string | number;
}

function childrenOf({ value, path }: Known): readonly Child[] {
  if (typeof value !== "object" || value === null) return [];
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return entries.map(([key, child]) => ({ key, value: child, ...(path !== undefined && { path: [...path, key] }) }));
}

function kindOf(value: unknown): Kind {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean" || typeof value === "number" || typeof value === "string") return typeof value as Kind;
  return "object";
}

const NAMES: Readonly<Record<Kind, string>> = {
  null: "null",
  boolean: "true or false",
  number: "a number",
  string: "text",
  array: "a list",
  object: "an object",
  set: "a set",
};

/** Formats the types of a shape for a message: `text`, `a number or a list`. */
export function formatKinds({ kinds }: Shape): string {
  return KINDS.flatMap((kind) => (kinds.has(kind) ? NAMES[kind] : [])).join(" or ");
}
