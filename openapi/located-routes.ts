import { readFile } from "node:fs/promises";
import { isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import type { ApiRoutes } from "../analysis/cache/api-contracts.ts";
import { sortedRoutes } from "../analysis/paths/route-table.ts";
import type { CachingApi } from "../contract/api-kinds.ts";
import { groupBy } from "../contract/group-by.ts";
import type { ApiDocument } from "../contract/named-document.ts";
import { err, ok, type Result } from "../contract/result.ts";
import type { LocatedRoute } from "../contract/route.ts";
import { parseDocumentText } from "./document-text.ts";
import { findGatewayErrors } from "./gateway-errors.ts";
import { toPathItem } from "./path-items.ts";
import { readRoutes } from "./read-routes.ts";

/** A rule of API Gateway that a document breaks, and that need not keep its API from being made. */
export interface DocumentNotice {
  readonly code: "route.one_kind";
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** The routes of several APIs, and what API Gateway may refuse about them. */
export interface LocatedRoutes {
  readonly routes: readonly LocatedRoute[];
  readonly notices: readonly DocumentNotice[];
}

/**
 * Reads the routes of several APIs from their OpenAPI documents, with the lines that they are on.
 *
 * @param kind - The kind of API that the documents are for; default: the kind that each shows, if it shows one.
 * @returns The routes, or the errors in all documents, a line each.
 */
export async function readLocatedRoutes(
  documents: readonly ApiDocument[],
  kind?: CachingApi,
): Promise<Result<LocatedRoutes, readonly string[]>> {
  const read = await Promise.all(documents.map((document) => readOne(document, kind)));
  const errors = read.flatMap((one) => (one.ok ? [] : one.error));
  if (errors.length > 0) return err(errors);
  return ok({
    routes: read.flatMap((one) => (one.ok ? one.value.routes : [])),
    notices: read.flatMap((one) => (one.ok ? one.value.notices : [])),
  });
}

async function readOne(
  { api, file }: ApiDocument,
  kind?: CachingApi,
): Promise<Result<LocatedRoutes, readonly string[]>> {
  const routes = await readRoutes(file, kind);
  if (!routes.ok) return routes;
  const text = await readFile(file, "utf8");
  const lines = linesOf(text);
  const lineOf = (route: string) => lines.get(route) ?? lines.get(route.slice(route.indexOf(" ") + 1)) ?? 1;
  const document = parseDocumentText(text);
  const { notices } = findGatewayErrors(document.ok ? document.value : undefined, kind);
  return ok({
    routes: routes.value.map((route) => ({ ...route, api, file, line: lineOf(`${route.verb} ${route.path}`) })),
    notices: notices.map(({ route, text: message }) => ({
      code: "route.one_kind",
      file,
      line: lineOf(route),
      message,
    })),
  });
}

/** Lists the routes of each API, each once, without their places. */
export function toApiRoutes(routes: readonly LocatedRoute[]): readonly ApiRoutes[] {
  return [...groupBy(routes, ({ api }) => api)].map(([name, list]) => ({
    name,
    routes: sortedRoutes(
      list.map(({ verb, path, isOpen, mayLack }) => ({
        verb,
        path,
        ...(isOpen && { isOpen }),
        ...(mayLack && { mayLack }),
      })),
    ),
  }));
}

/** Finds the line of each path, and of each operation that is written at its path. */
function linesOf(text: string): ReadonlyMap<string, number> {
  const counter = new LineCounter();
  const paths: unknown = parseDocument(text, { lineCounter: counter, logLevel: "error" }).get("paths");
  const lineOf = (node: unknown) => (isNode(node) ? counter.linePos(node.range?.[0] ?? 0).line : 1);
  const pairs = isMap(paths) ? paths.items : [];
  return new Map(
    pairs.flatMap(({ key: path, value: item }) => {
      const name = isScalar(path) ? String(path.value) : "";
      const keys = isMap(item) ? item.items.map(({ key }) => key) : [];
      const operations = keys.flatMap((key) => {
        const own = isScalar(key) ? String(key.value) : "";
        return toPathItem({ [own]: {} }).operations.map(({ verb }) => [`${verb} ${name}`, lineOf(key)] as const);
      });
      return [[name, lineOf(path)] as const, ...operations];
    }),
  );
}
