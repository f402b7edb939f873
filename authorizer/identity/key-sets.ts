import type { KeyObject } from "node:crypto";
import { err, ok, type Result } from "../../contract/result.ts";
import type { FetchError } from "./fetch-key-set.ts";
import { type KeySet, parseKeySet } from "./key-set.ts";
import type { TrustedIssuer } from "./trusted-issuer.ts";

/** Finds the key that a token names. */
export type FindKey = (
  issuer: TrustedIssuer,
  kid: string,
) => Promise<Result<KeyObject, "token.key_unknown" | "token.key_ambiguous" | "keys.unavailable" | "keys.cooling_down">>;

/** Fetches a key set as JSON. */
export type FetchKeySet = (uri: string) => Promise<Result<unknown, FetchError>>;

/** A fetch that gave no key set. */
export interface KeysError {
  readonly issuer: string;
  readonly cause: FetchError | "no_usable_key";
}

/** What key sets ask of the world. */
export interface KeySetsEffects {
  readonly fetchKeySet: FetchKeySet;
  readonly nowMs: () => number;
  /** Told of each fetch that fails, so that whoever reads the log knows whose keys are missing, and why. */
  readonly report: (fault: KeysError) => void;
}

/** A key that an issuer withdraws is taken for no longer than this. */
export const MAX_AGE_MS = 3_600_000;
/** While an issuer is out of reach, its last keys are taken for no longer than this. */
export const MAX_STALE_MS = 86_400_000;
/** No second fetch for this long, so that tokens with made-up `kid`s can't flood the issuer. */
export const COOLDOWN_MS = 10_000;
/** It doubles with each fetch that fails, up to this: the longest that a new key can be locked out. */
export const MAX_COOLDOWN_MS = 300_000;

/** What is known of one issuer's keys. */
interface State {
  keySet: KeySet | undefined;
  /** Until then it is taken as it is; then another is asked for. */
  freshUntilMs: number;
  usableUntilMs: number;
  nextFetchMs: number;
  failures: number;
  fetching: Promise<boolean> | undefined;
}

/**
 * Holds the key set of each issuer: packed at build, or fetched when the first token needs it; and again when it is too
 * old, or for a `kid` that it lacks. One fetch at a time for each issuer, at most one for each request.
 *
 * A packed set is as good as the rest of the package: it counts for as long as no other can be had.
 *
 * @param packed - By issuer.
 */
export function createKeySets(effects: KeySetsEffects, packed: ReadonlyMap<string, KeySet>): FindKey {
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

  async function refresh(state: State, { issuer, jwksUri }: TrustedIssuer): Promise<boolean> {
    const fetched = await fetchKeySet(jwksUri);
    const keySet = fetched.ok ? parseKeySet(fetched.value) : undefined;
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

  /** @returns Whether a set came; nothing if none was asked for. */
  async function fetchOnce(state: State, issuer: TrustedIssuer): Promise<boolean | undefined> {
    if (state.fetching === undefined && nowMs() < state.nextFetchMs) return undefined;
    state.fetching ??= refresh(state, issuer);
    return state.fetching;
  }

  return async function findKey(issuer, kid) {
    const state = stateOf(issuer.issuer);
    const isKnown = nowMs() < state.freshUntilMs && state.keySet?.has(kid);
    const fetched = isKnown ? undefined : await fetchOnce(state, issuer);
    const key = nowMs() < state.usableUntilMs ? state.keySet?.get(kid) : undefined;
    if (key === "ambiguous") return err("token.key_ambiguous");
    if (key !== undefined) return ok(key);
    if (fetched === undefined) return err("keys.cooling_down");
    return err(fetched ? "token.key_unknown" : "keys.unavailable");
  };
}
