import { toDeployedContract } from "../contract/api-contracts.ts";
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
  const { issuers = new Map(), issuerNames, keys, passedOn } = known;
  const keySets = toKeySets(packed, issuers);
  const tied = issuerNames === undefined ? ok([]) : checkIssuers(issuerNames, manifest.issuers);
  const secretClaims = passedOn === undefined ? [] : secretClaimsOf(issuers, passedOn);
  return {
    errors: [
      ...[keySets, tied].flatMap((part) => (part.ok ? [] : part.error)),
      ...checkContracts(known, manifest),
      ...findReadKey(secretClaims, manifest.input_references),
      ...(keys === "packed" ? listWithoutKeys(issuers, packed) : []),
    ],
    warnings: tied.ok ? tied.value : [],
    keySets: keySets.ok ? keySets.value : new Map(),
  };
}

/** Checks that the APIs which may invoke this version cache its responses as the policy allows. */
function checkContracts(
  { deployedContract, apiContracts = new Map(), unqualifiedContract }: KnownSettings,
  {
    cache_contract: common,
    apis = {},
    trailing_slash: trailingSlash,
    input_references: references,
  }: Package["manifest"],
): readonly string[] {
  // Per-token policy documents are those of one API, while the id is that of the package.
  const [documents] = [common, ...Object.values(apis).map((api) => api.cache_contract)].flatMap(
    (contract) => contract.token_documents ?? [],
  );
  const built = { ...common, ...(documents !== undefined && { token_documents: documents }) };
  const readsApi = references.some(([root, field]) => root === "request" && field === "api");
  const checked =
    deployedContract === undefined
      ? []
      : [
          checkContract(deployedContract, built, trailingSlash),
          ...[...apiContracts.values()].map((one) =>
            checkContract(toDeployedContract(one, deployedContract), built, trailingSlash, "API_CONTRACTS"),
          ),
        ];
  return [
    ...new Set(checked.flatMap((one) => (one.ok ? [] : one.error))),
    ...(unqualifiedContract !== undefined && readsApi
      ? [
          "UNQUALIFIED_CONTRACT: the policy has rules for named APIs, and an authorizer whose URI names no alias does not say which API it is for; deploy a policy without such rules until every URI names an alias, and leave UNQUALIFIED_CONTRACT out afterwards",
        ]
      : []),
    ...(unqualifiedContract === undefined || unqualifiedContract === built.id
      ? []
      : [
          "UNQUALIFIED_CONTRACT: is not the id of this package's cache contract, so authorizers whose URI names no contract may cache what they must not; deploy a package of the same contract first, or leave UNQUALIFIED_CONTRACT out",
        ]),
  ];
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
