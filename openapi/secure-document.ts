import { findAuthorizer, unknownRoute } from "../analysis/cache/route-authorizer.ts";
import type { AuthorizerSettings } from "../analysis/cache/settings.ts";
import type { CachingApi } from "../contract/api-kinds.ts";
import type { CacheContract } from "../contract/manifest.ts";
import type { RouteAccess } from "../contract/public-rules.ts";
import { holderOf, sourcesOn, type TokenSource } from "../contract/token-source.ts";
import { findNotVisible, isPreflightOperation, type Operation, operationsOf } from "./operations.ts";
import {
  createOperationJudge,
  describeClosed,
  findOperationErrors,
  type PublicRoutes,
  toPublicSecurity,
} from "./public-operations.ts";
import { isDeclaredOpen, isIamOperation, readSecurity } from "./security.ts";

/** How the operations of a document are authorized. */
export interface Securing extends PublicRoutes {
  readonly contract: CacheContract;
  readonly api: CachingApi;
  readonly settings: readonly AuthorizerSettings[];
  readonly tokenSources: readonly TokenSource[];
  readonly authorizerUri: string;
  /** The id of the API's contract. It is part of the schemes' names, so that a new contract makes new authorizers, with empty caches. */
  readonly contractId: string;
  /** An HTTP API expects simple responses instead of policy documents. */
  readonly isSimple: boolean;
}

/** A value, and the place in the document where it is written. */
export interface Edit {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** The values to write into a document, and the errors that forbid it, a line each. */
export interface Edits {
  readonly edits: readonly Edit[];
  readonly errors: readonly string[];
  /** Preflights with an empty `security`, which opens them to everybody. */
  readonly open: readonly string[];
  /** A line for each public operation that is opened by this, or stays closed. */
  readonly notices: readonly string[];
}

/**
 * Gives every operation the authorizer of its cache class: a security scheme for each authorizer, and `security` at each
 * operation, since API Gateway ignores `security` at the root.
 *
 * Preflights and operations with IAM authorization stay as they are, and public operations get an empty `security`.
 */
export function toEdits(document: unknown, securing: Securing): Edits {
  const { contract, settings, contractId } = securing;
  const schemeName = (authorizer: string) => `policy-${authorizer}-${contractId}`;
  const judge = createOperationJudge(document, securing);
  const all = operationsOf(document).filter((one) => !isPreflightOperation(one));
  const found = all
    .filter(({ operation }) => !isIamOperation(document, operation))
    .map((one) => ({ ...one, access: judge(one) }));
  const isOpen = ({ verb, operation }: (typeof found)[number]) =>
    verb === "OPTIONS" && JSON.stringify(operation["security"]) === "[]";
  const ofPublic = found.filter(({ access }) => access.kind === "public");
  const named = found
    .filter((one) => one.access.kind !== "public" && !isOpen(one))
    .map((one) => ({ ...one, name: findAuthorizer(contract, one.verb, one.path) }));
  const used = settings.filter(({ name }) => named.some((one) => one.name === name));
  const home = Object(document).swagger === undefined ? ["components", "securitySchemes"] : ["securityDefinitions"];
  const errors = found.flatMap((one) => findOperationErrors(one, one.access));
  return {
    edits: [
      ...used.map((own) => ({ path: [...home, schemeName(own.name)], value: toScheme(own, securing) })),
      ...named.map(({ path, key, name = "" }) => ({
        path: ["paths", path, key, "security"],
        value: [{ [schemeName(name)]: [] }],
      })),
      ...ofPublic.map((one) => ({
        path: ["paths", one.path, one.key, "security"],
        value: toPublicSecurity(document, one),
      })),
    ],
    errors: [
      ...findNotVisible(document),
      ...named.flatMap(({ name, verb, path, access, operation }) =>
        name === undefined && access.kind === "closed" && !isDeclaredOpen(operation) ? [unknownRoute(verb, path)] : [],
      ),
      ...errors,
    ],
    open: found.filter((one) => one.access.kind !== "public" && isOpen(one)).map(({ verb, path }) => `${verb} ${path}`),
    notices: [
      ...ofPublic.flatMap((one) => describeOpened(document, one)),
      ...all.flatMap((one) => {
        const access = judge(one);
        const isSigned = access.kind === "public" && isIamOperation(document, one.operation);
        return isSigned ? [describeClosed(`${one.verb} ${one.path}`, access, "IAM authorization")] : [];
      }),
    ],
  };
}

/** Says of a public operation that the document names another authorizer for it, which is taken away. */
function describeOpened(document: unknown, { verb, path, operation, access }: JudgedOperation): readonly string[] {
  const { schemes = [] } = readSecurity(document, operation);
  const others = schemes.map(({ name }) => name).filter((name) => !name.startsWith("policy-"));
  if (others.length === 0 || access.kind !== "public") return [];
  return [
    `${verb} ${path} is public in the policy (${access.rules.join(", ")}), so it no longer has ${others.join(", ")} of the document`,
  ];
}

interface JudgedOperation extends Operation {
  readonly access: RouteAccess;
}

/** Copies a document and writes values into the copy, each in its place only, even if two places share one object. */
export function withEdits(document: unknown, edits: readonly Edit[]): object {
  return edits.reduce<object>((copy, { path, value }) => withValue(copy, path, value), Object(document));
}

function withValue(at: unknown, path: readonly string[], value: unknown): object {
  const [key = "", ...rest] = path;
  return { ...Object(at), [key]: rest.length === 0 ? value : withValue(Object(at)[key], rest, value) };
}

/** The settings for the authorizer's event and response, by kind of API. */
const PAYLOAD_SETTINGS: Readonly<Record<CachingApi, (isSimple: boolean) => object>> = {
  rest: () => ({}),
  http: (isSimple) => ({ authorizerPayloadFormatVersion: "2.0", enableSimpleResponses: isSimple }),
};

/** @see API Gateway developer guide, "x-amazon-apigateway-authorizer object" */
function toScheme({ ttlS, identitySources }: AuthorizerSettings, securing: Securing): object {
  const { api, tokenSources, authorizerUri, isSimple } = securing;
  // OpenAPI knows one place only, which API Gateway does not read for an authorizer of this type.
  const [place] = sourcesOn(api, tokenSources).map(holderOf);
  return {
    type: "apiKey",
    name: place?.name,
    in: place?.from,
    "x-amazon-apigateway-authtype": "custom",
    "x-amazon-apigateway-authorizer": {
      type: "request",
      authorizerUri,
      ...(identitySources.length > 0 && { identitySource: identitySources.join(", ") }),
      authorizerResultTtlInSeconds: ttlS,
      ...PAYLOAD_SETTINGS[api](isSimple),
    },
  };
}
