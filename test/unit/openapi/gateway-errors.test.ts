import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { toApiKind } from "../../../openapi/api-kind.ts";
import { findGatewayErrors } from "../../../openapi/gateway-errors.ts";
import { parseRoutes } from "../../../openapi/read-routes.ts";

const document = (paths: readonly string[], more = "") =>
  `openapi: 3.0.3\n${more}paths:\n${paths.map((path) => `  ${path}:\n    get: {}\n`).join("")}`;

const SIBLINGS = ["/orders/{proxy+}", "/orders/{id}/parts"];
const SAME = ["/users/{id}", "/users/{name}"];
const times = (count: number) => Array.from({ length: count }, (_, at) => `/r${at}`);

describe("the routes of a document", () => {
  it.each<[string, string, "rest" | "http" | undefined, string | undefined]>([
    ["siblings, for a REST API", document(SIBLINGS), "rest", "siblings with a variable path part"],
    ["siblings, for an HTTP API", document(SIBLINGS), "http", undefined],
    ["siblings, for an API of a kind that is not known", document(SIBLINGS), undefined, undefined],
    [
      "siblings, in a document that shows a REST API",
      document(SIBLINGS, "x-amazon-apigateway-policy: {}\n"),
      undefined,
      "siblings with a variable path part",
    ],
    [
      "siblings, in a document that shows an HTTP API",
      document(SIBLINGS, "x-amazon-apigateway-cors: {}\n"),
      undefined,
      undefined,
    ],
    [
      "siblings in a document of Swagger 2",
      document(SIBLINGS).replace("openapi: 3.0.3", 'swagger: "2.0"'),
      undefined,
      "siblings",
    ],
    [
      "siblings in a document that is told to be for the other kind",
      document(SIBLINGS, "x-amazon-apigateway-policy: {}\n"),
      "http",
      undefined,
    ],
    [
      "the same requests twice, which no kind takes",
      document(SAME),
      undefined,
      "differ in the names of parameters only",
    ],
    [
      "siblings of which one is open to everybody",
      `${document(["/orders/{proxy+}"])}  /orders/{id}/parts:\n    get: { security: [] }\n`,
      "rest",
      "siblings",
    ],
    ["more than 300 resources, since AWS may have raised the quota", document(times(301)), "rest", undefined],
  ])("with %s", (_, text, kind, message) => {
    const parsed = parseRoutes(text, kind);
    if (message === undefined) expect(parsed).toMatchObject({ ok: true });
    else expect(parsed.ok ? "" : parsed.error.join("\n")).toContain(message);
  });

  it("have a notice where one of two kinds refuses them, which says how to tell the kind", () => {
    const { errors, notices } = findGatewayErrors(parse(document(SIBLINGS)));
    expect(errors).toEqual([]);
    expect(notices).toEqual([
      {
        route: "GET /orders/{proxy+}",
        text: expect.stringMatching(/^a REST API can't be made of the document: .*--api$/),
      },
    ]);
    expect(findGatewayErrors(parse(document(SIBLINGS)), "http")).toEqual({ errors: [], notices: [] });
    expect(findGatewayErrors(parse(document(["/a", "/{b}"])))).toEqual({ errors: [], notices: [] });
  });

  it("have a notice if there are more than a quota, whatever the kind", () => {
    const { errors, notices } = findGatewayErrors(parse(document(times(301))), "rest");
    expect(errors).toEqual([]);
    expect(notices.map(({ text }) => text)).toEqual([
      expect.stringContaining("has 301 resources, and 300 are the most"),
    ]);
    expect(findGatewayErrors(parse(document(times(300))), "rest").notices).toEqual([]);
  });
});

describe("the authorizers and models of a document", () => {
  const home = { "/home": { get: {} } };
  const withAuthorizer = (authorizer: object) => ({
    openapi: "3.0.3",
    paths: home,
    components: { securitySchemes: { own: { type: "apiKey", "x-amazon-apigateway-authorizer": authorizer } } },
  });
  const errorsOf = (shown: object, kind: "rest" | "http") => findGatewayErrors(shown, kind).errors.join("\n");
  const header = "method.request.header.Authorization";

  it.each<[string, object, "rest" | "http", string]>([
    [
      "a TTL of two hours",
      { type: "request", identitySource: header, authorizerResultTtlInSeconds: 7200 },
      "rest",
      "7200 seconds",
    ],
    [
      "two sources of a token",
      { type: "token", identitySource: `${header}, ${header}` },
      "rest",
      "exactly one, a header",
    ],
    [
      "a source of the other kind of API",
      { type: "request", identitySource: header },
      "http",
      "is not an identity source",
    ],
    ["a type of the other kind of API", { type: "token" }, "http", "an authorizer of type token"],
  ])("are refused with %s", (_, authorizer, kind, message) => {
    expect(errorsOf(withAuthorizer(authorizer), kind)).toContain(`the security scheme own: `);
    expect(errorsOf(withAuthorizer(authorizer), kind)).toContain(message);
  });

  it.each<[string, object, "rest" | "http"]>([
    ["a header for a token", { type: "token", authorizerResultTtlInSeconds: 3600 }, "rest"],
    [
      "several sources",
      { type: "request", identitySource: `${header}, context.path`, authorizerResultTtlInSeconds: 60 },
      "rest",
    ],
    ["a source that CloudFormation inserts", { type: "request", identitySource: "${Source}" }, "rest"],
    ["a JWT", { type: "jwt", identitySource: "$request.header.Authorization" }, "http"],
  ])("are accepted with %s", (_, authorizer, kind) => {
    expect(errorsOf(withAuthorizer(authorizer), kind)).toBe("");
  });

  it("are refused on a REST API with a model's name that has an underscore, and an HTTP API has no models", () => {
    const shown = (name: string) => ({ openapi: "3.0.3", paths: home, components: { schemas: { [name]: {} } } });
    expect(errorsOf(shown("an_order"), "rest")).toContain('the schema an_order: "an_order" is not the name of a model');
    expect([errorsOf(shown("AnOrder"), "rest"), errorsOf(shown("an_order"), "http")]).toEqual(["", ""]);
  });
});

describe("the kind of API that a document shows", () => {
  it.each<[string, object, string | undefined]>([
    ["none without extensions", { openapi: "3.0.3" }, undefined],
    ["REST by Swagger 2", { swagger: "2.0" }, "rest"],
    ["REST by its responses of the gateway", { "x-amazon-apigateway-gateway-responses": {} }, "rest"],
    ["HTTP by its CORS configuration", { "x-amazon-apigateway-cors": {} }, "http"],
    ["HTTP by the route $default", { paths: { "/$default": { "x-amazon-apigateway-any-method": {} } } }, "http"],
    ["none by signs of both", { "x-amazon-apigateway-cors": {}, "x-amazon-apigateway-policy": {} }, undefined],
    [
      "REST by a mock integration",
      { paths: { "/a": { options: { "x-amazon-apigateway-integration": { type: "MOCK" } } } } },
      "rest",
    ],
    [
      "none by a proxy integration",
      { paths: { "/a": { get: { "x-amazon-apigateway-integration": { type: "aws_proxy" } } } } },
      undefined,
    ],
    [
      "HTTP by the version of an integration's events",
      { paths: { "/a": { get: { "x-amazon-apigateway-integration": { payloadFormatVersion: "2.0" } } } } },
      "http",
    ],
    [
      "REST by an authorizer's identity source",
      {
        components: {
          securitySchemes: {
            a: { "x-amazon-apigateway-authorizer": { identitySource: "method.request.header.Authorization" } },
          },
        },
      },
      "rest",
    ],
    [
      "HTTP by an authorizer's identity source",
      {
        components: {
          securitySchemes: {
            a: { "x-amazon-apigateway-authorizer": { identitySource: "$request.header.Authorization" } },
          },
        },
      },
      "http",
    ],
    ["none if it is not a document", [], undefined],
  ])("is %s", (_, shown, kind) => {
    expect(toApiKind(shown)).toBe(kind);
  });
});
