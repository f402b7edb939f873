import { describe, expect, it } from "vitest";
import type { CachingApi } from "../../../contract/api-kinds.ts";
import { readIntent } from "../../../openapi/intent.ts";
import { operationsOf } from "../../../openapi/operations.ts";
import { readSecurity } from "../../../openapi/security.ts";

const SCHEMES = {
  pool: { type: "apiKey", "x-amazon-apigateway-authorizer": { type: "cognito_user_pools" } },
  signed: { type: "apiKey", "x-amazon-apigateway-authtype": "awsSigv4" },
  key: { type: "apiKey", name: "X-API-Key", in: "header" },
  bearer: { type: "http", scheme: "bearer" },
  odd: { type: "wire" },
  custom: { type: "apiKey", "x-amazon-apigateway-authtype": "custom" },
};

const toDocument = (operation: object, root: object = {}) => ({
  openapi: "3.0.1",
  ...root,
  paths: { "/a": { get: operation } },
  components: { securitySchemes: SCHEMES },
  securityDefinitions: SCHEMES,
});

const intentOf = (operation: object, api: CachingApi = "rest", accepted: readonly string[] = [], root: object = {}) => {
  const document = toDocument(operation, root);
  return operationsOf(document).map((one) => readIntent(document, one, { api, accepted }))[0];
};

describe("an operation of a document", () => {
  it.each([
    ["the key of a plan beside an authorizer", [{ pool: [], key: [] }], ["key"], ["pool"], ["pool"]],
    ["them as alternatives", [{ pool: [] }, { key: [] }], ["key"], ["pool"], ["pool"]],
    ["schemes that describe", [{ bearer: [] }], [], ["bearer"], []],
  ])("is for the policy with %s", (_, security, keys, replaced, authorizers) => {
    expect(intentOf({ security })).toEqual({ kind: "policy", keys, replaced, authorizers });
  });

  it.each<[string, object, CachingApi, string]>([
    ["IAM and an authorizer", { security: [{ signed: [] }, { pool: [] }] }, "rest", "names IAM and pool, of which"],
    ["a key of an HTTP API", { security: [{ pool: [], key: [] }] }, "http", "needs the API key key, but an HTTP API"],
    ["a scheme that is not defined", { security: [{ it: [] }] }, "rest", "names the security scheme it, which the"],
    [
      "a scheme of an unknown type",
      { security: [{ odd: [] }] },
      "rest",
      "names the security scheme odd, which is of no",
    ],
    ["a custom scheme without authorizer", { security: [{ custom: [] }] }, "rest", "names the security scheme custom"],
    [
      "a security behind a condition",
      { security: { "Fn::If": ["A", [], []] } },
      "rest",
      "has a security that is not a",
    ],
    [
      "a type that contradicts its security",
      { security: [{ pool: [] }], "x-amazon-apigateway-auth": { type: "none" } },
      "rest",
      'sets x-amazon-apigateway-auth to "none", which contradicts',
    ],
  ])("is refused with %s", (_, operation, api, cause) => {
    expect(intentOf(operation, api)).toEqual({ kind: "refused", cause: expect.stringContaining(cause) });
  });

  it("keeps an authorizer that is accepted by its name, and no other", () => {
    const operation = { security: [{ pool: [] }] };
    expect([intentOf(operation, "rest", ["pool"])?.kind, intentOf(operation, "rest", ["other"])?.kind]).toEqual([
      "other",
      "policy",
    ]);
  });

  it("has IAM by its type alone, on a REST API", () => {
    const operation = { "x-amazon-apigateway-auth": { type: "aws_iam" } };
    expect([intentOf(operation)?.kind, intentOf(operation, "http")?.kind]).toEqual(["iam", "refused"]);
  });
});

describe("security at the root of a document", () => {
  const judge = (api: CachingApi, root: object) => {
    const document = toDocument({}, { security: [{ pool: [] }], ...root });
    return readSecurity(document, {}, api).schemes?.map(({ name }) => name) ?? "open";
  };

  it("counts for a REST API of OpenAPI 3 only, where API Gateway is known to apply it", () => {
    expect([judge("rest", {}), judge("http", {}), judge("rest", { swagger: "2.0" })]).toEqual([
      ["pool"],
      "open",
      "open",
    ]);
  });
});
