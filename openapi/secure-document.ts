import { findAuthorizer, unknownRoute } from "../analysis/cache/route-authorizer.ts";
import type { AuthorizerSettings } from "../analysis/cache/settings.ts";
import type { CachingApi } from "../contract/api-kinds.ts";
import { describeOpen, describePartly } from "../contract/declared-access.ts";
import type { CacheContract } from "../contract/manifest.ts";
import type { RouteAccess } from "../contract/public-rules.ts";
import { holderOf, sourcesOn, type TokenSource } from "../contract/token-source.ts";
import { type Edit, toWriteOut } from "./edits.ts";
import { type Intent, readIntent } from "./intent.ts";
import { findKeepErrors, KEPT_KEY, type KeptScheme, toKeptExtension } from "./kept-schemes.ts";
import { findNotVisible, type Operation, operationsOf } from "./operations.ts";
import { isOwnName } from "./own-schemes.ts";
import { createOperationJudge, describeClosed, type PublicRoutes, toPublicSecurity } from "./public-operations.ts";
import { placeOfSchemes, readScheme, schemesOf } from "./schemes.ts";
import { readRequirements, readSecurity } from "./security.ts";

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
  /** The security schemes of other authorizers whose operations stay as they are. */
  readonly keep?: readonly KeptScheme[];
}

/** The edits that secure a document, the errors that forbid it, and what the user should know, a line each. */
export interface Edits {
  readonly edits: readonly Edit[];
  readonly errors: readonly string[];
  readonly notices: readonly string[];
}

/** An operation, and how it is meant to be authorized. */
interface Read {
  readonly one: Operation;
  readonly intent: Intent;
  readonly access: RouteAccess;
}

/**
 * Gives every operation that the policy decides about the authorizer of its cache class: a security scheme for each
 * authorizer, and `security` at each operation. An API key that the operation needs is needed besides. An operation that the policy
 * opens has nothing but API keys.
 *
 * Preflights, and operations with IAM authorization or an authorizer to keep stay as they are; the latter say why. If the document has `security` at its root, it is written at them, so that nothing depends on whether API Gateway
 * applies it.
 */
export function toEdits(document: unknown, securing: Securing): Edits {
  const { contract, settings, contractId, api, keep = [] } = securing;
  const accepted = keep.map(({ authorizer }) => authorizer);
  const toName = (authorizer: string) => `policy-${authorizer}-${contractId}`;
  const judge = createOperationJudge(document, securing);
  const all = operationsOf(document).map((one): Read => {
    return { one, intent: readIntent(document, one, { api, accepted }), access: judge(one) };
  });
  const decided = all.flatMap(({ one, intent, access }) =>
    intent.kind === "policy" && access.kind !== "public"
      ? [{ one, intent, name: findAuthorizer(contract, one.verb, one.path) }]
      : [],
  );
  const used = settings.filter((own) => decided.some(({ name }) => name === own.name));
  const home = placeOfSchemes(document);
  const written = used.map((own) => ({ path: [...home, toName(own.name)], value: toScheme(own, securing) }));
  const unused = findOwnSchemes(document).filter(
    (name) => !written.some(({ path }) => path.at(-1) === name) && !isNamed(document, all, name),
  );
  return {
    edits: [
      ...written,
      ...unused.map((name) => ({ path: [...home, name], isRemoved: true as const })),
      ...decided.flatMap(({ one, intent, name = "" }) => {
        const requirement = Object.fromEntries([toName(name), ...intent.keys].map((key) => [key, []]));
        return toSecurityEdits(one, [requirement]);
      }),
      ...all.flatMap((read) => [...toExplicitEdits(document, read), ...toKeptEdits(read, keep)]),
    ],
    errors: [
      ...findNotVisible(document),
      ...decided.flatMap(({ one, name }) => (name === undefined ? [unknownRoute(one.verb, one.path)] : [])),
      ...findKeepErrors(
        document,
        keep,
        all.map(({ intent }) => intent),
      ),
      ...all.flatMap((read) => [...findError(read), ...findOpenKept(document, read, api)]),
    ],
    notices: [
      ...toReplacements(document, decided),
      ...all.flatMap(toPublicNotices),
      ...toSwallowed(document, all, api),
    ],
  };
}

function nameOf({ verb, path }: Operation): string {
  return `${verb} ${path}`;
}

/** Finds why an operation can't be secured as it is meant. */
function findError({ one, intent, access }: Read): readonly string[] {
  if (intent.kind === "refused") return [`${nameOf(one)} ${intent.cause}`];
  if (intent.kind === "preflight") return [];
  const partly = describePartly(one, access);
  if (partly !== undefined) return [partly];
  return intent.kind === "open" && access.kind !== "public" ? [describeOpen(one)] : [];
}

