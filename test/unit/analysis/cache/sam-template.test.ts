import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { DescribedApi } from "../../../../analysis/cache/described-apis.ts";
import { toSamNames } from "../../../../analysis/cache/sam-settings.ts";
import { completeSamTemplate, readSamRoutes } from "../../../../analysis/cache/sam-template.ts";
import { parseTemplate } from "../../../../gate/read-template.ts";
import { withEdits } from "../../../../openapi/edits.ts";
import { judgeTemplate, toLines } from "../../../support/gate.ts";

const FILE = join(import.meta.dirname, "..", "..", "..", "fixtures", "sam", "template.yaml");
const parsed = parseTemplate(readFileSync(FILE, "utf8"));
const TEMPLATE = parsed.ok ? parsed.value : {};

const METHODS = {
  "GET /orders/{id}": "token",
  "PUT /admin/ledger/{proxy+}": "request-header.x-tenant",
  "POST /orders/{id}/refunds": "never",
  "GET /home": "token",
  "ANY /admin/{proxy+}": "request-header.x-tenant",
};

function describeApi(kind: "rest" | "http", contract: string, keys: readonly string[]): DescribedApi {
  const prefix = kind === "rest" ? "method.request.header." : "$request.header.";
  const toAuthorizer = (name: string, ttlS: number, more: readonly string[] = []) => ({
    name: `${name}-${contract}`,
    ttl_s: ttlS,
    identity_sources: [`${prefix}Authorization`, ...keys, ...more],
  });
  return {
    kind,
    contract,
    alias: `${kind}-${contract}`,
    api_contract: { api: kind, key: [...(kind === "rest" ? ["token"] : ["token", "route"]), "method", "path"] },
    authorizers: {
      token: toAuthorizer("token", 60),
      "request-header.x-tenant": toAuthorizer("request-header.x-tenant", 60, [`${prefix}x-tenant`]),
      never: toAuthorizer("never", 0),
    },
    methods: METHODS,
    public: [],
    report_only: {
      contract: "0123456789ab",
      alias: `${kind}-report-0123456789ab`,
      authorizer: "report",
      api_contract: {},
    },
  };
}

const APIS = {
  rest: describeApi("rest", "3fa94c01be77", ["context.httpMethod", "context.path"]),
  http: describeApi("http", "90f8b6158857", ["$context.routeKey", "$context.httpMethod", "$context.path"]),
};

const complete = (template: Readonly<Record<string, unknown>>) =>
  completeSamTemplate(template, {
    apis: APIS,
    toVariables: (apis) => ({
      API_CONTRACTS: JSON.stringify(Object.fromEntries(apis.map((one) => [one.contract, one.api_contract]))),
      CACHE_CONTRACT: JSON.stringify({ id: "sha256:0" }),
    }),
    codeUri: "dist/authorizer",
  });

/** Completes a template, or fails with its errors. */
function completed(template: Readonly<Record<string, unknown>> = TEMPLATE) {
  const result = complete(template);
  if (!result.ok) throw new Error(result.error.join("\n"));
  return Object(withEdits(template, result.value));
}

const change = (path: readonly string[], value: unknown) => withEdits(TEMPLATE, [{ path, value }]) as typeof TEMPLATE;
const EVENTS = ["Resources", "Backend", "Properties", "Events"];

