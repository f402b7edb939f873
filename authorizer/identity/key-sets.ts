import { err, ok, type Result } from "../../contract/result.ts";
import type { VerificationKey } from "./algorithms.ts";
import type { FetchError } from "./fetch-key-set.ts";
import { type KeySet, parseKeySet } from "./key-set.ts";
import type { TrustedIssuer } from "./trusted-issuer.ts";

/** Finds the key of an issuer by its `kid`. */
export type FindKey = (
  issuer: TrustedIssuer,
  kid: string,
) => Promise<
  Result<VerificationKey, "token.key_unknown" | "token.key_ambiguous" | "keys.unavailable" | "keys.cooling_down">
>;

/** Fetches a key set as JSON. */
export type FetchKeySet = (uri: string) => Promise<Result<unknown, FetchError>>;

/** Why a fetch gave no key set, and whose. */
export interface KeysError {
  readonly issuer: string;
  readonly cause: FetchError | "no_usable_key";
}

/** The effects that key sets need. */
export interface KeySetsEffects {
  readonly fetchKeySet: FetchKeySet;
  readonly nowMs: () => number;
  /** Reports each fetch that fails, so that the log shows which issuer's keys are missing, and why. */
  readonly report: (error: KeysError) => void;
}

/** The age at which a key set is fetched again: the longest that a key is used after its issuer withdraws it. */
export const MAX_AGE_MS = 3_600_000;
/** The age up to which a key set is used while its issuer can't be reached. */
export const MAX_STALE_MS = 86_400_000;
/** The pause between two fetches, so that tokens with made-up `kid`s can't flood the issuer. */
export const COOLDOWN_MS = 10_000;
/** The longest pause; a pause doubles with each fetch that fails. A new key can be unknown for no longer than this. */
export const MAX_COOLDOWN_MS = 300_000;

/** The keys of one issuer, and the state of their fetches. */
interface State {
  keySet: KeySet | undefined;
  /** The time at which the key set is fetched again. */
  freshUntilMs: number;
  usableUntilMs: number;
  nextFetchMs: number;
  failures: number;
  fetching: Promise<boolean> | undefined;
}

/**
 * Creates the function that finds keys. It holds the key set of each issuer, packed at build or fetched for the first token.
 *
 * It fetches a set again when the set is too old, or lacks a `kid`. There is at most one fetch at a time for each issuer,
 * and at most one for each request. A packed set is as trustworthy as the rest of the package, so it is used until another
 * one is fetched.
 *
 * @param packed - The packed key sets, by issuer.
 */
export function createKeySets(effects: KeySetsEffects, packed: Pick<ReadonlyMap<string, KeySet>, "get">): FindKey {
  const { fetchKeySet, nowMs, report } = effects;
  const states = new Map<string, State>();
  const packedFreshUntilMs = nowMs() + MAX_AGE_MS;

  function stateOf(issuer: string): State {
    const known = states.get(issuer);
    if (known !== undefined) return known;
    const keySet = packed.get(issuer);
    const created: State = {
      keySet,
      freshUntilMs: keySet === undefined ? 0 : packedFreshUntilMs,
      usableUntilMs: Number.POSITIVE_INFINITY,
      nextFetchMs: 0,
      failures: 0,
      fetching: undefined,
    };
    states.set(issuer, created);
    return created;
  }

  async function refresh(state: State, { issuer, jwksUri, algorithms }: TrustedIssuer): Promise<boolean> {
    const fetched = await fetchKeySet(jwksUri);
    const keySet = fetched.ok ? parseKeySet(fetched.value, algorithms) : undefined;
    state.fetching = undefined;
    if (keySet === undefined) {
      report({ issuer, cause: fetched.ok ? "no_usable_key" : fetched.error });
      state.nextFetchMs = nowMs() + Math.min(COOLDOWN_MS * 2 ** state.failures, MAX_COOLDOWN_MS);
      state.failures += 1;
      return false;
    }
    Object.assign(state, {
      keySet,
      freshUntilMs: nowMs() + MAX_AGE_MS,
      usableUntilMs: nowMs() + MAX_STALE_MS,
      nextFetchMs: nowMs() + COOLDOWN_MS,
      failures: 0,
    });
    return true;
  }

  /** @returns Whether the fetch gave a key set; undefined if there was no fetch. */
  async function fetchOnce(state: State, issuer: TrustedIssuer): Promise<boolean | undefined> {
    if (state.fetching === undefined && nowMs() < state.nextFetchMs) return undefined;
    state.fetching ??= refresh(state, issuer);
    return state.fetching;
  }

  return async function findKey(issuer, kid) {
    const state = stateOf(issuer.issuer);
    const isKnown = nowMs() < state.freshUntilMs && state.keySet?.has(kid);
    const fetched = isKnown ? undefined : await fetchOnce(state, issuer);
    const keySet = nowMs() < state.usableUntilMs ? state.keySet : undefined;
    const key = keySet?.get(kid);
    if (key === "ambiguous") return err("token.key_ambiguous");
    if (key !== undefined) return ok(key);
    // Anybody can make up a `kid`. A fault depends on the state of the keys alone, never on what a token names.
    if (keySet !== undefined) return err("token.key_unknown");
    return err(fetched === undefined ? "keys.cooling_down" : "keys.unavailable");
  };
}
