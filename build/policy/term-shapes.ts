import { type Term, textOf } from "../rego/syntax-tree.ts";
import { resultOf } from "./function-types.ts";
import { type Key, shapeOfInput } from "./input-shapes.ts";
import { createScope, fullName, type Origin, type Scope } from "./scope.ts";
import { ANYTHING, BOOLEAN, fieldOf, itemsOf, type Kind, type Shape, toShape, toUnion } from "./shapes.ts";
import { type Definition, findHelper } from "./vocabulary.ts";

/** The facts that hold for each request that a condition is evaluated for. */
export interface Facts {
  /** The value of `data.data`; undefined if it is not known. */
  readonly base: unknown;
  /** The parameters of the path; undefined if they are not known. */
  readonly parameters: ReadonlySet<string> | undefined;
}

/** The meaning of names inside one rule, with the shapes of its arguments. */
export interface Context {
  readonly scope: Scope;
  readonly arguments: ReadonlyMap<string, Shape>;
  readonly facts: Facts;
  /** The number of calls of helpers around this rule. */
  readonly depth: number;
}

/** A term that has no value, whatever the request is. */
export type Absent =
  | { readonly kind: "parameter"; readonly name: string }
  | { readonly kind: "data"; readonly name: string; readonly key: string; readonly above: Shape };

/** The most calls of helpers within each other that are followed. Rego has no recursion, but a policy may have a mistake. */
const MAX_DEPTH = 12;

/** Creates the context of one definition of a condition or helper. */
export function createContext(
  definition: Definition,
  { scope, facts, depth }: { readonly scope: Pick<Scope, "vocabulary">; readonly facts: Facts; readonly depth: number },
  operands: readonly Shape[] = [],
): Context {
  const patterns = definition.rule.head.args ?? [];
  const named = patterns.flatMap((pattern, at) => {
    const shape = operands[at];
    return pattern.type === "var" && shape !== undefined ? [[pattern.value, shape] as const] : [];
  });
  return { scope: createScope(definition, scope.vocabulary), arguments: new Map(named), facts, depth: depth + 1 };
}

/** Finds the definitions of the helper that a call or reference leads to; none if the calls are too deep. */
export function definitionsOf(name: string, { scope, depth }: Context): readonly Definition[] {
  return depth >= MAX_DEPTH ? [] : (findHelper(name, scope.vocabulary) ?? []);
}

/** Gives the shape of a term when it has a value. */
export function shapeOf(term: Term, context: Context): Shape {
  switch (term.type) {
    case "null":
      return toShape([{ value: null }]);
    case "boolean":
    case "string":
      return toShape([{ value: term.value }]);
    case "number":
      return toShape([{ value: Number(term.value) }]);
    case "array":
      return { kinds: new Set<Kind>(["array"]), items: toUnion(term.value.map((item) => shapeOf(item, context))) };
    case "set":
      return { kinds: new Set<Kind>(["set"]), items: toUnion(term.value.map((item) => shapeOf(item, context))) };
    case "object":
      return { kinds: new Set<Kind>(["object"]) };
    case "call":
      return shapeOfCall(term.value, context);
    case "var":
    case "ref": {
      const found = resolve(term, context);
      return "absent" in found ? ANYTHING : found.shape;
    }
    default:
      return ANYTHING;
  }
}

/** Says which part of a reference never has a value; undefined if all of them can have one. */
export function findAbsent(term: Term, context: Context): Absent | undefined {
  const found = resolve(term, context);
  return "absent" in found ? found.absent : undefined;
}

type Resolved = { readonly shape: Shape } | { readonly absent: Absent };

