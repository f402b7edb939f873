import { expect, it } from "vitest";
import { toSettings } from "../../../analysis/cache/settings.ts";
import type { CacheContract } from "../../../contract/manifest.ts";
import { checkDocument } from "../../../openapi/check-document.ts";

const CONTRACT: CacheContract = {
  id: "sha256:0",
  key_dependencies: [],
  required: [],
  max_ttl_s: 45,
  routes: [{ verb: "GET", path: "/a", class: "request", authorizer: "request-45s", because: [] }],
  authorizers: {
    "request-45s": {
      class: "request",
      rest: ["token", "method", "path"],
      http: ["token", "route", "method", "path"],
      because: {},
      max_ttl_s: 45,
    },
  },
};

function errorsWith(ttl: number): readonly string[] {
  const authorizer = {
    type: "request",
    identitySource: "method.request.header.Authorization, context.httpMethod, context.path",
    authorizerResultTtlInSeconds: ttl,
  };
  const document = {
    openapi: "3.0.1",
    paths: { "/a": { get: { security: [{ it: [] }] } } },
    components: {
      securitySchemes: {
        it: { type: "apiKey", name: "Authorization", in: "header", "x-amazon-apigateway-authorizer": authorizer },
      },
    },
  };
  return checkDocument(document, {
    contract: CONTRACT,
    api: "rest",
    settings: toSettings(CONTRACT, "rest", 300, undefined),
    publicRules: [],
    apiName: undefined,
  }).errors;
}

it("a document may not cache responses that depend on the time for longer than the policy says", () => {
  expect(errorsWith(45)).toEqual([]);
  expect(errorsWith(46)).toEqual([
    expect.stringMatching(
      /^GET \/a caches responses for 46 seconds, but conditions read the time and say in late_by that 45/,
    ),
  ]);
});
