import { isObject } from "../contract/json.ts";
import { schemesOf } from "./schemes.ts";

/**
 * Tells whether CloudFormation inserts something where it could change how an operation is authorized: at the root, in an
 * operation or its security, or among the security schemes. What it inserts elsewhere, such as in a schema or an integration,
 * opens nothing.
 */
export function hasTransformedParts(
  document: unknown,
  operations: readonly Readonly<Record<string, unknown>>[],
): boolean {
  const { components, security } = Object(document);
  return (
    [document, components, ...operations].some(isTransformed) ||
    [security, schemesOf(document), ...operations.flatMap(securityOf)].some((value) => hasTransform(value))
  );
}

/** Tells whether CloudFormation inserts something at an object itself. */
export function isTransformed(value: unknown): boolean {
  return isObject(value) && Object.keys(value).some((key) => key === "Fn::Transform" || key.startsWith("Fn::ForEach"));
}

function securityOf(operation: Readonly<Record<string, unknown>>): readonly unknown[] {
  return [operation["security"], operation["x-amazon-apigateway-auth"]];
}

function hasTransform(value: unknown, seen = new Set<unknown>()): boolean {
  if (typeof value !== "object" || value === null || seen.has(value)) return false;
  seen.add(value);
  // A value that the CDK resolves later is an instance of a class, and its fields could lead anywhere.
  const isPlain = Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));
  return isPlain && (isTransformed(value) || Object.values(value).some((one) => hasTransform(one, seen)));
}
