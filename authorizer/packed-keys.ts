import { ALGORITHMS, type AlgorithmName } from "../contract/algorithms.ts";
import { isObject } from "../contract/json.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { type KeySet, parseKeySet } from "./identity/key-set.ts";
import type { TrustedIssuer } from "./identity/trusted-issuer.ts";

/** Packed key sets, by issuer, before their keys are read. Which keys are usable is known with the issuer's algorithms. */
export type PackedKeySets = ReadonlyMap<string, unknown>;

/** Parses `{"<issuer>": {"keys": […]}}`; gives undefined if it is not an object. */
export function parsePackedKeySets(value: unknown): PackedKeySets | undefined {
  return isObject(value) ? new Map(Object.entries(value)) : undefined;
}

const EVERY_ALGORITHM = Object.keys(ALGORITHMS) as AlgorithmName[];

/** Tells whether each key set has a key that some algorithm can use. The build does not know the issuers' settings. */
export function areUsable(packed: PackedKeySets): boolean {
  return [...packed.values()].every((jwks) => parseKeySet(jwks, EVERY_ALGORITHM) !== undefined);
}

/**
 * Reads the packed keys of the trusted issuers.
 *
 * @returns The key sets by issuer, or a line for each set that has no key for its issuer's algorithms.
 */
export function toKeySets(
  packed: PackedKeySets,
  issuers: ReadonlyMap<string, TrustedIssuer>,
): Result<ReadonlyMap<string, KeySet>, readonly string[]> {
  const errors: string[] = [];
  const keySets = new Map<string, KeySet>();
  for (const [issuer, jwks] of packed) {
    const trusted = issuers.get(issuer);
    if (trusted === undefined) continue;
    const keySet = parseKeySet(jwks, trusted.algorithms);
    if (keySet !== undefined) keySets.set(issuer, keySet);
    else {
      errors.push(
        `key-sets.json: no key of ${issuer} is for one of its algorithms, which are ${trusted.algorithms.join(", ")}; set algorithms in TRUSTED_ISSUERS to what the issuer signs with, or pack its present keys`,
      );
    }
  }
  return errors.length === 0 ? ok(keySets) : err(errors);
}
