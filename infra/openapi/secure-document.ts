import type { CachingApi } from "../../build/cache/identity-sources.ts";
import type { AuthorizerSettings } from "../../build/cache/settings.ts";
import { type CacheContract, findAuthorizer, unknownRoute } from "../contract-routes.ts";
import { isPreflightOperation, operationsOf, schemesOf } from "./open-operations.ts";

/** How the operations of a document are to be authorized. */
export interface Securing {
  readonly contract: CacheContract;
  readonly api: CachingApi;
  readonly settings: readonly AuthorizerSettings[];
  /** As `TOKEN_SOURCE` says. */
  readonly tokenSource: string;
  readonly authorizerUri: string;
  /** Of an HTTP API's. */
  readonly isSimple: boolean;
}

/** A value, and where in the document it belongs. */
export interface Edit {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** What to write into a document, and what stands in the way, a line each. */
export interface Edits {
  readonly edits: readonly Edit[];
  readonly faults: readonly string[];
  /** Operations that say of themselves that they are open. */
  readonly open: readonly string[];
}

/**
 * Gives every operation the authorizer of its cache class: a security scheme each, and `security` at the operation, since
 * what stands at the root does not count for API Gateway.
 *
 * Operations with IAM authorization and preflights are left as they are, and so is one whose `security` is empty.
 */
export function toEdits(document: unknown, securing: Securing): Edits {
  const { contract, settings } = securing;
  const schemes = schemesOf(document);
  const found = operationsOf(document).filter(
    (one) => !isPreflightOperation(one) && !isIam(one.operation["security"], schemes),
  );
  const isOpen = ({ operation }: (typeof found)[number]) => JSON.stringify(operation["security"]) === "[]";
  const named = found
    .filter((one) => !isOpen(one))
    .map((one) => ({ ...one, name: findAuthorizer(contract, one.verb, one.path) }));
  const used = settings.filter(({ name }) => named.some((one) => one.name === name));
  const home = Object(document).swagger === undefined ? ["components", "securitySchemes"] : ["securityDefinitions"];
  return {
    edits: [
      ...used.map((own) => ({ path: [...home, schemeName(own.name)], value: toScheme(own, securing) })),
      ...named.map(({ path, key, name = "" }) => ({
        path: ["paths", path, key, "security"],
        value: [{ [schemeName(name)]: [] }],
      })),
    ],
    faults: [
      ...(found.length === 0 ? ["the document has no operation that can be seen"] : []),
      ...named.flatMap(({ name, verb, path }) => (name === undefined ? [unknownRoute(verb, path)] : [])),
    ],
    open: found.filter(isOpen).map(({ verb, path }) => `${verb} ${path}`),
  };
}

/** A copy of a document with values written into it. */
export function withEdits(document: unknown, edits: readonly Edit[]): object {
  const copy = structuredClone(Object(document));
  for (const { path, value } of edits) {
    const last = path.at(-1) ?? "";
    const parent = path.slice(0, -1).reduce((at, key) => {
      at[key] ??= {};
      return at[key];
    }, copy);
    parent[last] = value;
  }
  return copy;
}

function schemeName(authorizer: string): string {
  return `policy-${authorizer}`;
}

/** @see API Gateway developer guide, "x-amazon-apigateway-authorizer object" */
function toScheme({ ttlS, identitySources }: AuthorizerSettings, securing: Securing): object {
  const { api, tokenSource, authorizerUri, isSimple } = securing;
  const [from, ...name] = tokenSource.split(":");
  return {
    type: "apiKey",
    name: name.join(":"),
    in: from,
    "x-amazon-apigateway-authtype": "custom",
    "x-amazon-apigateway-authorizer": {
      type: "request",
      authorizerUri,
      identitySource: identitySources.join(", "),
      authorizerResultTtlInSeconds: ttlS,
      ...(api === "http" && { authorizerPayloadFormatVersion: "2.0", enableSimpleResponses: isSimple }),
    },
  };
}

function isIam(security: unknown, schemes: Readonly<Record<string, unknown>>): boolean {
  const names = Array.isArray(security) ? security.flatMap((one) => Object.keys(Object(one))) : [];
  return names.some((name) => Object(schemes[name])["x-amazon-apigateway-authtype"] === "awsSigv4");
}
