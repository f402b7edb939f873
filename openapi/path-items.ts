import { HTTP_METHODS } from "../contract/route.ts";

/** API Gateway's own key for a method that takes in every verb. */
const ANY_METHOD = "x-amazon-apigateway-any-method";

const METHODS = HTTP_METHODS.map((method) => method.toLowerCase());

const OTHERS = new Set(["description", "parameters", "servers", "summary"]);

/** What a path item of an OpenAPI document has. */
export interface PathItem {
  readonly operations: readonly PathOperation[];
  /** Keys that may stand for operations that can't be seen: references, merges, transforms, methods in another case. */
  readonly notVisible: readonly string[];
}

interface PathOperation {
  /** `GET`, or `ANY`. */
  readonly verb: string;
  /** As in the document. */
  readonly key: string;
  readonly operation: unknown;
}

/** Reads a path item. What is not known to be harmless is unseen. */
export function toPathItem(item: unknown): PathItem {
  const entries = Object.entries(Object(item));
  return {
    operations: entries.flatMap(([key, operation]) => {
      if (key === ANY_METHOD) return [{ verb: "ANY", key, operation }];
      return METHODS.includes(key) ? [{ verb: key.toUpperCase(), key, operation }] : [];
    }),
    notVisible: entries.map(([key]) => key).filter((key) => !isKnown(key)),
  };
}

/** What to do about a key that is unseen. */
export function describeNotVisible(path: string, key: string): string {
  return `${path}: what ${JSON.stringify(key)} stands for can't be seen; write the operations out, methods in lower case`;
}

function isKnown(key: string): boolean {
  if (METHODS.includes(key) || key === ANY_METHOD || OTHERS.has(key)) return true;
  return key.startsWith("x-") && key.toLowerCase() !== ANY_METHOD;
}
