import type { InputReference } from "../contract/manifest.ts";
import { ok } from "../contract/result.ts";
import { checkContract } from "./cache-guard.ts";
import { type KnownSettings, secretClaimsOf } from "./config.ts";
import type { TrustedIssuer } from "./identity/trusted-issuer.ts";
import { checkIssuers } from "./issuer-guard.ts";
import type { Package } from "./package.ts";
import { type PackedKeySets, type PackedKeys, toKeySets } from "./packed-keys.ts";

/** The result of comparing the settings with the package. */
interface Comparison {
  /** A line for everything that does not fit together. */
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  /** The packed keys of the trusted issuers. */
  readonly keySets: PackedKeys;
}

/**
 * Compares the settings with the package. It needs only the settings that are right by themselves, so that an operator sees all
 * errors at once.
 */
export function compareWithPackage(known: KnownSettings, { manifest, keySets: packed }: Package): Comparison {
  const { issuers = new Map(), issuerNames, keys, deployedContract, passedOn } = known;
  const keySets = toKeySets(packed, issuers);
  const tied = issuerNames === undefined ? ok([]) : checkIssuers(issuerNames, manifest.issuers);
  const contract =
    deployedContract === undefined
      ? ok(undefined)
      : checkContract(deployedContract, manifest.cache_contract, manifest.trailing_slash);
  const secretClaims = passedOn === undefined ? [] : secretClaimsOf(issuers, passedOn);
  return {
    errors: [
      ...[keySets, tied, contract].flatMap((part) => (part.ok ? [] : part.error)),
      ...findReadKey(secretClaims, manifest.input_references),
      ...(keys === "packed" ? listWithoutKeys(issuers, packed) : []),
    ],
    warnings: tied.ok ? tied.value : [],
    keySets: keySets.ok ? keySets.value : new Map(),
  };
}

/** Finds out whether the policy reads the claim with the API key, since what it reads is logged. */
function findReadKey(secretClaims: readonly string[], references: readonly InputReference[]): readonly string[] {
  const isRead = references.some(
    ([root, branch, name = ""]) => root === "principal" && branch === "claims" && secretClaims.includes(name),
  );
  if (!isRead) return [];
  return [
    "USAGE_KEY_CLAIM: the policy reads this claim, so the decision log would have the API key; put the key into a claim that the policy does not read",
  ];
}

/** Lists the trusted issuers without a packed key set. The two formats of a user pool are one issuer. */
function listWithoutKeys(issuers: ReadonlyMap<string, TrustedIssuer>, packed: PackedKeySets): readonly string[] {
  const namesOf = ({ keyAddresses }: TrustedIssuer) => keyAddresses.flatMap((address) => address.issuers);
  const settings = new Map([...issuers.values()].map((issuer) => [namesOf(issuer).join(), namesOf(issuer)]));
  return [...settings.values()].flatMap((names, at) =>
    names.some((name) => packed.has(name))
      ? []
      : [
          `KEYS: is packed, but key-sets.json has no key set of TRUSTED_ISSUERS[${at}]; add it to the file of KEY_SETS and build again, or leave KEYS out`,
        ],
  );
}
