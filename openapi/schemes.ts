import { isObject, isText, own } from "../contract/json.ts";
import { EXTENSION } from "./extension.ts";
import { resolveReference } from "./local-references.ts";

/** The use that API Gateway makes of a security scheme. */
export type SchemeUse =
  /** Its operations have this authorizer. */
  | "authorizer"
  /** Its operations have IAM authorization. */
  | "iam"
  /** Its operations need a usage plan's API key, which authorizes nobody. */
  | "key"
  /** API Gateway does nothing with it: it tells clients what a back end expects. */
  | "described"
  /** The document names it, and does not define it. */
  | "undefined"
  /** It can't be told from the document. */
  | "unknown";

/** A security scheme, as an operation names it. */
export interface Scheme {
  readonly name: string;
  readonly use: SchemeUse;
  /** The `x-amazon-apigateway-authorizer` object, for the use `authorizer`. */
  readonly authorizer: Readonly<Record<string, unknown>> | undefined;
  /** The mark of one that was written for a policy; see `policy-schemes.ts`. */
  readonly mark?: unknown;
}

/** The types of schemes of OpenAPI 3 and Swagger 2. API Gateway does nothing with them unless an extension says so. */
const DESCRIBED_TYPES = ["apikey", "http", "oauth2", "openidconnect", "mutualtls", "basic"];

/** Reads the security schemes of a document, OpenAPI 3 or Swagger 2. */
export function schemesOf(document: unknown): Readonly<Record<string, unknown>> {
  const { swagger, components, securityDefinitions } = Object(document);
  return Object(swagger === undefined ? Object(components).securitySchemes : securityDefinitions);
}

/** Finds the place of a document's security schemes. */
export function placeOfSchemes(document: unknown): readonly string[] {
  return Object(document).swagger === undefined ? ["components", "securitySchemes"] : ["securityDefinitions"];
}

/** Reads a security scheme by its name. */
export function readScheme(document: unknown, name: string): Scheme {
  const written = own(schemesOf(document), name);
  if (written === undefined) return { name, use: "undefined", authorizer: undefined };
  const scheme = isObject(written) && isText(written["$ref"]) ? resolveReference(document, written["$ref"]) : written;
  const { "x-amazon-apigateway-authorizer": authorizer, [EXTENSION]: mark } = Object(scheme);
  if (authorizer === undefined) return { name, use: useOf(Object(scheme)), authorizer };
  return isObject(authorizer) && isText(authorizer["type"])
    ? { name, use: "authorizer", authorizer, ...(mark !== undefined && { mark }) }
    : { name, use: "unknown", authorizer: undefined };
}

/**
 * Finds the use of a scheme without an authorizer.
 *
 * @see API Gateway developer guide, "x-amazon-apigateway-authtype property", "Configure a method to use API keys with an OpenAPI definition"
 */
function useOf(scheme: Readonly<Record<string, unknown>>): SchemeUse {
  const { type, name, "x-amazon-apigateway-authtype": authType } = scheme;
  if (authType === "awsSigv4") return "iam";
  if (authType !== undefined || !isText(type) || !DESCRIBED_TYPES.includes(type.toLowerCase())) return "unknown";
  return type.toLowerCase() === "apikey" && isText(name) && name.toLowerCase() === "x-api-key" ? "key" : "described";
}
