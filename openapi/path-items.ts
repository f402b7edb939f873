import { HTTP_METHODS } from "../contract/route.ts";

/** API Gateway's extension for a method that matches every verb. */
const ANY_METHOD = "x-amazon-apigateway-any-method";

const METHODS = HTTP_METHODS.map((method) => method.toLowerCase());

const KEYS_WITHOUT_OPERATIONS = new Set(["description", "parameters", "servers", "summary"]);

/** The content of a path item of an OpenAPI document. */
export interface PathItem {
  readonly operations: readonly PathOperation[];
  /** Keys that may stand for operations which are not visible: references, merges, transforms, methods in another case. */
  readonly notVisible: readonly string[];
}

interface PathOperation {
  /** `GET`, or `ANY`. */
  readonly verb: string;
  /** The key of the operation in its path item, such as `get`. */
  readonly key: string;
  readonly operation: unknown;
}

/** Reads a path item. A key counts as not visible unless it is known to have no operation. */
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

/** Says what to do about a key whose operations are not visible. */
export function describeNotVisible(path: string, key: string): string {
  return `${path}: the operations that ${JSON.stringify(key)} stands for are not visible in the document; write them out, with methods in lower case`;
}

function isKnown(key: string): boolean {
  if (METHODS.includes(key) || key === ANY_METHOD || KEYS_WITHOUT_OPERATIONS.has(key)) return true;
  return key.startsWith("x-") && key.toLowerCase() !== ANY_METHOD;
}
