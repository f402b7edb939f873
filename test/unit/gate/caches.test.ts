import { describe, expect, it } from "vitest";
import { judgeTemplate, POLICY_ENVIRONMENT, toLines, toUri } from "../../support/gate.ts";
import { toCloudFormation } from "../../support/gate-apps.ts";

type Resources = Readonly<Record<string, { readonly Properties: Readonly<Record<string, unknown>> }>>;

function resourcesOf(kind: "rest" | "http"): Resources {
  const methods = [
    { verb: "GET", segments: ["orders", "{id}"], way: "policy" as const },
    { verb: "PUT", segments: ["orders", "{id}"], way: "policy" as const },
    { verb: "OPTIONS", segments: ["orders"], way: "policy" as const },
  ];
  return (toCloudFormation({ kind, methods }) as { readonly Resources: Resources }).Resources;
}

function withProperties(all: Resources, id: string, properties: object): Resources {
  return { ...all, [id]: { ...all[id], Properties: { ...all[id]?.Properties, ...properties } } };
}

describe("a stage that caches responses", () => {
  const judgeStage = (MethodSettings: unknown, CacheKeyParameters?: readonly string[], environment: object = {}) => {
    const staged = withProperties(resourcesOf("rest"), "Stage", { MethodSettings });
    const keyed = withProperties(staged, "M0", { Integration: { Type: "AWS_PROXY", CacheKeyParameters } });
    const variables = { Environment: { Variables: { ...POLICY_ENVIRONMENT, ...environment } } };
    const { findings } = judgeTemplate({ Resources: withProperties(keyed, "Decide", variables) });
    return toLines(findings);
  };
  const ALL = { HttpMethod: "*", ResourcePath: "/*", CachingEnabled: true };
  const TOKEN = ["method.request.header.Authorization"];
  const BOTH = ["response.shared M0", "response.shared M1"];

  it("shares those of methods whose key lacks the token", () => {
    expect(judgeStage([ALL])).toEqual(BOTH);
    expect(judgeStage([ALL], TOKEN)).toEqual(["response.shared M1"]);
    expect(judgeStage([{ ...ALL, CachingEnabled: { Ref: "Caching" } }])).toEqual(BOTH);
    expect(judgeStage([{ ...ALL, CachingEnabled: false }])).toEqual([]);
  });

  it("goes by the setting that names a method most exactly", () => {
    const of = (HttpMethod: string, CachingEnabled: boolean) => ({
      HttpMethod,
      ResourcePath: "/~1orders~1{id}",
      CachingEnabled,
    });
    expect(judgeStage([of("GET", true)])).toEqual(["response.shared M0"]);
    expect(judgeStage([ALL, of("GET", false)])).toEqual(["response.shared M1"]);
    expect(judgeStage([ALL, of("*", false)])).toEqual([]);
  });

  it("needs the header or parameter that carries the token", () => {
    const environment = { TOKEN_SOURCE: "header:X-Token" };
    expect(judgeStage([ALL], TOKEN, environment)).toEqual(BOTH);
    expect(judgeStage([ALL], ["method.request.header.x-token"], environment)).toEqual(["response.shared M1"]);
  });
});

describe.each(["rest", "http"] as const)("an authorizer of kind %s", (kind) => {
  const sources = {
    rest: "method.request.header.Authorization, context.httpMethod, context.path",
    http: ["$request.header.Authorization", "$context.routeKey", "$context.httpMethod", "$context.path"],
  }[kind];
  const judgeAuthorizer = (properties: object, contract: object) => {
    const all = withProperties(resourcesOf(kind), "Authorizer", properties);
    const Variables = { TRUSTED_ISSUERS: "[]", CACHE_CONTRACT: JSON.stringify({ id: "sha256:0", ...contract }) };
    return toLines(
      judgeTemplate({ Resources: withProperties(all, "Decide", { Environment: { Variables } }) }).findings,
    );
  };
  const CONTRACT = { rest: ["token", "method", "path"], http: ["token", "route", "method", "path"] };
  const BROKEN = ["cache.contract Authorizer"];

  it("that caches as its function's contract says is in order", () => {
    const caching = { AuthorizerResultTtlInSeconds: 60, IdentitySource: sources };
    expect(judgeAuthorizer(caching, CONTRACT)).toEqual([]);
    expect(judgeAuthorizer({ AuthorizerResultTtlInSeconds: 0 }, {})).toEqual([]);
  });

  it("that caches otherwise is found", () => {
    const caching = { AuthorizerResultTtlInSeconds: 60, IdentitySource: sources };
    expect(judgeAuthorizer(caching, {})).toEqual(BROKEN);
    const withoutSources = { ...caching, IdentitySource: undefined };
    expect(judgeAuthorizer(withoutSources, CONTRACT)).toEqual([...BROKEN, "rule.broken Authorizer"]);
    expect(judgeAuthorizer({ ...caching, AuthorizerResultTtlInSeconds: { Ref: "Ttl" } }, CONTRACT)).toEqual(BROKEN);
    const more = { ...CONTRACT, [kind]: [...CONTRACT[kind], "header.x-tenant"] };
    expect(judgeAuthorizer(caching, more)).toEqual(BROKEN);
  });
});

