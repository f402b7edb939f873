import type { CacheKeyPart } from "./cache-key.ts";
import { type Checks, closed, is, listOf, mapOf, optional, TEXT, TEXTS } from "./checks.ts";
import { own } from "./json.ts";
import { MAX_TTL_S } from "./limits.ts";
import { PUBLIC_RULES, type PublicRule } from "./public-rules.ts";
import type { Route } from "./route.ts";

/** The path of a field of the input, such as `["principal", "claims", "cognito:groups"]`. */
export type InputReference = readonly string[];

/** The only kind of Cognito token that a policy accepts of users. A machine's token is an access token in any case. */
export type UserTokenUse = "id" | "access";

/**
 * The meaning of a slash at the end of a path: `same`, a request with it is decided as the one without; `denied`, it is denied,
 * since a policy names no such path.
 */
export type TrailingSlash = "same" | "denied";

/** The build's description of the policy that it compiled: `dist/authorizer/manifest.json`, with the routes of `dist/routes.json`. */
export interface Manifest extends ManifestParts {
  /** The contract of all APIs together. */
  readonly cache_contract: CacheContract;
  /** The APIs that the build was given by name; missing if it was given no names. Then all APIs have `cache_contract`. */
  readonly apis?: Readonly<Record<string, ApiOfManifest>>;
}

/** The manifest as it is packed for the Lambda, which reads no routes: with thousands of them, they would be most of a cold start. */
export interface PackedManifest extends ManifestParts {
  readonly cache_contract: PackedContract;
  readonly apis?: Readonly<Record<string, { readonly cache_contract: PackedContract }>>;
}

/** The parts of a manifest besides its contracts. */
interface ManifestParts {
  /** The digest of `policy.wasm`, `data.json`, `user_token_use`, `trailing_slash` and `public_rules`, as `toRevision` computes it. */
  readonly revision: string;
  /** The version of this package that built it. Its constructs are for this version. */
  readonly product_version: string;
  readonly opa_version: string;
  /** The entry points, in the order in which they were compiled. */
  readonly entrypoints: readonly string[];
  /**
   * Every field of the input that the policy reads, sorted. The authorizer gives the policy no other field but
   * `request.ambiguous`, which follows from {@link request_values}.
   */
  readonly input_references: readonly InputReference[];
  /** The headers and query parameters that conditions read, sorted. The authorizer gives the policy no other. */
  readonly request_values: readonly RequestValue[];
  /** Rules that may be true when a value is missing, and the reason that their authors gave. */
  readonly opens_when_missing: readonly { readonly rule: string; readonly reason: string }[];
  /** Set if the policy accepts only one kind of Cognito token of users; the authorizer refuses the other. */
  readonly user_token_use?: UserTokenUse;
  readonly issuers: PolicyIssuers;
  /** Set if a request whose path ends in a slash is decided as the one without it; otherwise it is denied. */
  readonly trailing_slash?: "same";
  /** The rules that open routes to everybody, sorted by name; missing without any. The authorizer does not read them. */
  readonly public_rules?: readonly PublicRule[];
}

/** One of several APIs. */
export interface ApiOfManifest {
  /** Its routes, and the contract that follows from the grants and denials on them. No change of another API changes it. */
  readonly cache_contract: CacheContract;
}

/** A header or query parameter that conditions read. */
export interface RequestValue {
  readonly from: "header" | "query";
  /** In lower case, for a header. */
  readonly name: string;
  /** The conditions that read it; at least one. None of them is true if it has several values and is not `multiple`. */
  readonly conditions: readonly string[];
  /** Set if every request has it, so that it may be in a cache key. */
  readonly required?: true;
  /** Set if the conditions test all of its values. */
  readonly multiple?: true;
}

/** The issuers whose groups, scopes and claims give the policy's roles. */
export interface PolicyIssuers {
  /** The names of the issuers that roles are tied to, sorted. Each must be the name of a trusted issuer. */
  readonly named: readonly string[];
  /** The roles, and grants with `where`, that another issuer's principals may have, too: `roles.admin`, `orders.read_own`; the first ten, sorted. */
  readonly of_any: readonly string[];
  /** How many more of them there are; missing if there are none. */
  readonly of_any_more?: number;
}

