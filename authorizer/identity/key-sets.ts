import type { AlgorithmName } from "../../contract/algorithms.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import type { VerificationKey } from "./algorithms.ts";
import type { KeySet } from "./key-set.ts";
import { createKeySetCache, type KeySetCache, type KeySetsEffects } from "./key-set-cache.ts";
import type { KeyAddress, TrustedIssuer } from "./trusted-issuer.ts";

/** Tells how many milliseconds are left to respond to a request. */
export type RemainingMs = () => number;

/** Finds the key of an issuer by its `kid`. */
export type FindKey = (
  issuer: TrustedIssuer,
  kid: string,
  remainingMs?: RemainingMs,
) => Promise<
  Result<
    VerificationKey,
    "token.key_unknown" | "token.key_ambiguous" | "keys.unavailable" | "keys.cooling_down" | "keys.out_of_time"
  >
>;

/** The time that a response needs after the last wait for a fetch. */
const RESERVE_MS = 250;
/** The longest wait of a request for all its fetches: an HTTP API waits 10 seconds for its authorizer, and Lambda usually 5. */
const MAX_WAIT_MS = 4_500;
/** The shortest wait for a fetch that is worth beginning one. */
const MIN_WAIT_MS = 100;

/** How a wait for a fetch ended; `pause` if there was nothing to wait for. */
type Waited = "fetched" | "pause" | "out_of_time";

/**
 * Creates the function that finds keys. It caches the key set of each issuer, packed at build or fetched for the first token.
 *
 * A key that may be used is found at once, and its set is fetched again beside the request when it is due. Only an unknown
 * `kid`, or a set that is too old, makes a request wait for a fetch. The two issuer formats of a user pool stand for one pool,
 * so a key of either is found for both.
 *
 * @param packed - The packed key sets, by issuer.
 */
export function createKeySets(effects: KeySetsEffects, packed: Pick<ReadonlyMap<string, KeySet>, "get">): FindKey {
  const { nowMs } = effects;
  const caches = new Map<string, KeySetCache>();
  const startMs = nowMs();

  function cacheOf({ issuers, jwksUri }: KeyAddress, algorithms: readonly AlgorithmName[]): KeySetCache {
    const [issuer = ""] = issuers;
    const known = caches.get(issuer);
    if (known !== undefined) return known;
    const keySet = issuers.map((name) => packed.get(name)).find((found) => found !== undefined);
    const created = createKeySetCache({ issuer, jwksUri, algorithms }, keySet && { keySet, sinceMs: startMs }, effects);
    caches.set(issuer, created);
    return created;
  }

  return async function findKey(issuer, kid, remainingMs = () => Number.POSITIVE_INFINITY) {
    const { keyAddresses } = issuer;
    const all = keyAddresses.map((address) => cacheOf(address, issuer.algorithms));
    for (const cache of all) {
      const key = cache.atOnce()?.get(kid);
      if (key === undefined) continue;
      if (cache.isDue()) void cache.refresh(false);
      return toResult(key);
    }

    const own = all.filter((_, at) => keyAddresses[at]?.issuers.includes(issuer.issuer));
    const isCold = all.every((cache) => cache.usable() === undefined);
    const untilMs = nowMs() + MAX_WAIT_MS;
    const waited: Waited[] = [];
    // Without any key, a pool's first format is fetched first. Otherwise a forged token could name the one that it lacks.
    // Each is asked twice: the fetch that was running may have begun before the key was published.
    for (const cache of (isCold ? all : own).flatMap((each) => [each, each])) {
      const retries = all.every((each) => each.usable() === undefined);
      const waitMs = Math.min(untilMs - nowMs(), remainingMs() - RESERVE_MS);
      waited.push(waitMs < MIN_WAIT_MS ? "out_of_time" : await waitFor(cache.refresh(retries), waitMs));
      const key = all.map((each) => each.atOnce()?.get(kid)).find((found) => found !== undefined);
      if (key !== undefined) return toResult(key);
    }
    const usable = all.flatMap((cache) => cache.usable() ?? []);
    // Anybody can make up a `kid`. A fault depends on the state of the keys alone, never on what a token names.
    if (usable.length > 0 && !usable.some((keySet) => keySet.has(kid))) return err("token.key_unknown");
    if (waited.includes("fetched")) return err("keys.unavailable");
    return err(waited.includes("out_of_time") ? "keys.out_of_time" : "keys.cooling_down");
  };
}

function toResult(key: VerificationKey | "ambiguous"): Result<VerificationKey, "token.key_ambiguous"> {
  return key === "ambiguous" ? err("token.key_ambiguous") : ok(key);
}

/** Waits for a fetch, but no longer than the request has. The fetch goes on beside it. */
async function waitFor(fetch: Promise<void> | undefined, waitMs: number): Promise<Waited> {
  if (fetch === undefined) return "pause";
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<"out_of_time">((resolve) => {
    timer = setTimeout(() => resolve("out_of_time"), waitMs);
  });
  const waited = await Promise.race([fetch.then(() => "fetched" as const), expired]);
  clearTimeout(timer);
  return waited;
}
