import { describeNotVisible, toPathItem } from "./path-items.ts";

/** An operation of an OpenAPI document. */
export interface Operation {
  /** `GET`, or `ANY`. */
  readonly verb: string;
  readonly path: string;
  /** The key of the operation in its path item, such as `get`. */
  readonly key: string;
  readonly operation: Readonly<Record<string, unknown>>;
}

/** Lists the visible operations of a document. */
export function operationsOf(document: unknown): readonly Operation[] {
  return Object.entries(Object(Object(document).paths)).flatMap(([path, item]) =>
    toPathItem(item).operations.map((one) => ({ ...one, path, operation: Object(one.operation) })),
  );
}

/** Finds the parts of a document that may have operations which are not visible in it, such as references; a line each. */
export function findNotVisible(document: unknown): readonly string[] {
  const notVisible = Object.entries(Object(Object(document).paths)).flatMap(([path, item]) => {
    const keys = path.startsWith("/") ? toPathItem(item).notVisible : [];
    return path.startsWith("/")
      ? keys.map((key) => describeNotVisible(path, key))
      : [
          `${JSON.stringify(path)} is not a path, and the paths that it stands for are not visible in the document; write them out`,
        ];
  });
  const none = operationsOf(document).length === 0 ? ["the API's document has no visible operation"] : [];
  return [...(hasTransform(document) ? [TRANSFORMED] : []), ...notVisible, ...none];
}

/** Tells whether an operation is a preflight that API Gateway answers itself: OPTIONS with a mock integration. */
export function isPreflightOperation({ verb, operation }: Operation): boolean {
  const integration = Object(operation["x-amazon-apigateway-integration"]);
  return verb === "OPTIONS" && String(integration.type).toLowerCase() === "mock";
}

const TRANSFORMED = "the content that Fn::Transform inserts is not visible in the document; write it out";

/** Tells whether a document has `Fn::Transform` anywhere. CloudFormation inserts its content there, or replaces what is there. */
function hasTransform(value: unknown, seen = new Set<unknown>()): boolean {
  if (typeof value !== "object" || value === null || seen.has(value)) return false;
  seen.add(value);
  // A value that the CDK resolves later is an instance of a class, and its fields could lead anywhere.
  const isPlain = Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));
  return (
    isPlain && (Object.hasOwn(value, "Fn::Transform") || Object.values(value).some((one) => hasTransform(one, seen)))
  );
}
