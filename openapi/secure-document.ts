import { findAuthorizer, unknownRoute } from "../analysis/cache/route-authorizer.ts";
import type { AuthorizerSettings } from "../analysis/cache/settings.ts";
import type { CachingApi } from "../contract/api-kinds.ts";
import type { CacheContract } from "../contract/manifest.ts";
import { TOKEN_CARRIERS, type TokenSource } from "../contract/token-source.ts";
import { findNotVisible, isPreflightOperation, operationsOf } from "./operations.ts";
import { findOwnAuth, isIamOperation } from "./security.ts";

/** How the operations of a document are to be authorized. */
export interface Securing {
  readonly contract: CacheContract;
  readonly api: CachingApi;
  readonly settings: readonly AuthorizerSettings[];
  readonly tokenSource: TokenSource;
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
  readonly errors: readonly string[];
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
  const found = operationsOf(document).filter(
    (one) => !isPreflightOperation(one) && !isIamOperation(document, one.operation),
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
    errors: [
      ...findNotVisible(document),
      ...named.flatMap(({ name, verb, path }) => (name === undefined ? [unknownRoute(verb, path)] : [])),
      ...found.flatMap(({ verb, path, operation }) => {
        const differs = findOwnAuth(operation, false);
        return differs === undefined ? [] : [`${verb} ${path} ${differs}`];
      }),
    ],
    open: found.filter(isOpen).map(({ verb, path }) => `${verb} ${path}`),
  };
}

/** A copy of a document with values written into it, each in that place only, even if others are the same object. */
export function withEdits(document: unknown, edits: readonly Edit[]): object {
  return edits.reduce<object>((copy, { path, value }) => withValue(copy, path, value), Object(document));
}

function withValue(at: unknown, path: readonly string[], value: unknown): object {
  const [key = "", ...rest] = path;
  return { ...Object(at), [key]: rest.length === 0 ? value : withValue(Object(at)[key], rest, value) };
}

function schemeName(authorizer: string): string {
  return `policy-${authorizer}`;
}

/** @see API Gateway developer guide, "x-amazon-apigateway-authorizer object" */
function toScheme({ ttlS, identitySources }: AuthorizerSettings, securing: Securing): object {
  const { api, tokenSource, authorizerUri, isSimple } = securing;
  return {
    type: "apiKey",
    name: tokenSource.name,
    in: TOKEN_CARRIERS[tokenSource.from].openApiIn,
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
