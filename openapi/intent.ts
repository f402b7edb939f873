import type { CachingApi } from "../contract/api-kinds.ts";
import type { AttachmentMode } from "../contract/method-selection.ts";
import type { Operation } from "./operations.ts";
import { modeOfScheme } from "./own-schemes.ts";
import type { Scheme } from "./schemes.ts";
import { findAuthConflict, isStatedOpen, type Requirements, readRequirements, typeOfAuth } from "./security.ts";
import { isTransformed } from "./transforms.ts";

/** How an operation is meant to be authorized, once the policy's authorizers are in its document. */
export type Intent =
  /** It answers browsers that ask what they may send, which they do without a token. */
  | { readonly kind: "preflight" }
  /** The document says that it is open to everybody. */
  | { readonly kind: "open" }
  /** API Gateway verifies the caller's signature. */
  | { readonly kind: "iam" }
  /** It has another authorizer, which was accepted by its name. */
  | { readonly kind: "other"; readonly scheme: string }
  /** The policy decides. */
  | {
      readonly kind: "policy";
      /** The API keys that are needed besides. */
      readonly keys: readonly string[];
      /** The schemes whose place the policy's authorizer takes. */
      readonly replaced: readonly string[];
      /** Those of them that authorize the operation until then. One that was written in the same mode before does not count. */
      readonly authorizers: readonly string[];
    }
  /** It can't be told, or API Gateway can't do it. */
  | { readonly kind: "refused"; readonly cause: string };

/** The kind of API that a document is for, the schemes of other authorizers that are accepted, and what is to be written. */
export interface Reading {
  readonly api?: CachingApi | undefined;
  readonly accepted?: readonly string[];
  /** Default: `enforce`. A report-only authorizer is also for operations that the document says are open. */
  readonly mode?: AttachmentMode;
}

/** Reads how an operation is meant to be authorized. Everything that secures, lists or opens operations goes by this. */
export function readIntent(document: unknown, one: Operation, reading: Reading = {}): Intent {
  const { operation } = one;
  const { mode = "enforce" } = reading;
  if (isMockPreflight(one)) return { kind: "preflight" };
  // An open OPTIONS answers preflights by a back end. HTTP APIs have no mock integration, so AWS tells their users to do so.
  const isOpenToday = isStatedOpen(document, operation);
  if (isOpenToday && one.verb === "OPTIONS") return { kind: "preflight" };
  if (isOpenToday && mode === "enforce") return { kind: "open" };
  const requirements = readRequirements(document, operation);
  if (requirements === undefined)
    return refuse(
      "has a security that is not a list of requirements, so what it asks for is not visible; write it out",
    );
  // What the root asks for does not hold for an operation that is open today.
  const own: Requirements =
    isOpenToday && requirements.from === "root" ? { from: "nowhere", alternatives: [] } : requirements;
  return readRequired(one, own, isOpenToday, reading);
}

function readRequired(
  { operation }: Operation,
  { from, alternatives }: Requirements,
  isOpenToday: boolean,
  { api, accepted = [], mode = "enforce" }: Reading,
): Intent {
  const named = new Map(alternatives.flat().map((scheme) => [scheme.name, scheme]));
  const schemes = [...named.values()];
  const others = schemes.filter(({ name, use }) => use === "authorizer" && accepted.includes(name));
  const methods = schemes.filter((one) => !others.includes(one) && (one.use === "iam" || one.use === "authorizer"));
  const isIam = methods.some(({ use }) => use === "iam") || (from === "nowhere" && isIamByType(operation, api));
  // The type NONE of an open operation goes with the security that it has until then.
  const conflict = isOpenToday ? undefined : findAuthConflict(operation, isIam);
  if (conflict !== undefined) return refuse(conflict);
  if (isIam || others.length > 0) {
    const all = [...new Set([...(isIam ? ["IAM"] : []), ...[...others, ...methods].filter(isAuthorizer).map(nameOf)])];
    if (all.length > 1)
      return refuse(`names ${all.join(" and ")}, of which a method can have one; leave one of them in its security`);
    const [{ name: scheme } = { name: "" }] = others;
    return isIam ? { kind: "iam" } : { kind: "other", scheme };
  }
  const unclear = schemes.find(({ use }) => use === "undefined" || use === "unknown");
  if (unclear !== undefined)
    return refuse(UNCLEAR[unclear.use === "undefined" ? "undefined" : "unknown"](unclear.name));
  const keys = schemes.filter(({ use }) => use === "key").map(nameOf);
  if (keys.length > 0 && api === "http")
    return refuse(`needs the API key ${keys.join()}, but an HTTP API has no API keys; remove it, or make a REST API`);
  const replaced = schemes.filter(({ use }) => use !== "key");
  const authorizers = replaced.filter((scheme) => scheme.use === "authorizer" && modeOfScheme(scheme) !== mode);
  return { kind: "policy", keys, replaced: replaced.map(nameOf), authorizers: authorizers.map(nameOf) };
}

const UNCLEAR = {
  undefined: (name: string) =>
    `names the security scheme ${name}, which the document does not define, so it is not known whether it is an API key; define it, or remove it`,
  unknown: (name: string) =>
    `names the security scheme ${name}, which is of no type that OpenAPI or API Gateway has; correct its type, x-amazon-apigateway-authtype or x-amazon-apigateway-authorizer`,
} as const;

function refuse(cause: string): Intent {
  return { kind: "refused", cause };
}

function nameOf({ name }: Scheme): string {
  return name;
}

function isAuthorizer({ use }: Scheme): boolean {
  return use !== "iam";
}

/** Tells whether an extension alone gives IAM authorization. It is documented for REST APIs. */
function isIamByType(operation: Operation["operation"], api: CachingApi | undefined): boolean {
  return api !== "http" && typeOfAuth(operation) === "AWS_IAM";
}

/** Tells whether an operation is a preflight that API Gateway answers itself: OPTIONS with a mock integration. */
export function isMockPreflight({ verb, operation }: Operation): boolean {
  const integration: unknown = operation["x-amazon-apigateway-integration"];
  return verb === "OPTIONS" && String(Object(integration).type).toLowerCase() === "mock" && !isTransformed(integration);
}

/** Tells whether an operation is a preflight. */
export function isPreflightOperation(document: unknown, one: Operation): boolean {
  return readIntent(document, one).kind === "preflight";
}

/** Tells whether the document opens an operation to everybody. */
export function isOpen({ kind }: Intent): boolean {
  return kind === "open" || kind === "preflight";
}
