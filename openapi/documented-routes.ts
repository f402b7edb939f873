import { readFile } from "node:fs/promises";
import { isPreflight } from "../contract/declared-access.ts";
import { namesOfParameters } from "../contract/path-template.ts";
import { err, ok, type Result } from "../contract/result.ts";
import type { DeclaredRoute } from "../contract/route.ts";
import { parseDocumentText } from "./document-text.ts";
import { operationsOf } from "./operations.ts";
import { parseRoutes } from "./read-routes.ts";

/** A route, with what its OpenAPI document says about it. */
export interface DocumentedRoute extends DeclaredRoute {
  /** The `operationId`; undefined without one. */
  readonly id: string | undefined;
  /** The `summary`; undefined without one. */
  readonly summary: string | undefined;
}

/** An OpenAPI document, and its routes. */
export interface RouteDocument {
  readonly text: string;
  readonly routes: readonly DocumentedRoute[];
}

/**
 * Reads an OpenAPI document and its routes, with the names that it gives them.
 *
 * @returns The sorted routes, or the errors in the document, a line each.
 */
export async function readRouteDocument(file: string): Promise<Result<RouteDocument, readonly string[]>> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch {
    return err([`${file}: can't be read`]);
  }
  const routes = parseRoutes(text);
  if (!routes.ok) return err(routes.error.map((line) => `${file}: ${line}`));
  const refused = [...new Set(routes.value.map(({ path }) => path))].filter((path) => !isTemplate(path));
  if (refused.length > 0) return err(refused.map((path) => `${file}: ${path}: ${NO_TEMPLATE}`));
  const document = parseDocumentText(text);
  const operations = document.ok ? operationsOf(document.value) : [];
  const documented = routes.value
    .filter((route) => !isPreflight(route))
    .map((route) => {
      const named = operations.find(({ verb, path }) => verb === route.verb && path === route.path)?.operation;
      return { ...route, id: toText(named?.["operationId"]), summary: toText(named?.["summary"]) };
    });
  return ok({ text, routes: documented });
}

const NO_TEMPLATE =
  "no grant can name this path: a segment is a dot segment or starts with a colon, or two parameters have one name; rename it";

/** Tells whether a grant can name a path that API Gateway accepts. */
function isTemplate(path: string): boolean {
  const names = namesOfParameters(path);
  return !/\/(\.{1,2}|:[^/]*)(\/|$)/.test(path) && new Set(names).size === names.length;
}

/** Converts a value to a text of one line; gives undefined if it is not a text with a visible character. */
function toText(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.replaceAll(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
  return text === "" ? undefined : text;
}
