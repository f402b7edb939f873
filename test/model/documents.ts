import type { Api } from "../../contract/api-kinds.ts";
import { isObject } from "../../contract/json.ts";
import type { SimulatedRoute } from "../../simulator/simulated-api.ts";
import type { AuthorizerState } from "./cloud.ts";

/** The authorizers of a document by their names, and its routes, which name them. */
export interface DocumentParts {
  readonly title: string;
  readonly authorizers: readonly AuthorizerState[];
  readonly routes: readonly SimulatedRoute[];
}

const VERBS = ["get", "put", "post", "delete", "patch", "head", "options", "x-amazon-apigateway-any-method"];

/** Reads a document as an import does: security schemes become authorizers, and operations become routes. */
export function readDocument(body: unknown, kind: Api): DocumentParts {
  const { info, components, paths } = Object(body);
  const schemes = Object.entries(Object(Object(components).securitySchemes));
  return {
    title: String(Object(info).title),
    authorizers: schemes.map(([name, scheme]) => toAuthorizer(name, scheme, kind)),
    routes: Object.entries(Object(paths)).flatMap(([path, item]) =>
      VERBS.filter((key) => isObject(Object(item)[key])).map((key) => ({
        verb: key.startsWith("x-") ? "ANY" : key.toUpperCase(),
        path,
        authorizer: Object.keys(Object(Object(Object(item)[key]).security?.[0]))[0] ?? null,
      })),
    ),
  };
}

function toAuthorizer(name: string, scheme: unknown, kind: Api): AuthorizerState {
  const own = Object(Object(scheme)["x-amazon-apigateway-authorizer"]);
  return {
    kind: kind === "rest" ? "rest-request" : "http-2",
    response: own.enableSimpleResponses === true ? "simple" : "iam",
    identitySources: String(own.identitySource).split(", "),
    ttlS: Number(own.authorizerResultTtlInSeconds),
    name,
    uri: String(own.authorizerUri),
  };
}
