import { isText } from "../contract/json.ts";
import { overlaps } from "../contract/path-template.ts";
import { err, ok, type Result } from "../contract/result.ts";
import type { LoggedRequest } from "./logged-request.ts";

/**
 * Finds the path of a request behind the stage or the base path with which API Gateway logs it.
 *
 * On the API's own domain, the path begins with the stage, unless it is `$default`; on a custom domain, with the base path of
 * the mapping. If the log does not show which, the matched route decides.
 */
export function toRequestPath({ path, fields }: LoggedRequest): Result<string, "path.ambiguous"> {
  const { stage, domainName, basePath } = fields;
  const withoutStage = isText(stage) ? withoutPrefix(path, stage) : undefined;
  if (isText(domainName) && domainName.includes(".execute-api.")) return ok(withoutStage ?? path);
  if (isText(domainName) && basePath !== undefined)
    return ok((isText(basePath) ? withoutPrefix(path, basePath) : undefined) ?? path);
  const prefixes = isText(domainName)
    ? suffixesOf(path)
    : [path, ...(withoutStage === undefined ? [] : [withoutStage])];
  const candidates = [...new Set(prefixes)];
  const template = templateOf(fields);
  const fitting = template === undefined ? candidates : candidates.filter((one) => overlaps(one, template));
  const [only = path, ...others] = fitting.length === 0 ? candidates : fitting;
  return others.length === 0 ? ok(only) : err("path.ambiguous");
}

/** Removes the stage or base path before a path; undefined if it is not there. The root behind it may lack its slash. */
function withoutPrefix(path: string, prefix: string): string | undefined {
  const before = `/${prefix.replace(/^\//, "")}`;
  if (path === before) return "/";
  return path.startsWith(`${before}/`) ? path.slice(before.length) : undefined;
}

/** Lists a path, and what is left of it without one segment or more. */
function suffixesOf(path: string): readonly string[] {
  return [...path].flatMap((character, at) => (character === "/" ? [path.slice(at)] : []));
}

/** Gives the path template of the matched route; undefined if none is logged, or the route has no path. */
function templateOf({ resourcePath, routeKey }: LoggedRequest["fields"]): string | undefined {
  const [, template] = /^(?:[A-Z]+ )?(\/.*)$/.exec(resourcePath ?? routeKey ?? "") ?? [];
  return template;
}

/** Names the route of a request, for counts. */
export function nameOfLoggedRoute({ method, fields }: LoggedRequest): string {
  const { routeKey, resourcePath } = fields;
  return routeKey ?? `${method} ${resourcePath ?? "(route not logged)"}`;
}
