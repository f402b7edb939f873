import type { CachingApi } from "../contract/api-kinds.ts";
import { isObject } from "../contract/json.ts";
import { operationsOf } from "./operations.ts";

const EXTENSION = "x-amazon-apigateway-";

/** The extensions at the root of a document that one kind of API has. */
const ROOT_EXTENSIONS: Readonly<Record<CachingApi, readonly string[]>> = {
  rest: [
    ...["api-key-source", "binary-media-types", "documentation", "gateway-responses", "minimum-compression-size"],
    ...["policy", "request-validator", "request-validators", "security-policy"],
  ],
  http: ["cors", "importexport-version"],
};

/** The signs of each kind of API in an operation or in a security scheme. */
const SIGNS: Readonly<Record<CachingApi, (part: Readonly<Record<string, unknown>>) => boolean>> = {
  rest(part) {
    const { type } = Object(part[`${EXTENSION}integration`]);
    const { type: authorizer, identitySource } = Object(part[`${EXTENSION}authorizer`]);
    return (
      [`${EXTENSION}request-validator`, `${EXTENSION}auth`].some((key) => Object.hasOwn(part, key)) ||
      ["aws", "http", "mock"].includes(String(type).toLowerCase()) ||
      ["token", "cognito_user_pools"].includes(String(authorizer).toLowerCase()) ||
      String(identitySource).startsWith("method.request.")
    );
  },
  http(part) {
    const { payloadFormatVersion } = Object(part[`${EXTENSION}integration`]);
    const { authorizerPayloadFormatVersion, identitySource } = Object(part[`${EXTENSION}authorizer`]);
    return (
      payloadFormatVersion !== undefined ||
      authorizerPayloadFormatVersion !== undefined ||
      String(identitySource).startsWith("$request.")
    );
  },
};

/**
 * Tells for which kind of API a document is: by its version, since HTTP APIs take OpenAPI 3 only, and by extensions of API
 * Gateway that one kind has.
 *
 * @returns Undefined if the document shows no kind, or signs of both. One document may describe APIs of both kinds.
 * @see API Gateway developer guide, "OpenAPI extensions for API Gateway"
 */
export function toApiKind(document: unknown): CachingApi | undefined {
  if (!isObject(document)) return undefined;
  const { swagger, components, securityDefinitions } = document;
  const schemes = Object.values(Object(Object(components).securitySchemes ?? securityDefinitions));
  const parts = [...operationsOf(document).map(({ operation }) => operation), ...schemes.filter(isObject)];
  const shows = (kind: CachingApi) =>
    ROOT_EXTENSIONS[kind].some((name) => Object.hasOwn(document, `${EXTENSION}${name}`)) || parts.some(SIGNS[kind]);
  const isRest = swagger !== undefined || shows("rest");
  const isHttp = shows("http") || Object.hasOwn(Object(document["paths"]), "/$default");
  return isRest === isHttp ? undefined : isRest ? "rest" : "http";
}