/** Says of a public operation what is taken from it, or that something authorizes it all the same. */
function toPublicNotices({ one, intent, access }: Read): readonly string[] {
  if (access.kind !== "public") return [];
  if (intent.kind === "iam") return [describeClosed(nameOf(one), access, "IAM authorization")];
  if (intent.kind === "other") return [describeClosed(nameOf(one), access, "the authorizer that it keeps")];
  const others = intent.kind === "policy" ? intent.replaced.filter((name) => !isOwnName(name)) : [];
  if (others.length === 0) return [];
  return [
    `${nameOf(one)} is public in the policy (${access.rules.join(", ")}), so it no longer has ${others.join(", ")} of the document`,
  ];
}

/** Finds why an operation would be open although it keeps another authorizer. */
function findOpenKept(document: unknown, { one, intent }: Read, api: CachingApi): readonly string[] {
  if (intent.kind !== "other") return [];
  // What the root of the document has is written at the operation.
  const { security = Object(document).security } = one.operation;
  const read = readSecurity(document, { ...one.operation, security }, api);
  return read.schemes === undefined ? [`${nameOf(one)} keeps ${intent.scheme}, and ${read.error}`] : [];
}

/** Writes at an operation why it keeps another authorizer, for the gate; or removes what no longer holds. */
function toKeptEdits({ one, intent }: Read, keep: readonly KeptScheme[]): readonly Edit[] {
  const kept = intent.kind === "other" ? keep.find(({ authorizer }) => authorizer === intent.scheme) : undefined;
  const path = [...one.at, KEPT_KEY];
  if (kept === undefined)
    return Object.hasOwn(one.operation, KEPT_KEY) ? [...one.references.map(toWriteOut), { path, isRemoved: true }] : [];
  return [...one.references.map(toWriteOut), { path, value: toKeptExtension(kept) }];
}

function toSecurityEdits({ at, references }: Operation, value: unknown): readonly Edit[] {
  return [...references.map(toWriteOut), { path: [...at, "security"], value }];
}

/** Writes at an operation what it would take from the root; a preflight has nothing there, since it has no token. */
function toExplicitEdits(document: unknown, { one, intent, access }: Read): readonly Edit[] {
  if (intent.kind === "policy" && access.kind === "public")
    return toSecurityEdits(one, toPublicSecurity(document, one));
  if (intent.kind === "policy" || intent.kind === "refused") return [];
  const requirements = readRequirements(document, one.operation);
  const schemes = requirements?.alternatives.flat() ?? [];
  if (intent.kind === "preflight") {
    const isReplaced = schemes.some(({ use }) => use !== "iam" && use !== "key");
    return isReplaced || (requirements?.from === "root" && schemes.length > 0) ? toSecurityEdits(one, []) : [];
  }
  if (requirements?.from !== "root") return [];
  return toSecurityEdits(one, intent.kind === "open" ? [] : Object(document).security);
}

/** Finds the schemes of authorizers that were written for a contract before, by their names. */
function findOwnSchemes(document: unknown): readonly string[] {
  return Object.keys(schemesOf(document)).filter(
    (name) => isOwnName(name) && readScheme(document, name).authorizer?.["type"] === "request",
  );
}

/** Tells whether an operation goes on naming a scheme. */
function isNamed(document: unknown, all: readonly Read[], name: string): boolean {
  return all.some(
    ({ one, intent }) =>
      intent.kind !== "policy" &&
      readRequirements(document, one.operation)
        ?.alternatives.flat()
        .some((scheme) => scheme.name === name) === true,
  );
}

/** Says which schemes the policy's authorizers replace, with the number of operations. Their own from before need no word. */
function toReplacements(
  document: unknown,
  decided: readonly { readonly intent: Extract<Intent, { kind: "policy" }> }[],
): readonly string[] {
  const own = findOwnSchemes(document);
  const names = decided.flatMap(({ intent }) => intent.replaced).filter((name) => !own.includes(name));
  return [...new Set(names)].map((name) => {
    const count = names.filter((one) => one === name).length;
    const what = readScheme(document, name).use === "authorizer" ? "the authorizer" : "the security scheme";
    return `${what} ${name} of ${count} operation${count === 1 ? "" : "s"} is replaced by those of the policy`;
  });
}

/** Says which methods take the preflights of browsers, which have no token. */
function toSwallowed(document: unknown, all: readonly Read[], api: CachingApi): readonly string[] {
  if (api === "http" && Object.hasOwn(Object(document), "x-amazon-apigateway-cors")) return [];
  const remedy =
    api === "http"
      ? "configure x-amazon-apigateway-cors"
      : "add an OPTIONS operation with a mock integration, if browsers of other origins call it";
  return all
    .filter(({ one, intent, access }) => intent.kind === "policy" && access.kind !== "public" && one.verb === "ANY")
    .filter(({ one: { path } }) => !all.some(({ one }) => one.path === path && one.verb === "OPTIONS"))
    .map(({ one }) => `${nameOf(one)} takes preflights, too, which have no token and get 401; ${remedy}`);
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
