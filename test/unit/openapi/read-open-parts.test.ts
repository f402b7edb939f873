import { describe, expect, it } from "vitest";
import { type OpenParts, toOpenParts } from "../../../openapi/read-open-parts.ts";

const NOTHING: OpenParts = { open: [], preflights: [], cors: undefined };

/** A preflight as CDK's `defaultCorsPreflightOptions` makes it. */
const MOCK = {
  "x-amazon-apigateway-integration": {
    type: "mock",
    responses: {
      default: {
        statusCode: "204",
        responseParameters: {
          "method.response.header.Access-Control-Allow-Origin": "'https://app.example.com'",
          "method.response.header.Access-Control-Allow-Methods": "'GET,PUT'",
          "method.response.header.X-Id": "context.requestId",
        },
      },
    },
  },
};

function partsOf(item: object): OpenParts | string {
  const parts = toOpenParts({ openapi: "3.0.1", paths: { "/orders": item } });
  return parts.ok ? parts.value : parts.error;
}

describe("the document's open parts", () => {
  it.each<[string, object, Partial<OpenParts>]>([
    ["no operation that says nothing", { get: {}, options: {} }, {}],
    ["no operation with a scheme", { get: { security: [{ token: [] }] } }, {}],
    ["no operation with IAM authorization", { get: { "x-amazon-apigateway-auth": { type: "AWS_IAM" } } }, {}],
    ["an operation with an empty security", { get: { security: [] } }, { open: [{ verb: "GET", path: "/orders" }] }],
    [
      "an operation of the authorization type NONE",
      { options: { "x-amazon-apigateway-auth": { type: "NONE" } } },
      { open: [{ verb: "OPTIONS", path: "/orders" }] },
    ],
    [
      "a preflight with a mock integration, and its constant headers",
      { options: MOCK },
      {
        preflights: [
          {
            path: "/orders",
            status: 204,
            headers: {
              "access-control-allow-origin": "https://app.example.com",
              "access-control-allow-methods": "GET,PUT",
            },
          },
        ],
      },
    ],
    ["no GET with a mock integration", { get: MOCK }, {}],
  ])("have %s", (_, item, parts) => {
    expect(partsOf(item)).toEqual({ ...NOTHING, ...parts });
  });

  it("have the CORS configuration of an HTTP API", () => {
    const cors = { allowOrigins: ["*"], allowMethods: ["GET"], maxAge: 5 };
    const parts = toOpenParts({ openapi: "3.0.1", paths: {}, "x-amazon-apigateway-cors": cors });
    expect(parts).toEqual({
      ok: true,
      value: {
        ...NOTHING,
        cors: {
          allowOrigins: ["*"],
          allowMethods: ["GET"],
          allowHeaders: [],
          exposeHeaders: [],
          maxAgeS: 5,
          allowCredentials: false,
        },
      },
    });
  });

  it.each([
    [true, "x-amazon-apigateway-cors must be an object, with allowOrigins among its keys"],
    [{ allowOrigins: "*" }, "x-amazon-apigateway-cors.allowOrigins must be a list of texts"],
  ])("can't be read from the CORS configuration %j", (cors, error) => {
    expect(toOpenParts({ paths: {}, "x-amazon-apigateway-cors": cors })).toEqual({ ok: false, error });
  });
});