function resolve(term: Term, context: Context): Resolved {
  const [head, ...path] = term.type === "ref" ? term.value : [term];
  if (head === undefined) return { shape: ANYTHING };
  if (head.type !== "var") return walk({ shape: shapeOf(head, context) }, path.map(toKey(context)), []);
  const name = head.value;
  const own = context.arguments.get(name);
  if (own !== undefined) return walk({ shape: own }, path.map(toKey(context)), [name]);
  const origin = context.scope.variables.get(name);
  if (origin !== undefined) return walk(resolveOrigin(origin, context), path.map(toKey(context)), [name]);
  const first = fullName(head, context.scope).split(".");
  return resolveGlobal([...first, ...path.map(toKey(context))], context);
}

function resolveOrigin(origin: Origin, context: Context): Resolved {
  if (typeof origin !== "object") return { shape: ANYTHING };
  if ("itemOf" in origin) return { shape: itemsOf(shapeOf(origin.itemOf, context)) };
  return { shape: shapeOf(origin.value, context) };
}

function toKey(context: Context): (term: Term) => Key {
  return (term) => {
    if (term.type === "string") return term.value;
    if (term.type === "number") return Number(term.value);
    const values = term.type === "var" ? shapeOf(term, context).values : undefined;
    const [only, ...others] = values ?? [];
    return others.length === 0 && (typeof only?.value === "string" || typeof only?.value === "number")
      ? only.value
      : undefined;
  };
}

function resolveGlobal(parts: readonly Key[], context: Context): Resolved {
  const [root, ...path] = parts;
  if (root === "input") {
    const { parameters } = context.facts;
    const [field, name] = path;
    if (field === "params" && typeof name === "string" && parameters?.has(name) === false) {
      return { absent: { kind: "parameter", name } };
    }
    return { shape: shapeOfInput(path) };
  }
  if (root !== "data") return { shape: ANYTHING };
  if (path[0] === "data") {
    const { base } = context.facts;
    if (base === undefined) return { shape: ANYTHING };
    return walk({ shape: toShape([{ value: base, path: [] }]) }, path.slice(1), ["data", "data"]);
  }
  const end = parts.findIndex((part) => typeof part !== "string");
  const name = parts.slice(0, end === -1 ? undefined : end).join(".");
  const definitions = definitionsOf(name, context);
  const values = definitions.flatMap((definition) => {
    const { value, args, key } = definition.rule.head;
    if (value === undefined || args !== undefined || key !== undefined || definition.rule.head.ref.length > 1)
      return [];
    return [shapeOf(value, createContext(definition, context))];
  });
  if (values.length !== definitions.length || values.length === 0) return { shape: ANYTHING };
  const [definition] = definitions;
  const length = `${definition?.package}.${definition?.rule.head.ref[0]?.value}`.split(".").length;
  return walk({ shape: toUnion(values) }, parts.slice(length), parts.slice(0, length));
}

function walk(start: Resolved, path: readonly Key[], before: readonly Key[]): Resolved {
  let [at, name] = [start, before];
  for (const key of path) {
    if ("absent" in at) return at;
    const next = fieldOf(at.shape, key);
    if (next !== undefined) at = { shape: next };
    else if (at.shape.values?.every((value) => value.path !== undefined)) {
      return { absent: { kind: "data", name: name.join("."), key: String(key), above: at.shape } };
    } else return { shape: ANYTHING };
    name = [...name, key];
  }
  return at;
}

function shapeOfCall([operator, ...operands]: readonly Term[], context: Context): Shape {
  const name = fullName(operator, context.scope);
  const result = resultOf(name);
  if (result !== undefined) return result;
  if (context.scope.vocabulary.builtIns.get(name)?.isPredicate) return BOOLEAN;
  const shapes = operands.map((operand) => shapeOf(operand, context));
  const values = definitionsOf(name, context).map((definition) => {
    const { value, key } = definition.rule.head;
    return value === undefined || key !== undefined
      ? ANYTHING
      : shapeOf(value, createContext(definition, context, shapes));
  });
  return toUnion(values);
}

/** Formats a term as the file writes it. */
export function formatTerm(term: Term): string {
  return textOf(term).replace(/\s+/g, " ");
}
