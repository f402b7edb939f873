import { findAuthorizer, unknownRoute } from "../analysis/cache/route-authorizer.ts";
import type { AuthorizerSettings } from "../analysis/cache/settings.ts";
import type { CachingApi } from "../contract/api-kinds.ts";
import { describeOpen, describePartly } from "../contract/declared-access.ts";
import type { CacheContract } from "../contract/manifest.ts";
import { ALL_METHODS, type AttachmentMode, type KeptAuthorizer, type Selection } from "../contract/method-selection.ts";
import { CLOSED_BY_POLICY, closesByPolicy } from "../contract/resource-policy.ts";
import { type Edit, toWriteOut } from "./edits.ts";
import { EXTENSION } from "./extension.ts";
import { type Intent, readIntent } from "./intent.ts";
import { findKeepErrors, toKeptExtension } from "./kept-schemes.ts";
import { findNotVisible, type Operation, operationsOf } from "./operations.ts";
import { formatOwnName, isOwnName, modeOfScheme } from "./own-schemes.ts";
import { type DeployedSchemes, toPolicyScheme } from "./policy-schemes.ts";
import { createOperationJudge, describeClosed, type PublicRoutes, toPublicSecurity } from "./public-operations.ts";
import { placeOfSchemes, readScheme, schemesOf } from "./schemes.ts";
import { readRequirements, readSecurity, typeOfAuth } from "./security.ts";
import { nameOf, type Read, selectOperations } from "./selected-operations.ts";

/** How the operations of a document are authorized. */
export interface Securing extends PublicRoutes, DeployedSchemes {
  readonly contract: CacheContract;
  readonly settings: readonly AuthorizerSettings[];
  /** The id of the API's contract. It is part of the schemes' names, so that a new contract makes new authorizers, with empty caches. */
  readonly contractId: string;
  /** The operations that get an authorizer, and the authorizers of other schemes that they keep; default: all, and none. */
  readonly selection?: Selection;
  /** Default: `enforce`. */
  readonly mode?: AttachmentMode;
}

/** The edits that secure a document, the errors that forbid it, and what the user should know, a line each. */
export interface Edits {
  readonly edits: readonly Edit[];
  readonly errors: readonly string[];
  readonly notices: readonly string[];
  /** The schemes of the policy from before that operations keep which are not selected. */
  readonly earlier: readonly string[];
}

/** The settings of a report-only authorizer. */
const REPORT_ONLY: AuthorizerSettings = { name: "report", ttlS: 0, identitySources: [] };

/**
 * Gives every selected operation that the policy decides about the authorizer of its cache class: a security scheme for each
 * authorizer, and `security` at each operation. An API key that the operation needs is needed besides. An operation that the policy
 * opens has nothing but API keys.
 *
 * Preflights, and operations with IAM authorization or an authorizer to keep stay as they are; the latter say why. If the document has `security` at its root, it is written at them, so that nothing depends on whether API Gateway
 * applies it. Operations that are not selected keep exactly what they have.
 */
