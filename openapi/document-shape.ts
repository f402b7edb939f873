import type { CachingApi } from "../contract/api-kinds.ts";
import { isObject, isText } from "../contract/json.ts";
import type { ApiShape, AuthorizerShape } from "../gateway-rules/api-shape.ts";
import { operationsOf } from "./operations.ts";
import { schemesOf } from "./schemes.ts";

/** Converts a document to the shape of an API: its paths, the authorizers of its security schemes, and its models. */
export function toDocumentShape(document: unknown, kind: CachingApi): ApiShape {
  const { components, definitions, paths } = Object(document);
  const resources = Object.keys(Object(paths)).filter((path) => path.startsWith("/"));
  const models = Object.keys(Object(Object(components).schemas ?? definitions));
  return {
    kind,
    where: "the API",
    // Two branches of a condition may have the same operation, of which there is one.
    routes: [...new Map(operationsOf(document).map((one) => [`${one.verb} ${one.path}`, one])).values()]
      .filter(({ path }) => path.startsWith("/"))
      .map(({ verb, path }) =>
        path === "/$default"
          ? { where: "$default", verb: undefined, path: "$default" }
          : { where: `${verb} ${path}`, verb, path },
      ),
    authorizers: toAuthorizers(document, kind),
    ...(kind === "rest" && {
      resources: resources.map((path) => ({ where: path, path })),
      models: models.map((name) => ({ where: `the schema ${name}`, name })),
    }),
  };
}

const TYPES: Readonly<Record<string, AuthorizerShape["type"]>> = {
  token: "token",
  request: "request",
  cognito_user_pools: "cognito",
  jwt: "jwt",
};

/** @see API Gateway developer guide, "x-amazon-apigateway-authorizer object" */
function toAuthorizers(document: unknown, kind: CachingApi): readonly AuthorizerShape[] {
  return Object.entries(schemesOf(document)).flatMap(([name, scheme]): readonly AuthorizerShape[] => {
    const authorizer: unknown = Object(scheme)["x-amazon-apigateway-authorizer"];
    if (!isObject(authorizer)) return [];
    const { identitySource, authorizerResultTtlInSeconds: ttlS, enableSimpleResponses } = authorizer;
    const payload = authorizer["authorizerPayloadFormatVersion"];
    return [
      {
        where: `the security scheme ${name}`,
        name,
        type: TYPES[String(authorizer["type"]).toLowerCase()],
        // Without this key, the header is the scheme's own; a text with a variable of CloudFormation is not known.
        identitySources:
          isText(identitySource) && !identitySource.includes("${")
            ? identitySource.split(",").map((one) => one.trim())
            : undefined,
        ttlS: typeof ttlS === "number" ? ttlS : undefined,
        payloadVersion: kind === "rest" ? undefined : isText(payload) ? payload : undefined,
        hasSimpleResponses: enableSimpleResponses === true,
      },
    ];
  });
}