describe("a function with a contract for each API", () => {
  const SOURCES = "method.request.header.Authorization,context.httpMethod,context.path";
  const API_CONTRACTS = JSON.stringify({
    "0123456789ab": { api: "rest", key: ["token", "method", "path"] },
    ba9876543210: { api: "rest" },
    "111111111111": { api: "http" },
  });
  const judgeAlias = (alias: string, AuthorizerResultTtlInSeconds = 60, more: object = {}) => {
    const uri = { AuthorizerUri: toUri({ "Fn::Sub": `\${Decide.Arn}${alias}` }), IdentitySource: SOURCES };
    const all = withProperties(resourcesOf("rest"), "Authorizer", { ...uri, AuthorizerResultTtlInSeconds });
    const Variables = { ...POLICY_ENVIRONMENT, API_CONTRACTS, ...more };
    return toLines(
      judgeTemplate({ Resources: withProperties(all, "Decide", { Environment: { Variables } }) }).findings,
    );
  };
  const BROKEN = ["cache.contract Authorizer"];

  it("is compared with the contract that the alias names", () => {
    expect(judgeAlias(":orders-0123456789ab")).toEqual([]);
    expect(judgeAlias(":orders-ba9876543210")).toEqual(BROKEN);
    expect(judgeAlias(":orders-ba9876543210", 0)).toEqual([]);
    expect(judgeAlias(":orders-111111111111")).toEqual(BROKEN);
  });

  it("has no contract for another alias, or none, unless the settings say which", () => {
    expect(judgeAlias(":orders-222222222222")).toEqual(BROKEN);
    expect(judgeAlias("", 0)).toEqual(BROKEN);
    expect(judgeAlias(":live", 0)).toEqual(BROKEN);
    expect(judgeAlias(":live", 0, { UNQUALIFIED_CONTRACT: "sha256:0" })).toEqual([]);
  });
});

it("a REST API's authorizer without a TTL caches for five minutes", () => {
  const all = withProperties(resourcesOf("rest"), "Authorizer", { AuthorizerResultTtlInSeconds: undefined });
  const [finding] = judgeTemplate({ Resources: all }).findings;
  expect(finding?.cause).toMatch(/^the authorizer .* caches responses without .*Authorization/);
});

describe("a domain with mutual TLS", () => {
  const judgeDomain = (api: object, domain: object, mapping: unknown = { Ref: "Domain" }) => {
    const Resources = {
      ...withProperties(resourcesOf("rest"), "Api", api),
      Domain: { Type: "AWS::ApiGateway::DomainName", Properties: { DomainName: "api.example.com", ...domain } },
      Mapping: {
        Type: "AWS::ApiGateway::BasePathMapping",
        Properties: { DomainName: mapping, RestApiId: { Ref: "Api" } },
      },
    };
    return judgeTemplate({ Resources }).findings;
  };
  const TLS = { MutualTlsAuthentication: { TruststoreUri: "s3://b/truststore.pem" } };

  it("needs an API without an endpoint of its own", () => {
    expect(toLines(judgeDomain({}, TLS))).toEqual(["endpoint.open Api"]);
    expect(toLines(judgeDomain({}, TLS, "api.example.com"))).toEqual(["endpoint.open Api"]);
    expect(toLines(judgeDomain({ DisableExecuteApiEndpoint: { "Fn::If": ["C", true, false] } }, TLS))).toEqual([
      "endpoint.open Api",
    ]);
    expect(judgeDomain({ DisableExecuteApiEndpoint: true }, TLS)).toEqual([]);
  });

  it("is another one than a domain without, or another name", () => {
    expect(judgeDomain({}, {})).toEqual([]);
    expect(judgeDomain({}, TLS, "other.example.com")).toEqual([]);
  });
});