export function toEdits(document: unknown, securing: Securing): Edits {
  const { contract, contractId, api, selection = ALL_METHODS, mode = "enforce" } = securing;
  const { keep } = selection;
  const accepted = keep.map(({ authorizer }) => authorizer);
  const settings = mode === "report" ? [REPORT_ONLY] : securing.settings;
  const toName = (authorizer: string) => formatOwnName(mode, authorizer, contractId);
  const judge = createOperationJudge(document, securing);
  const all = operationsOf(document).map((one): Read => {
    return { one, intent: readIntent(document, one, { api, accepted, mode }), access: judge(one) };
  });
  const { selected, others, errors } = selectOperations(document, all, { api, selection, mode });
  const decided = selected.flatMap(({ one, intent, access }) =>
    intent.kind === "policy" && access.kind !== "public"
      ? [{ one, intent, name: mode === "report" ? REPORT_ONLY.name : findAuthorizer(contract, one.verb, one.path) }]
      : [],
  );
  const used = settings.filter((own) => decided.some(({ name }) => name === own.name));
  const home = placeOfSchemes(document);
  const written = used.map((own) => ({
    path: [...home, toName(own.name)],
    value: toPolicyScheme(mode, own, securing),
  }));
  const names = written.map(({ path }) => path.at(-1));
  const isNamed = createIsNamed(document, [...others, ...selected.filter(({ intent }) => intent.kind !== "policy")]);
  const earlier = findOwnSchemes(document).filter((name) => !names.includes(name));
  const staying = earlier.filter(isNamed);
  return {
    edits: [
      ...written,
      ...earlier.filter((name) => !isNamed(name)).map((name) => ({ path: [...home, name], isRemoved: true as const })),
      ...decided.flatMap(({ one, intent, name = "" }) => {
        const requirement = Object.fromEntries([toName(name), ...intent.keys].map((key) => [key, []]));
        return [...toSecurityEdits(one, [requirement]), ...toTypeEdits(one)];
      }),
      ...selected.flatMap((read) => [...toExplicitEdits(document, read), ...toKeptEdits(read, keep)]),
    ],
    errors: [
      ...findNotVisible(document),
      ...decided.flatMap(({ one, name }) => (name === undefined ? [unknownRoute(one.verb, one.path)] : [])),
      ...findKeepErrors(
        document,
        keep,
        selected.map(({ intent }) => intent),
      ),
      ...selected.flatMap((read) => [...findError(read), ...findOpenKept(document, read, api)]),
      ...errors,
      ...(written.length > 0 ? findSharedUris(document, staying, securing.authorizerUri) : []),
      ...(mode === "report" && closesByPolicy(Object(document)["x-amazon-apigateway-policy"])
        ? [`the API ${CLOSED_BY_POLICY}`]
        : []),
    ],
    notices: [
      ...toReplacements(document, decided),
      ...selected.flatMap(toPublicNotices),
      ...(mode === "report" ? [] : toSwallowed(document, all, selected, api)),
    ],
    earlier: staying,
  };
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
function toKeptEdits({ one, intent }: Read, keep: readonly KeptAuthorizer[]): readonly Edit[] {
  const kept = intent.kind === "other" ? keep.find(({ authorizer }) => authorizer === intent.scheme) : undefined;
  const path = [...one.at, EXTENSION];
  if (kept === undefined)
    return Object.hasOwn(one.operation, EXTENSION)
      ? [...one.references.map(toWriteOut), { path, isRemoved: true }]
      : [];
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
  return Object.keys(schemesOf(document)).filter((name) => modeOfScheme(readScheme(document, name)) !== undefined);
}

/** Finds schemes of other contracts that would invoke the alias of this one, which is for other cache keys, or lets everybody through. */
function findSharedUris(document: unknown, staying: readonly string[], authorizerUri: string): readonly string[] {
  return staying
    .filter((name) => {
      const uri = readScheme(document, name).authorizer?.["authorizerUri"];
      return (Object(uri)["Fn::Sub"] ?? uri) === authorizerUri;
    })
    .map(
      (name) =>
        `operations that are not selected keep ${name}, which is for another contract and has the same authorizerUri, and so would have the same alias; select them, too, or give the new authorizers another URI`,
    );
}

/** Creates the look-up of schemes that operations go on naming. A security that is not visible may name each. */
function createIsNamed(document: unknown, unchanged: readonly Read[]): (name: string) => boolean {
  const requirements = unchanged.map(({ one }) => readRequirements(document, one.operation));
  const named = requirements.flatMap((own) => own?.alternatives.flat().map(({ name }) => name) ?? []);
  return (name) => requirements.includes(undefined) || named.includes(name);
}

/** Removes what says that an operation is open, beside the authorizer that it gets. */
function toTypeEdits({ at, operation }: Operation): readonly Edit[] {
  return typeOfAuth(operation) === "NONE" ? [{ path: [...at, "x-amazon-apigateway-auth"], isRemoved: true }] : [];
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
function toSwallowed(
  document: unknown,
  all: readonly Read[],
  selected: readonly Read[],
  api: CachingApi,
): readonly string[] {
  if (api === "http" && Object.hasOwn(Object(document), "x-amazon-apigateway-cors")) return [];
  const remedy =
    api === "http"
      ? "configure x-amazon-apigateway-cors"
      : "add an OPTIONS operation with a mock integration, if browsers of other origins call it";
  return selected
    .filter(({ one, intent, access }) => intent.kind === "policy" && access.kind !== "public" && one.verb === "ANY")
    .filter(({ one: { path } }) => !all.some(({ one }) => one.path === path && one.verb === "OPTIONS"))
    .map(({ one }) => `${nameOf(one)} takes preflights, too, which have no token and get 401; ${remedy}`);
}
