import type { InputReference } from "../../contract/manifest.ts";
import { isTime } from "./late-by.ts";

/** A field that a condition reads besides the token. */
export interface CacheKeyDependency {
  /** `request.source_ip` */
  readonly read: string;
  readonly condition: string;
  /** The identity sources that the cache key needs; undefined if no identity source can stand for the field. */
  readonly sources: readonly string[] | undefined;
  /** Set for the time, if the condition says how late its passing may be noticed: the longest TTL, in seconds. */
  readonly lateByS?: number;
}

/**
 * The identity sources of a field. Path and method need none, since they are in every cache key; nor do API and stage, since
 * each stage of each API has its own cache.
 */
const SOURCES_OF_FIELD: Readonly<Record<string, readonly string[]>> = {
  "request.method": [],
  "request.path": [],
  "request.api": [],
  "request.api_id": [],
  "request.stage": [],
  "request.source_ip": ["source_ip"],
};

/**
 * Derives the cache-key dependencies of each condition.
 *
 * @param ofRequest - The references of each condition, without those to the principal.
 * @param required - The headers and query parameters that each condition declares as sent with every request. API Gateway
 *   refuses a request that lacks an identity source. So only the policy's authors can say that one may be an identity source.
 * @param lateBy - How late the passing of time may be noticed, by condition, in seconds.
 */
export function keyDependenciesOf(
  ofRequest: ReadonlyMap<string, readonly InputReference[]>,
  required: ReadonlyMap<string, readonly string[]>,
  lateBy: ReadonlyMap<string, number>,
): ReadonlyMap<string, readonly CacheKeyDependency[]> {
  return new Map(
    [...ofRequest].map(([condition, references]) => {
      const dependencies = references.map((read): CacheKeyDependency => {
        const lateByS = isTime(read) ? lateBy.get(condition) : undefined;
        const named = { read: read.join("."), condition };
        // No cache key holds the time. If a late notice is allowed, the TTL limits it.
        if (lateByS !== undefined) return { ...named, sources: [], lateByS };
        return { ...named, sources: sourcesOf(read, required.get(condition) ?? []) };
      });
      return [condition, dependencies];
    }),
  );
}

function sourcesOf(read: InputReference, required: readonly string[]): readonly string[] | undefined {
  const [root, branch, name] = read;
  if (root === "params") return [];
  const text = read.join(".");
  // AWS does not document that an identity source can be a part of the client's certificate.
  if (branch === "client_certificate") return undefined;
  if (root === "request" && name !== undefined) {
    const kind = branch === "headers" ? "header" : "query";
    return required.includes(text) ? [`${kind}.${name}`] : undefined;
  }
  return SOURCES_OF_FIELD[text];
}
