import { readFile } from "node:fs/promises";
import { sortedRoutes } from "../analysis/paths/route-table.ts";
import type { CachingApi } from "../contract/api-kinds.ts";
import { isObject } from "../contract/json.ts";
import { err, ok, type Result } from "../contract/result.ts";
import type { DeclaredRoute, Route } from "../contract/route.ts";
import { parseDocumentText } from "./document-text.ts";
import { findGatewayErrors } from "./gateway-errors.ts";
import { isOpen, readIntent } from "./intent.ts";
import { existsWith, type Operation, operationsOf } from "./operations.ts";
import { describeNotVisible, toPathItem } from "./path-items.ts";

/**
 * Reads the routes of an API from its OpenAPI document, JSON or YAML.
 *
 * @param kind - The kind of API that the document is for; default: the kind that it shows, if it shows one.
 * @returns The sorted routes, or the errors in the document, a line each.
 */
export async function readRoutes(
  file: string,
  kind?: CachingApi,
): Promise<Result<readonly DeclaredRoute[], readonly string[]>> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    return err([`${file}: can't be read`]);
  }
  const parsed = parseRoutes(text, kind);
  return parsed.ok ? parsed : err(parsed.error.map((line) => `${file}: ${line}`));
}

/** Parses the text of an OpenAPI document, and reads its routes. See {@link readRoutes}. */
export function parseRoutes(text: string, kind?: CachingApi): Result<readonly DeclaredRoute[], readonly string[]> {
  const parsed = parseDocumentText(text);
  if (!parsed.ok) return err([parsed.error]);
  const document = parsed.value;
  const paths = field(document, "paths");
  const isOpenApi = typeof (field(document, "openapi") ?? field(document, "swagger")) === "string";
  if (!isOpenApi || !isObject(paths)) {
    return err(["is not an OpenAPI document: it has no `openapi` or no `paths`"]);
  }
  const errors: string[] = [];
  const operations = operationsOf(document);
  const routes = operations.map((one): DeclaredRoute => {
    const mayLack = findLacking(one, operations);
    return {
      ...{ verb: one.verb, path: one.path },
      ...(isOpen(readIntent(document, one, { api: kind })) && { isOpen: true as const }),
      ...(mayLack.length > 0 && { mayLack }),
    };
  });
  for (const [path, item] of Object.entries(paths)) {
    if (path.startsWith("x-")) continue;
    if (path === "/$default")
      errors.push(
        `${path}: a policy can't name this route, since it has no path; replace it by the routes ANY /{proxy+} and ANY /`,
      );
    else if (!isTemplate(path))
      errors.push(
        `${path}: is not a path that API Gateway accepts; use /literal and /{name}, and /{name+} at the end only`,
      );
    errors.push(...toPathItem(item, document).notVisible.map((key) => describeNotVisible(path, key)));
  }
  if (errors.length === 0) errors.push(...findGatewayErrors(document, kind).errors);
  if (errors.length === 0 && routes.length === 0) errors.push("has no operation");
  if (errors.length > 0) return err(errors);
  // Of two branches of a condition, the open one counts.
  return ok(
    sortedRoutes([...routes.filter(({ isOpen: open }) => !open), ...routes.filter(({ isOpen: open }) => open)]),
  );
}

/**
 * Lists the routes that a condition may remove where a route exists. If that is in several branches of a condition, those of each count.
 */
function findLacking({ verb, path }: Route, operations: readonly Operation[]): readonly string[] {
  const conditional = operations.filter(({ at }) => at.includes("Fn::If"));
  const own = operations.filter((one) => one.verb === verb && one.path === path);
  const nameOf = (one: Route) => `${one.verb} ${one.path}`;
  const isAlwaysWith = (name: string) =>
    own.every((one) => conditional.some((other) => nameOf(other) === name && existsWith(other, one)));
  const always = operations.filter(({ at }) => !at.includes("Fn::If")).map(nameOf);
  const names = [...new Set(conditional.map(nameOf))].filter((name) => !always.includes(name));
  return names.filter((name) => name !== nameOf({ verb, path }) && !isAlwaysWith(name)).sort();
}

/** Tells whether API Gateway accepts a path. A greedy parameter may stand at the end only. */
function isTemplate(path: string): boolean {
  return /^\/$|^(\/([\w.,:~-]+|\{[\w.-]+\}))*(\/([\w.,:~-]+|\{[\w.-]+\+?\}))$/.test(path);
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}
