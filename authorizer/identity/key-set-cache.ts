import { err } from "../../contract/result.ts";
import type { FetchError, FetchKeySet } from "./fetch-key-set.ts";
import { type KeySet, parseKeySet } from "./key-set.ts";
import type { KeyAddress, TrustedIssuer } from "./trusted-issuer.ts";

/** The age from which a request that uses a key set fetches it again, without waiting for it. */
export const REFRESH_AGE_MS = 1_800_000;
/** The age from which a request waits for the fetch, unless the last one failed: the longest that a withdrawn key is used. */
export const MAX_AGE_MS = 7_200_000;
/** The age up to which a key set is used while its issuer can't be reached. */
export const MAX_STALE_MS = 86_400_000;
/** The time between the beginnings of two fetches, so that tokens with made-up `kid`s can't flood the issuer. */
export const COOLDOWN_MS = 10_000;
/** The pause after the first fetch that fails; it doubles with each further one. */
export const MIN_COOLDOWN_MS = 1_000;
/** The longest pause. A new key can be unknown for no longer than this. */
export const MAX_COOLDOWN_MS = 300_000;
/** How long a failed fetch tells that the issuer can't be reached: two of the longest pauses. */
export const OUTAGE_MS = 2 * MAX_COOLDOWN_MS;
/** A fetch has a timeout of two seconds. One that took longer than this was frozen, and says nothing of its issuer. */
const FROZEN_FETCH_MS = 5_000;

/** Why a fetch gave no key set, and whose. */
export interface KeysError {
  readonly issuer: string;
  readonly cause: FetchError | "no_usable_key";
}

/** How old the key set in use was when a fetch ended, before its result replaced the set; 0 if a fetch was successful and no set was in use. */
export interface KeysAge {
  readonly issuer: string;
  readonly ageS: number;
}

/** The effects that a cache of a key set needs. */
export interface KeySetsEffects {
  /** Undefined if nothing may be fetched, since all key sets are packed. */
  readonly fetchKeySet: FetchKeySet | undefined;
  /** A clock that is never turned back. */
  readonly nowMs: () => number;
  /** Reports each fetch that fails, so that the log shows which issuer's keys are missing, and why. */
  readonly report: (error: KeysError) => void;
  /** Reports an age at the end of each fetch. Fetches are minutes apart, so the log has no line of it for each request. Default: nothing. */
  readonly reportAge?: (age: KeysAge) => void;
}

/** A key set that was packed at build, and the time from which it counts: the start of the authorizer. */
export interface PackedKeySet {
  readonly keySet: KeySet;
  readonly sinceMs: number;
}

/** Where an issuer's key set is published, and the algorithms that its keys may be for. */
type KeySource = Pick<TrustedIssuer, "issuer" | "algorithms"> & Pick<KeyAddress, "jwksUri">;

/** The key set of one issuer: packed, fetched, or missing. */
export interface KeySetCache {
  /** Returns the keys that may be used without waiting for a fetch. */
  readonly atOnce: () => KeySet | undefined;
  /** Returns the keys that may be used if no fetch brings newer ones. */
  readonly usable: () => KeySet | undefined;
  /** Tells whether the key set should be fetched again. */
  readonly isDue: () => boolean;
  /**
   * Starts a fetch, or joins the one that is running. It never rejects.
   *
   * @param retries - Whether the first fetch that fails is repeated at once, since a single connection may be lost.
   * @returns Undefined during a pause.
   */
  readonly refresh: (retries: boolean) => Promise<void> | undefined;
}

/**
 * Creates the cache of an issuer's key set.
 *
 * There is at most one fetch at a time. A packed set is as trustworthy as the rest of the package, so it is used until
 * another one is fetched.
 */
export function createKeySetCache(
  { issuer, jwksUri, algorithms }: KeySource,
  packed: PackedKeySet | undefined,
  { fetchKeySet, nowMs, report, reportAge = () => {} }: KeySetsEffects,
): KeySetCache {
  let keySet = packed?.keySet;
  let isPacked = packed !== undefined;
  /** The time at which the fetch of the key set began, since its response may be as old as that. */
  let sinceMs = packed?.sinceMs ?? 0;
  let failures = 0;
  let failedMs = Number.NEGATIVE_INFINITY;
  let nextFetchMs = Number.NEGATIVE_INFINITY;
  let fetching: Promise<void> | undefined;

  const ageMs = () => nowMs() - sinceMs;
  const usable = () => (isPacked || ageMs() < MAX_STALE_MS ? keySet : undefined);
  const ageS = () => Math.floor(ageMs() / 1000);
  const isOutage = () => failures > 0 && nowMs() - failedMs < OUTAGE_MS;
  const atOnce = () => (isPacked || ageMs() < MAX_AGE_MS || isOutage() ? usable() : undefined);

  async function fetchOnce(fetch: FetchKeySet): Promise<"fetched" | "failed" | "frozen"> {
    const startMs = nowMs();
    const fetched = await fetch(jwksUri).catch(() => err("unreachable" as const));
    const parsed = fetched.ok ? parseKeySet(fetched.value, algorithms) : undefined;
    if (parsed !== undefined) {
      reportAge({ issuer, ageS: atOnce() === undefined ? 0 : ageS() });
      keySet = parsed;
      isPacked = false;
      sinceMs = startMs;
      failures = 0;
      nextFetchMs = startMs + COOLDOWN_MS;
      return "fetched";
    }
    if (nowMs() - startMs > FROZEN_FETCH_MS) return "frozen";
    report({ issuer, cause: fetched.ok ? "no_usable_key" : fetched.error });
    failedMs = nowMs();
    nextFetchMs = failedMs + Math.min(MIN_COOLDOWN_MS * 2 ** failures, MAX_COOLDOWN_MS);
    failures += 1;
    // From the failure on, also a set that was too old is used.
    if (usable() !== undefined) reportAge({ issuer, ageS: ageS() });
    return "failed";
  }

  async function fetchWithRetry(fetch: FetchKeySet, retries: boolean): Promise<void> {
    let outcome = await fetchOnce(fetch);
    // Lambda froze the process after a response, and another request has thawed it.
    if (outcome === "frozen") outcome = await fetchOnce(fetch);
    if (outcome === "failed" && failures === 1 && retries) await fetchOnce(fetch);
    fetching = undefined;
  }

  return {
    atOnce,
    usable,
    isDue: () => ageMs() >= REFRESH_AGE_MS,
    refresh(retries) {
      if (fetchKeySet === undefined) return undefined;
      if (fetching === undefined && nowMs() >= nextFetchMs) fetching = fetchWithRetry(fetchKeySet, retries);
      return fetching;
    },
  };
}
