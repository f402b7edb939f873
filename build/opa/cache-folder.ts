import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Names the folder for downloads that all clones share: `~/.cache/rego-authorizer`.
 *
 * `node_modules` would not do: `npm ci` empties it, and building OPA takes minutes.
 */
export function cacheFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const home = environment["HOME"] ?? homedir();
  const caches = process.platform === "darwin" ? join(home, "Library", "Caches") : join(home, ".cache");
  return join(environment["XDG_CACHE_HOME"] || caches, "rego-authorizer");
}
