import { describeNotVisible, toPathItem } from "./path-items.ts";

/** An operation of an OpenAPI document. */
export interface Operation {
  /** `GET`, or `ANY`. */
  readonly verb: string;
  readonly path: string;
  /** As in the document. */
  readonly key: string;
  readonly operation: Readonly<Record<string, unknown>>;
}

/** All operations of a document that can be seen. */
export function operationsOf(document: unknown): readonly Operation[] {
  return Object.entries(Object(Object(document).paths)).flatMap(([path, item]) =>
    toPathItem(item).operations.map((one) => ({ ...one, path, operation: Object(one.operation) })),
  );
}

/** What may have operations that can't be seen, a line each. */
export function findNotVisible(document: unknown): readonly string[] {
  const notVisible = Object.entries(Object(Object(document).paths)).flatMap(([path, item]) => {
    const keys = path.startsWith("/") ? toPathItem(item).notVisible : [];
    return path.startsWith("/")
      ? keys.map((key) => describeNotVisible(path, key))
      : [`what ${JSON.stringify(path)} stands for is no path, and can't be seen; write the paths out`];
  });
  const none = operationsOf(document).length === 0 ? ["the API's document has no operation that can be seen"] : [];
  return [...(hasTransform(document) ? [TRANSFORMED] : []), ...notVisible, ...none];
}

/** It answers itself, as a preflight does. */
export function isPreflightOperation({ verb, operation }: Operation): boolean {
  const integration = Object(operation["x-amazon-apigateway-integration"]);
  return verb === "OPTIONS" && String(integration.type).toLowerCase() === "mock";
}

const TRANSFORMED = "what Fn::Transform brings in can't be seen; write it out";

/** Wherever it stands, CloudFormation puts what it makes beside, or in place of, what is there. */
function hasTransform(value: unknown, seen = new Set<unknown>()): boolean {
  if (typeof value !== "object" || value === null || seen.has(value)) return false;
  seen.add(value);
  // What the CDK resolves later is an object of a class, and could lead anywhere.
  const isPlain = Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));
  return (
    isPlain && (Object.hasOwn(value, "Fn::Transform") || Object.values(value).some((one) => hasTransform(one, seen)))
  );
}
