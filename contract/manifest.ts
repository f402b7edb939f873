import type { CacheKeyPart } from "./cache-key.ts";
import { isMapOf, isObject, isTexts } from "./json.ts";
import type { Route } from "./route.ts";

/** The path of a document that the policy reads, such as `["principal", "claims", "cognito:groups"]`. */
export type InputReference = readonly string[];

/** What the build says of the policy that it compiled; `dist/authorizer/manifest.json`. */
export interface Manifest {
  /** `sha256:` and the digest of `policy.wasm` and `data.json`. */
  readonly revision: string;
  readonly opa_version: string;
  /** In the order in which they were compiled. */
  readonly entrypoints: readonly string[];
  /** Every field of the input that the policy reads, sorted. The policy is given no other. */
  readonly input_references: readonly InputReference[];
  /** Rules that may hold when a value is missing, and the reason their authors gave. */
  readonly opens_when_missing: readonly { readonly rule: string; readonly reason: string }[];
  readonly cache_contract: CacheContract;
}

/**
 * How long an answer holds: `token` (as long as the token is the same), `request` (as long as what is in the key is the
 * same), or `never` any longer than the request.
 */
export type CacheClass = "token" | "request" | "never";

/** Under what API Gateway may keep which answers; derived from what grants and denials read. */
export interface CacheContract {
  /** `sha256:` and the digest of all that a deployment of authorizers depends on: rules that read more than the token, and the routes of per-token answers. */
  readonly id: string;
  /** What rules read that is not in every key (token, method and path are); `never` among them if no key could hold something. */
  readonly key_dependencies: readonly (CacheKeyPart | "never")[];
  /** Headers and query parameters that may be in a key, so that every request has to have them, and just once. */
  readonly required: readonly CacheKeyPart[];
  /** Of the API's routes, if the build was given them: `sha256:` and the digest of their verbs and paths, whatever parameters are called. */
  readonly route_table?: string;
  readonly routes: readonly (Route & {
    readonly class: CacheClass;
    /** A name among `authorizers`. */
    readonly authorizer: string;
    /** What makes it more than `token`: a field of the input, and the conditions that read it. */
    readonly because: readonly { readonly read: string; readonly conditions: readonly string[] }[];
  })[];
  /** By name. All routes of one have its identity sources, and those are the key; a `never` has no cache. */
  readonly authorizers: Readonly<Record<string, CachingAuthorizer>>;
  /** Only if built for per-token answers. */
  readonly token_documents?: TokenDocumentParts;
}

/** An authorizer as it is to be deployed. */
export interface CachingAuthorizer {
  readonly class: CacheClass;
  /** Of a REST API's. */
  readonly rest: readonly CacheKeyPart[];
  /** Of an HTTP API's. */
  readonly http: readonly CacheKeyPart[];
  /**
   * HTTP APIs must not keep answers of its routes: `/{a}/{b+}` takes both `/1/2/3` and `/1%2F2/3`, of which the second is
   * denied. They decode a path before any key is made of it, so that no key tells the two apart.
   */
  readonly rest_only?: true;
  /** By source, the conditions for which it is there. Token, method, path and route are in every key. */
  readonly because: Readonly<Record<CacheKeyPart, readonly string[]>>;
}

/** What a document is made of that answers all requests of one token. */
export interface TokenDocumentParts {
  /** All routes of the API, such as `GET /customers/{}/orders`; `true` for those of class `token`. */
  readonly routes: Readonly<Record<string, boolean>>;
  readonly grants: Readonly<Record<string, TokenRule>>;
  readonly denials: Readonly<Record<string, TokenRule>>;
}

/** What of a grant or denial is on routes of class `token`. */
export interface TokenRule {
  /** HTTP methods, each by itself. */
  readonly verbs: readonly string[];
  /** A path as an IAM pattern, such as `/customers/` `customer_id` `/orders`: at every second place is a parameter that must equal its claim. */
  readonly path: readonly string[];
}

/** Reads a manifest; undefined if `value` is none. */
export function parseManifest(value: unknown): Manifest | undefined {
  return isManifest(value) ? value : undefined;
}

/** Formats a manifest for `manifest.json`; the inverse of {@link parseManifest}. */
export function formatManifest(manifest: Manifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

function isManifest(value: unknown): value is Manifest {
  if (!isObject(value)) return false;
  const { revision, opa_version, entrypoints, input_references, opens_when_missing, cache_contract } = value;
  return (
    typeof revision === "string" &&
    typeof opa_version === "string" &&
    isTexts(entrypoints) &&
    Array.isArray(input_references) &&
    input_references.every(isTexts) &&
    Array.isArray(opens_when_missing) &&
    isCacheContract(cache_contract)
  );
}

/** Of what only people and deployments read, no more than that it is there. */
function isCacheContract(value: unknown): value is CacheContract {
  if (!isObject(value)) return false;
  const { id, key_dependencies, required, routes, authorizers, token_documents } = value;
  return (
    typeof id === "string" &&
    isTexts(key_dependencies) &&
    isTexts(required) &&
    Array.isArray(routes) &&
    isObject(authorizers) &&
    (token_documents === undefined || isTokenDocumentParts(token_documents))
  );
}

function isTokenDocumentParts(value: unknown): value is TokenDocumentParts {
  const { routes, grants, denials } = Object(value);
  const isRule = (rule: unknown) => isTexts(Object(rule).verbs) && isTexts(Object(rule).path);
  return (
    isMapOf(routes, (isOfToken) => typeof isOfToken === "boolean") &&
    isMapOf(grants, isRule) &&
    isMapOf(denials, isRule)
  );
}
