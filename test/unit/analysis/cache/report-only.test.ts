import { expect, it } from "vitest";
import { describeApis } from "../../../../analysis/cache/described-apis.ts";
import { formatReportOnlySettings, toReportOnlySettings } from "../../../../analysis/cache/report-only.ts";
import { findDeployment } from "../../../../authorizer/deployment-guard.ts";
import { parseApiContracts } from "../../../../contract/api-contracts.ts";
import type { CacheContract } from "../../../../contract/manifest.ts";
import { DEFAULT_TOKEN_SOURCES } from "../../../../contract/token-source.ts";

const CONTRACT: CacheContract = {
  id: "sha256:1",
  routes: [
    { verb: "GET", path: "/home", class: "token", authorizer: "token", because: [] },
    { verb: "CONNECT", path: "/", class: "token", authorizer: "token", because: [] },
  ],
  authorizers: {},
  required: [],
  key_dependencies: [],
};

it("a described API has the same report-only alias, contract and authorizer, and lists its public routes", () => {
  const shared = { apis: ["rest", "http"] as const, tokenSources: DEFAULT_TOKEN_SOURCES, apiName: undefined, ttlS: 60 };
  const publicRoutes = new Map([[undefined, [{ verb: "GET", path: "/health" }]]]);
  const described = Object.entries(describeApis(CONTRACT, { ...shared, publicRoutes }));
  const own = described.map(([api, { report_only: report, public: open }]) => [
    ...[api, report.alias, report.authorizer, { [report.contract]: report.api_contract }, open],
  ]);
  const { aliases, authorizers, API_CONTRACTS } = toReportOnlySettings(CONTRACT, shared);
  const contracts = JSON.parse(API_CONTRACTS);
  expect(own).toEqual(
    (["rest", "http", "websocket"] as const).map((api) => {
      const id = String(aliases[api]).slice(-12);
      return [
        ...[api, aliases[api], authorizers[api]?.["Name"], { [id]: contracts[id] }],
        api === "websocket" ? [] : ["GET /health"],
      ];
    }),
  );
});

it("a report-only alias and its contract are those by which the Lambda lets requests through", () => {
  const deployed = { apis: ["rest", "http"] as const, tokenSources: DEFAULT_TOKEN_SOURCES, apiName: "orders" };
  const settings = toReportOnlySettings(CONTRACT, deployed);
  const contracts = parseApiContracts(settings.API_CONTRACTS);
  const apiContracts = contracts.ok ? contracts.value : new Map();
  const common = {
    id: "sha256:1",
    cacheScope: "request",
    rest: undefined,
    http: undefined,
    tokenSources: undefined,
  } as const;
  const found = Object.entries(settings.aliases).map(([api, alias]) => {
    const arn = `arn:aws:lambda:eu-west-1:123456789012:function:authorizer:${alias}`;
    const deployment = findDeployment(arn, { apiContracts, deployedContract: common, unqualifiedContract: undefined });
    return [api, deployment.ok && [deployment.value.apiName, deployment.value.api, deployment.value.mode]];
  });
  expect(found).toEqual([
    ["rest", ["orders-rest", "rest", "report"]],
    ["http", ["orders-http", "http", "report"]],
    ["websocket", ["orders-websocket", "websocket", "report"]],
  ]);
  expect(JSON.stringify(settings.authorizers)).not.toMatch(/IdentitySource|"AuthorizerResultTtlInSeconds":[^0]/);
  expect(formatReportOnlySettings(settings)).toMatch(/^rest: an alias orders-rest-report-[0-9a-f]{12} of the Lambda/);
});
