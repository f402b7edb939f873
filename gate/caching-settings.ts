import { isText } from "../contract/json.ts";
import type { MethodCaching } from "./model.ts";

/**
 * Reads which methods' responses a stage caches, from the `MethodSettings` of a template.
 *
 * `ResourcePath` has `~1` for a slash within the path, as in `/~1orders~1{id}`.
 */
export function toCaching(settings: unknown): readonly MethodCaching[] {
  return [settings ?? []].flat().flatMap((setting) => {
    const { HttpMethod: verb, ResourcePath: path, CachingEnabled: caching } = Object(setting);
    if (caching === undefined) return [];
    return [
      { verb: isText(verb) ? verb : "*", path: toPath(path), isCaching: caching !== false && caching !== "false" },
    ];
  });
}

function toPath(written: unknown): string {
  if (!isText(written) || written === "/*" || written === "*") return "*";
  const path = written.replace(/^\//, "").replaceAll("~1", "/");
  return path.startsWith("/") ? path : `/${path}`;
}
