import { readFile } from "node:fs/promises";
import { isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import { sortedRoutes } from "../analysis/paths/route-table.ts";
import { err, ok, type Result } from "../contract/result.ts";
import type { LocatedRoute, Route } from "../contract/route.ts";
import { toPathItem } from "./path-items.ts";
import { readRoutes } from "./read-routes.ts";

/**
 * Reads the routes of several APIs from their OpenAPI documents, with the lines that they are on.
 *
 * @returns The routes, or the errors in all documents, a line each.
 */
export async function readLocatedRoutes(
  files: readonly string[],
): Promise<Result<readonly LocatedRoute[], readonly string[]>> {
  const read = await Promise.all(files.map(readOne));
  const errors = read.flatMap((one) => (one.ok ? [] : one.error));
  return errors.length > 0 ? err(errors) : ok(read.flatMap((one) => (one.ok ? one.value : [])));
}

async function readOne(file: string): Promise<Result<readonly LocatedRoute[], readonly string[]>> {
  const routes = await readRoutes(file);
  if (!routes.ok) return routes;
  const lines = linesOf(await readFile(file, "utf8"));
  return ok(routes.value.map((route) => ({ ...route, file, line: lines.get(`${route.verb} ${route.path}`) ?? 1 })));
}

/** Lists the routes of all documents, each once, without their places. */
export function toRoutes(routes: readonly LocatedRoute[]): readonly Route[] {
  return sortedRoutes(routes.map(({ verb, path }) => ({ verb, path })));
}

/** Finds the line of each operation; an operation of an alias has the line of its path. */
function linesOf(text: string): ReadonlyMap<string, number> {
  const counter = new LineCounter();
  const paths: unknown = parseDocument(text, { lineCounter: counter, logLevel: "error" }).get("paths");
  const lineOf = (node: unknown) => (isNode(node) ? counter.linePos(node.range?.[0] ?? 0).line : 1);
  const pairs = isMap(paths) ? paths.items : [];
  return new Map(
    pairs.flatMap(({ key: path, value: item }) => {
      const keys = isMap(item) ? item.items.map(({ key }) => key) : [];
      return keys.flatMap((key) => {
        const name = isScalar(key) ? String(key.value) : "";
        return toPathItem({ [name]: {} }).operations.map(
          ({ verb }) => [`${verb} ${isScalar(path) ? path.value : ""}`, lineOf(key)] as const,
        );
      });
    }),
  );
}
