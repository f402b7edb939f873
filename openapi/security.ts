import type { CachingApi } from "../contract/api-kinds.ts";
import { isObject } from "../contract/json.ts";
import { readScheme, type Scheme } from "./schemes.ts";

/** An operation as the document has it. */
export type OperationObject = Readonly<Record<string, unknown>>;

/** The requirements of an operation, and where the document has them. */
export interface Requirements {
  /** The operation has its own; or it takes those at the root of the document; or there are none. */
  readonly from: "operation" | "root" | "nowhere";
  /** The schemes of each requirement. A requirement without schemes asks for nothing. */
  readonly alternatives: readonly (readonly Scheme[])[];
}

/**
 * Reads the security requirements that hold for an operation; gives undefined if they are not visible, such as behind a
 * condition.
 *
 * The marker `NONE`, which AWS SAM writes, is a requirement without schemes.
 */
export function readRequirements(document: unknown, operation: OperationObject): Requirements | undefined {
  const [own, root]: readonly unknown[] = [operation["security"], Object(document).security];
  const written = own ?? root ?? [];
  if (!Array.isArray(written) || !written.every(isObject)) return undefined;
  const from = own !== undefined && own !== null ? "operation" : written.length > 0 ? "root" : "nowhere";
  const toSchemes = (requirement: object) => Object.keys(requirement).map((name) => readScheme(document, name));
  const alternatives = written.map((one) => toSchemes(one).filter((scheme) => !isNone(scheme)));
  return { from, alternatives };
}

function isNone({ name, use }: Scheme): boolean {
  return use === "undefined" && name.toUpperCase() === "NONE";
}

/** Tells whether an operation says that it is open to everybody, in any of the spellings that API Gateway and AWS SAM have. */
export function isStatedOpen(document: unknown, operation: OperationObject): boolean {
  const requirements = readRequirements(document, operation);
  if (requirements === undefined) return false;
  const own = requirements.from === "operation" ? requirements.alternatives.flat() : [];
  // An API key meters, and authorizes nobody.
  if (typeOfAuth(operation) === "NONE") return own.every(({ use }) => use === "key");
  return requirements.from === "operation" && own.length === 0 && !Object.hasOwn(operation, "x-amazon-apigateway-auth");
}

/** The schemes that authorize an operation, or why it is open to everybody or could be. */
export type Security =
  | {
      /** Authorizers, and IAM. All of them count. */
      readonly schemes: readonly Scheme[];
    }
  | { readonly schemes?: never; readonly error: string };

/** An API key is not an authorizer either. */
const NO_AUTHORIZER = "is not an authorizer of API Gateway, so the operation is open to everybody";

const NO_SECURITY = "has no security of its own, so it is open to everybody";

/**
 * Reads the schemes that authorize an operation of an API.
 *
 * API Gateway takes the authorizer of one requirement and the API key of another for one method, as AWS SAM writes them. Other
 * alternatives are refused, since the weakest of them could count.
 *
 * REST APIs apply `security` at the root of OpenAPI 3 to operations without their own. For Swagger 2 and for HTTP APIs nobody
 * says so, so it does not count there.
 *
 * @see API Gateway developer guide, "Configure a method to use API keys with an OpenAPI definition"
 */
export function readSecurity(document: unknown, operation: OperationObject, api: CachingApi): Security {
  const auth = typeOfAuth(operation);
  const requirements = readRequirements(document, operation);
  if (requirements === undefined) return { error: "has a security that is not visible; write it as a list" };
  const { from, alternatives } = requirements;
  if (from === "nowhere" && auth === "AWS_IAM" && api === "rest") return { schemes: [IAM] };
  if (from === "nowhere" || alternatives.length === 0) return { error: NO_SECURITY };
  if (from === "root" && !appliesRoot(document, api))
    return {
      error: `has no security of its own, and it is not known whether ${api === "http" ? "an HTTP API" : "API Gateway"} applies the one at the root of ${api === "http" ? "a" : "a Swagger 2"} document; write it at the operation`,
    };
  const weak = alternatives.findIndex((schemes) => schemes.length === 0);
  if (weak >= 0) return { error: "has an empty alternative in its security, so it is open to everybody" };
  const all = alternatives.flat();
  const [ineffective] = all.filter(({ use }) => use !== "authorizer" && use !== "iam" && use !== "key");
  if (ineffective !== undefined) return { error: `names ${ineffective.name}, which ${NO_AUTHORIZER}` };
  const schemes = all.filter(({ use }) => use !== "key");
  const [key] = all.filter(({ use }) => use === "key");
  if (key !== undefined && schemes.length === 0) return { error: `names ${key.name}, which ${NO_AUTHORIZER}` };
  if (key !== undefined && api === "http")
    return { error: `names ${key.name}, but an HTTP API has no API keys; remove it` };
  if (alternatives.filter((one) => one.some(({ use }) => use !== "key")).length > 1)
    return { error: "has several alternatives in its security, and the weakest of them counts; leave one" };
  const conflict = findAuthConflict(
    operation,
    schemes.every(({ use }) => use === "iam"),
  );
  return conflict === undefined ? { schemes } : { error: conflict };
}

/** IAM authorization without a scheme. */
const IAM: Scheme = { name: "AWS_IAM", use: "iam", authorizer: undefined };

/** Tells whether API Gateway is known to apply `security` at the root of a document to operations without their own. */
function appliesRoot(document: unknown, api: CachingApi): boolean {
  return api === "rest" && Object(document).swagger === undefined;
}

/**
 * Finds `x-amazon-apigateway-auth` at an operation if it contradicts `security`.
 *
 * @param isIam - `security` says IAM authorization.
 * @returns The error, or undefined.
 */
export function findAuthConflict(operation: OperationObject, isIam: boolean): string | undefined {
  const { "x-amazon-apigateway-auth": auth } = operation;
  if (auth === undefined || (isIam && typeOfAuth(operation) === "AWS_IAM")) return undefined;
  return `sets x-amazon-apigateway-auth to ${JSON.stringify(Object(auth).type) ?? "nothing"}, which contradicts its security; remove it`;
}

/**
 * Reads the type of `x-amazon-apigateway-auth`, in upper case; undefined without one.
 *
 * @see API Gateway developer guide, "x-amazon-apigateway-auth object"
 */
export function typeOfAuth(operation: OperationObject): string | undefined {
  const { type } = Object(operation["x-amazon-apigateway-auth"]);
  return typeof type === "string" ? type.toUpperCase() : undefined;
}