/**
 * How long the response for a route stays valid: `token`, for all requests with the same token; `request`, for all
 * requests with the same cache key; `never`, for one request only.
 */
export type CacheClass = "token" | "request" | "never";

/** The responses that API Gateway may cache, and their cache keys; derived from what grants and denials read. */
export interface CacheContract {
  /** `sha256:` and the digest of all that a deployment of authorizers depends on: rules that read more than the token, and the routes of per-token policy documents. */
  readonly id: string;
  /** The parts of a request that rules read besides token, method and path; `never` among them if a rule reads something that no cache key can hold. */
  readonly key_dependencies: readonly (CacheKeyPart | "never")[];
  /** Headers and query parameters that may be in a cache key, so that every request must have each exactly once. */
  readonly required: readonly CacheKeyPart[];
  /** Set if a response depends on a time whose passing may be noticed late: the shortest of the limits of `authorizers`, in seconds. */
  readonly max_ttl_s?: number;
  /** `sha256:` and the digest of the verbs and paths of the API's routes, without the names of parameters; missing if the build was given no routes. */
  readonly route_table?: string;
  readonly routes: readonly ContractRoute[];
  /** By name. The identity sources of an authorizer are the cache key of all its routes. An authorizer of class `never` has no cache. */
  readonly authorizers: Readonly<Record<string, CachingAuthorizer>>;
  /** Set only if the package was built for per-token policy documents. */
  readonly token_documents?: TokenDocumentParts;
}

/** A contract as the authorizer reads it. Its routes stand in another file; where they don't, nobody looks at them. */
export interface PackedContract extends Omit<CacheContract, "routes"> {
  readonly routes?: unknown;
}

/** A route of an API, and how its responses are cached. */
export interface ContractRoute extends Route {
  readonly class: CacheClass;
  /** The name of one of the contract's authorizers. */
  readonly authorizer: string;
  /** Why the class is not `token`: each field of the input that is read, and the conditions that read it. */
  readonly because: readonly { readonly read: string; readonly conditions: readonly string[] }[];
}

/** An authorizer as it must be deployed. */
export interface CachingAuthorizer {
  readonly class: CacheClass;
  /** The cache key of a REST API's authorizer. */
  readonly rest: readonly CacheKeyPart[];
  /** The cache key of an HTTP API's authorizer. */
  readonly http: readonly CacheKeyPart[];
  /**
   * Set if an HTTP API must not cache responses for its routes. `/{a}/{b+}` matches `/1/2/3` and `/1%2F2/3`, and the
   * second is denied. An HTTP API decodes the path before it makes the cache key, so no key tells the two apart. Where a
   * trailing slash is the same, this holds for `/1/` and `/1%2F`, which `/{a}` matches, too.
   */
  readonly rest_only?: true;
  /** The longest TTL, in seconds, if conditions read the time and say how late its passing may be noticed. */
  readonly max_ttl_s?: number;
  /** By part of the cache key, the conditions that read it. Token, method, path and route are in every key. */
  readonly because: Readonly<Record<CacheKeyPart, readonly string[]>>;
}

/** The parts of a policy that per-token policy documents are made from. */
export interface TokenDocumentParts {
  /** All routes of the API, such as `GET /customers/{}/orders`; `true` for those of class `token`. */
  readonly routes: Readonly<Record<string, boolean>>;
  readonly grants: Readonly<Record<string, TokenRule>>;
  readonly denials: Readonly<Record<string, TokenRule>>;
}

/**
 * Tells whether every route of the API has class `token`. Only then do responses of a TOKEN authorizer hold for all routes:
 * its events do not show the route.
 */
export function isEveryRouteOfToken({ routes }: TokenDocumentParts): boolean {
  return Object.values(routes).every((isOfToken) => isOfToken);
}

/** The part of a grant or denial that applies to routes of class `token`. */
export interface TokenRule {
  /** HTTP methods; never `ANY`. */
  readonly verbs: readonly string[];
  /** A path as an IAM pattern, such as `/customers/` `customer_id` `/orders`: every second item is the name of a parameter that must equal its claim. */
  readonly path: readonly string[];
}

