import { isObject } from "../contract/json.ts";
import type { Scope } from "./scope.ts";

/**
 * Merges the globals of a type into the properties of a resource: maps are merged, lists joined, and other values are the
 * resource's own.
 *
 * @see AWS SAM developer guide, "Globals section of the AWS SAM template"
 */
export function withGlobals(
  { template }: Scope,
  section: "Api" | "Function" | "HttpApi",
  properties: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { Globals: globals } = template;
  const own: unknown = Object(globals)[section];
  return isObject(own) ? mergeMaps(own, properties) : properties;
}

function mergeMaps(
  globals: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const merged = Object.entries(own).map(([key, value]) => [key, merge(globals[key], value)] as const);
  return { ...globals, ...Object.fromEntries(merged) };
}

function merge(global: unknown, own: unknown): unknown {
  if (Array.isArray(global) && Array.isArray(own)) return [...global, ...own];
  return isObject(global) && isObject(own) && !isIntrinsic(global) && !isIntrinsic(own) ? mergeMaps(global, own) : own;
}

function isIntrinsic(value: Readonly<Record<string, unknown>>): boolean {
  const [key = "", ...others] = Object.keys(value);
  return others.length === 0 && (key === "Ref" || key.startsWith("Fn::"));
}
