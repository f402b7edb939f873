import type { KeyObject } from "node:crypto";
import { err, ok, type Result } from "../result.ts";
import { type KeySet, parseKeySet } from "./key-set.ts";
import type { TrustedIssuer } from "./trusted-issuer.ts";

/** Finds the key that a token names. */
export type FindKey = (
  issuer: TrustedIssuer,
  kid: string,
) => Promise<Result<KeyObject, "token.key_unknown" | "keys.unavailable" | "keys.cooling_down">>;

/** Fetches a key set; resolves to its JSON, or rejects. */
export type FetchKeySet = (uri: string) => Promise<unknown>;

/** No second fetch for this long, so that tokens with made-up `kid`s can't flood the issuer. */
const COOLDOWN_MS = 10_000;

/**
 * Holds the key set of each issuer: packed at build, or fetched when the first token needs it and again, after a
 * cooldown, for a `kid` that it lacks.
 *
 * @param packed - By issuer.
 */
export function createKeySets(
  fetchKeySet: FetchKeySet,
  nowMs: () => number,
  packed: ReadonlyMap<string, KeySet>,
): FindKey {
  const keySets = new Map(packed);
  const fetchedAtMs = new Map<string, number>();
  const fetching = new Map<string, Promise<KeySet | undefined>>();

  async function refresh({ issuer, jwksUri }: TrustedIssuer): Promise<KeySet | undefined> {
    fetchedAtMs.set(issuer, nowMs());
    const keySet = await fetchKeySet(jwksUri).then(parseKeySet, () => undefined);
    if (keySet !== undefined) keySets.set(issuer, keySet);
    return keySet;
  }

  return async function findKey(issuer, kid) {
    const known = keySets.get(issuer.issuer)?.get(kid);
    if (known !== undefined) return ok(known);

    const underWay = fetching.get(issuer.issuer);
    const sinceMs = nowMs() - (fetchedAtMs.get(issuer.issuer) ?? Number.NEGATIVE_INFINITY);
    if (underWay === undefined && sinceMs < COOLDOWN_MS) return err("keys.cooling_down");

    const fetched = underWay ?? refresh(issuer).finally(() => fetching.delete(issuer.issuer));
    fetching.set(issuer.issuer, fetched);
    const keySet = await fetched;
    if (keySet === undefined) return err("keys.unavailable");
    const key = keySet.get(kid);
    return key === undefined ? err("token.key_unknown") : ok(key);
  };
}