const CLASS = is((value) => value === "token" || value === "request" || value === "never");

/** Checks a longest TTL. Zero would mean that nothing is cached, which the class says. */
const TTL = optional(is((value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MAX_TTL_S));

const TRUE = optional(is((value) => value === true));

const RULE: Checks<TokenRule> = { verbs: TEXTS, path: TEXTS };

const TOKEN_DOCUMENTS: Checks<TokenDocumentParts> = {
  routes: mapOf(is((isOfToken) => typeof isOfToken === "boolean")),
  grants: mapOf(closed(RULE)),
  denials: mapOf(closed(RULE)),
};

const AUTHORIZER: Checks<CachingAuthorizer> = {
  class: CLASS,
  rest: TEXTS,
  http: TEXTS,
  rest_only: TRUE,
  max_ttl_s: TTL,
  because: mapOf(TEXTS),
};

const CONTRACT: Checks<PackedContract> = {
  routes: optional(is(Array.isArray)),
  id: TEXT,
  key_dependencies: TEXTS,
  required: TEXTS,
  max_ttl_s: TTL,
  route_table: optional(TEXT),
  authorizers: mapOf(closed(AUTHORIZER)),
  token_documents: optional(closed(TOKEN_DOCUMENTS)),
};

const REQUEST_VALUE: Checks<RequestValue> = {
  from: is((from) => from === "header" || from === "query"),
  name: TEXT,
  conditions: TEXTS,
  required: TRUE,
  multiple: TRUE,
};

const MANIFEST = closed<PackedManifest>({
  revision: TEXT,
  product_version: TEXT,
  opa_version: TEXT,
  entrypoints: TEXTS,
  input_references: listOf(TEXTS),
  request_values: listOf(closed(REQUEST_VALUE)),
  opens_when_missing: listOf(closed<Manifest["opens_when_missing"][number]>({ rule: TEXT, reason: TEXT })),
  issuers: closed<PolicyIssuers>({ named: TEXTS, of_any: TEXTS, of_any_more: optional(is(Number.isSafeInteger)) }),
  user_token_use: optional(is((use) => use === "id" || use === "access")),
  trailing_slash: optional(is((meaning) => meaning === "same")),
  public_rules: optional(PUBLIC_RULES),
  cache_contract: closed(CONTRACT),
  apis: optional(mapOf(closed<{ cache_contract: unknown }>({ cache_contract: closed(CONTRACT) }))),
});

/** Parses the value of `manifest.json`; gives undefined if it is not a manifest of this version, or has an unknown key. */
export function parseManifest(value: unknown): PackedManifest | undefined {
  return MANIFEST(value) === undefined ? (value as PackedManifest) : undefined;
}

/**
 * Finds the cache contract of an API.
 *
 * @param name - Undefined if the API has no name.
 * @returns Undefined if the build was given APIs by name, and this is not one of them.
 */
export function contractOf<Contract extends PackedContract>(
  { apis, cache_contract: common }: Contracts<Contract>,
  name: string | undefined,
): Contract | undefined {
  return apis === undefined ? common : name === undefined ? undefined : own(apis, name)?.cache_contract;
}

/** The contracts of a manifest: of all APIs together, and of each. */
interface Contracts<Contract> {
  readonly cache_contract: Contract;
  readonly apis?: Readonly<Record<string, { readonly cache_contract: Contract }>>;
}

/** Formats the text of `manifest.json`, without routes. */
export function formatManifest({ cache_contract: contract, apis, ...parts }: Manifest): string {
  const packed: PackedManifest = {
    ...parts,
    cache_contract: withoutRoutes(contract),
    ...(apis !== undefined && {
      apis: Object.fromEntries(
        Object.entries(apis).map(([name, api]) => [name, { cache_contract: withoutRoutes(api.cache_contract) }]),
      ),
    }),
  };
  // The Lambda has it in its zip, where each byte counts.
  return `${JSON.stringify(packed)}\n`;
}

function withoutRoutes({ routes: _routes, ...contract }: CacheContract): PackedContract {
  return contract;
}
