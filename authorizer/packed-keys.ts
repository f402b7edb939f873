import { ALGORITHMS, type AlgorithmName } from "../contract/algorithms.ts";
import { isObject } from "../contract/json.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { hasKeyFor, type KeySet, parseKeySet } from "./identity/key-set.ts";
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

/** The packed key sets, by issuer. A set is read when it is asked for: hundreds of issuers must not delay a cold start. */
export type PackedKeys = Pick<ReadonlyMap<string, KeySet>, "get">;

/**
 * Arranges the packed keys of the trusted issuers.
 *
 * @returns The key sets by issuer, or a line for each set that has no key for its issuer's algorithms.
 */
export function toKeySets(
  packed: PackedKeySets,
  issuers: ReadonlyMap<string, TrustedIssuer>,
): Result<PackedKeys, readonly string[]> {
  const errors = [...packed].flatMap(([issuer, jwks]) => {
    const trusted = issuers.get(issuer);
    if (trusted === undefined || hasKeyFor(jwks, trusted.algorithms)) return [];
    return `key-sets.json: no key of ${issuer} is for one of its algorithms, which are ${trusted.algorithms.join(", ")}; set algorithms in TRUSTED_ISSUERS to what the issuer signs with, or pack its present keys`;
  });
  if (errors.length > 0) return err(errors);
  return ok({
    get(issuer) {
      const [jwks, trusted] = [packed.get(issuer), issuers.get(issuer)];
      return trusted && jwks !== undefined ? parseKeySet(jwks, trusted.algorithms) : undefined;
    },
  });
}