describe("a template of AWS SAM that says nothing about authorizers", () => {
  it("has open methods, and is in order once it is completed", () => {
    expect(judgeTemplate(TEMPLATE).findings.map(({ code }) => code)).toEqual(Array(5).fill("method.open"));
    const { findings, seen } = judgeTemplate(completed());
    expect({ found: toLines(findings), withPolicy: seen.withPolicy }).toEqual({ found: [], withPolicy: 5 });
  });

  it("gets the authorizer of its class at each event, and leaves those that have one", () => {
    const { Events: events } = completed().Resources.Backend.Properties;
    const authorizers = Object.entries<{ Properties: { Auth: { Authorizer: string } } }>(events).map(
      ([name, { Properties }]) => [name, Properties.Auth.Authorizer],
    );
    expect(Object.fromEntries(authorizers)).toEqual({
      Order: "token3fa94c01be77",
      Ledger: "requestHeaderXTenant3fa94c01be77",
      Refund: "never3fa94c01be77",
      Home: "token90f8b6158857",
      Admin: "requestHeaderXTenant90f8b6158857",
      Internal: "AWS_IAM",
    });
  });

  it("gets an alias of the contract for each API, which is retained, and the permission that the API waits for", () => {
    const { Orders, AuthorizerAliasOrders3fa94c01be77: alias, ...others } = completed().Resources;
    expect(alias).toMatchObject({
      DeletionPolicy: "RetainExceptOnCreate",
      Properties: { Name: "Orders-3fa94c01be77", FunctionVersion: { "Fn::GetAtt": ["Authorizer.Version", "Version"] } },
    });
    expect(Orders.DependsOn).toEqual(["AuthorizerPermissionOrders3fa94c01be77"]);
    expect(others.AuthorizerPermissionOrders3fa94c01be77.Properties.FunctionName).toEqual({
      Ref: "AuthorizerAliasOrders3fa94c01be77",
    });
  });

  it("keeps what the company says about the function, and adds a parameter if nobody trusts an issuer", () => {
    const own = completed(change(["Resources", "Authorizer", "Properties", "MemorySize"], 1024));
    expect(own.Resources.Authorizer.Properties).toMatchObject({ MemorySize: 1024, Timeout: 5 });
    expect(own.Parameters).toBeUndefined();
    const { Authorizer: _, ...others } = Object(TEMPLATE["Resources"]);
    const bare = completed({ ...TEMPLATE, Resources: others });
    expect(bare.Resources.Authorizer.Properties.Environment.Variables.TRUSTED_ISSUERS).toEqual({
      Ref: "TrustedIssuers",
    });
    expect(Object.keys(bare.Parameters)).toEqual(["TrustedIssuers"]);
  });

  it("lists the routes of its events, but for those with an authorizer of their own", () => {
    expect(readSamRoutes(TEMPLATE)).toEqual([
      { verb: "GET", path: "/orders/{order_id}" },
      { verb: "PUT", path: "/admin/ledger/{proxy+}" },
      { verb: "POST", path: "/orders/{order_id}/refunds" },
      { verb: "GET", path: "/home" },
      { verb: "ANY", path: "/admin/{proxy+}" },
    ]);
  });

  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    [
      "an event that names no API",
      change([...EVENTS, "Home", "Properties", "ApiId"], undefined),
      /^Backend\.Events\.Home: names no API/,
    ],
    [
      "an event of an API elsewhere",
      change([...EVENTS, "Home", "Properties", "ApiId"], { Ref: "Other" }),
      /^Backend\.Events\.Home: ApiId names Other, which is not a resource of the type AWS::Serverless::HttpApi/,
    ],
    [
      "the route $default",
      change([...EVENTS, "Home", "Properties", "Path"], "$default"),
      /^Backend\.Events\.Home: makes the route \$default, .* write ANY \/\{proxy\+\}/,
    ],
    [
      "a route that the contract lacks",
      change([...EVENTS, "Home", "Properties", "Path"], "/other"),
      /^Backend\.Events\.Home: GET \/other is not among the routes of the contract/,
    ],
    [
      "an API that is made from a document",
      change(["Resources", "Orders", "Properties", "DefinitionUri"], "api.yaml"),
      /^Backend\.Events\.Order: the API Orders is made from a document, .*rego-authorizer openapi$/,
    ],
    [
      "nothing to authorize",
      { Resources: {} },
      /^the template has no event of an API without an authorizer of its own$/,
    ],
  ])("is refused with %s", (_, template, message) => {
    const result = complete(template);
    expect(result.ok ? "completed" : result.error[0]).toMatch(message);
  });
});

it("names of authorizers have letters and digits, and none is given twice", () => {
  const authorizers = Object.fromEntries(
    ["request-query.x-tenant", "request-query.xTenant", "token"].map((name) => [name, APIS.rest.authorizers["token"]]),
  );
  const names = Object.values(toSamNames({ ...APIS.rest, authorizers } as DescribedApi));
  expect(new Set(names).size).toBe(3);
  for (const name of names) expect(name).toMatch(/^[A-Za-z0-9]+$/);
});
