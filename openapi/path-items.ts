import { isObject, isText } from "../contract/json.ts";
import { HTTP_METHODS } from "../contract/route.ts";
import { parseReference, valueAt } from "./local-references.ts";

/** API Gateway's extension for a method that matches every verb. */
const ANY_METHOD = "x-amazon-apigateway-any-method";

const METHODS = HTTP_METHODS.map((method) => method.toLowerCase());

const KEYS_WITHOUT_OPERATIONS = new Set(["description", "parameters", "servers", "summary"]);

/** More references in a row than any document has; a circle ends here. */
const MAX_REFERENCES = 20;

/** A reference to another place of the document, which has to be written out before something is written there. */
export interface LocalReference {
  readonly at: readonly string[];
  /** The place that it leads to. */
  readonly from: readonly string[];
}

/** The content of a path item of an OpenAPI document. */
export interface PathItem {
  readonly operations: readonly PathOperation[];
  /** Keys that may stand for operations which are not visible: references elsewhere, transforms, methods in another case. */
  readonly notVisible: readonly string[];
}

interface PathOperation {
  /** `GET`, or `ANY`. */
  readonly verb: string;
  /** The keys that lead to it from the path item: `["get"]`; with a condition of CloudFormation `["Fn::If", "1", "get"]`. */
  readonly at: readonly string[];
  readonly operation: unknown;
  /** The references on the way, the outermost first. */
  readonly references: readonly LocalReference[];
}

/**
 * Reads a path item, with both branches of conditions (`Fn::If`) and references within the document. A key counts as not
 * visible unless it is known to have no operation.
 */
export function toPathItem(item: unknown, document?: unknown): PathItem {
  return readItem(item, { document, at: [], references: [] });
}

interface Position {
  readonly document: unknown;
  readonly at: readonly string[];
  readonly references: readonly LocalReference[];
}

function readItem(item: unknown, position: Position): PathItem {
  const branches = toBranches(item);
  if (branches !== undefined)
    return merge(branches.map(({ keys, value }) => readItem(value, { ...position, at: [...position.at, ...keys] })));
  const entries = Object.entries(Object(item));
  const target = isObject(item) ? findTarget(item, position) : undefined;
  if (target !== undefined) {
    const others = entries.filter(([key]) => key !== "$ref");
    // What counts if both say something is not specified.
    if (others.every(([key]) => !Object.hasOwn(target.value, key))) {
      const read = readItem({ ...target.value, ...Object.fromEntries(others) }, target.position);
      return read;
    }
  }
  return merge(entries.map(([key, value]) => readEntry(key, value, position)));
}

function readEntry(key: string, value: unknown, position: Position): PathItem {
  if (!METHODS.includes(key) && key !== ANY_METHOD) return { operations: [], notVisible: isKnown(key) ? [] : [key] };
  return readOperation(key === ANY_METHOD ? "ANY" : key.toUpperCase(), value, {
    ...position,
    at: [...position.at, key],
  });
}

function readOperation(verb: string, value: unknown, position: Position): PathItem {
  const branches = toBranches(value);
  if (branches !== undefined)
    return merge(
      branches.map((one) => readOperation(verb, one.value, { ...position, at: [...position.at, ...one.keys] })),
    );
  const { at, references } = position;
  if (!isObject(value) || !Object.hasOwn(value, "$ref"))
    return { operations: [{ verb, at, operation: value, references }], notVisible: [] };
  const target = findTarget(value, position);
  const isAlone = Object.keys(value).length === 1;
  return target !== undefined && isAlone
    ? readOperation(verb, target.value, target.position)
    : { operations: [], notVisible: [`${position.at.join(".")}.$ref`] };
}

/** Lists the branches of a condition, without those that stand for nothing; gives undefined if the value is not a condition. */
function toBranches(
  value: unknown,
): readonly { readonly keys: readonly string[]; readonly value: unknown }[] | undefined {
  if (!isObject(value) || Object.keys(value).length !== 1) return undefined;
  const { "Fn::If": condition } = value;
  if (!Array.isArray(condition) || condition.length !== 3) return undefined;
  return [1, 2].flatMap((branch) => {
    const one: unknown = condition[branch];
    return Object(one).Ref === "AWS::NoValue" ? [] : [{ keys: ["Fn::If", String(branch)], value: one }];
  });
}

/** Finds the object that a reference leads to, and the position for reading it. */
function findTarget(
  { $ref: reference }: Readonly<Record<string, unknown>>,
  { document, at, references }: Position,
): { readonly value: Readonly<Record<string, unknown>>; readonly position: Position } | undefined {
  const from = isText(reference) ? parseReference(reference) : undefined;
  const value = from === undefined ? undefined : valueAt(document, from);
  if (from === undefined || !isObject(value) || references.length === MAX_REFERENCES) return undefined;
  return { value, position: { document, at, references: [...references, { at, from }] } };
}

function merge(parts: readonly PathItem[]): PathItem {
  return {
    operations: parts.flatMap(({ operations }) => operations),
    notVisible: parts.flatMap(({ notVisible }) => notVisible),
  };
}

/** Says what to do about a key whose operations are not visible. */
export function describeNotVisible(path: string, key: string): string {
  return `${path}: the operations that ${JSON.stringify(key)} stands for are not visible in the document; write them out, with methods in lower case`;
}

function isKnown(key: string): boolean {
  return KEYS_WITHOUT_OPERATIONS.has(key) || (key.startsWith("x-") && key.toLowerCase() !== ANY_METHOD);
}
