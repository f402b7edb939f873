import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Where what is fetched once for all clones is kept: `~/.cache/rego-authorizer`.
 *
 * Not `node_modules`: `npm ci` empties it, and building OPA takes minutes.
 */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const home = environment["HOME"] ?? homedir();
  const caches = process.platform === "darwin" ? join(home, "Library", "Caches") : join(home, ".cache");
  return join(environment["XDG_CACHE_HOME"] || caches, "rego-authorizer");
}
