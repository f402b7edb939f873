import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { explainDeployment, findDeployment } from "../../authorizer/deployment-guard.ts";
import { type ApiContract, formatApiContracts, parseApiContracts } from "../../contract/api-contracts.ts";
import type { ApiKind } from "../../contract/api-kinds.ts";
import { type ApiConfiguration, toApiContract, toContractId } from "../../contract/contract-id.ts";
import { formatDeploymentAlias, parseDeploymentAlias, qualifierOf } from "../../contract/deployment-alias.ts";
import { DEFAULT_TOKEN_SOURCES } from "../../contract/token-source.ts";
import { builtIn, createWorkspace, type Workspace } from "../../dev/workspace.ts";
import { type RunningAuthorizer, startAuthorizer } from "../support/authorizer.ts";
import { CERTIFICATE_FIELD, createCertificate } from "../support/certificates.ts";
import { changed, createEvent, KINDS, type TestEvent } from "../support/events.ts";
import { TEST_POLICIES } from "../support/policies.ts";
import { createTestIssuer, type TestIssuer } from "../support/tokens.ts";

interface Vector {
  readonly name: string;
  readonly alias: string;
  readonly api?: string;
  readonly contract?: string;
  readonly mode?: "report";
}

const VECTORS = new URL("deployment-aliases/aliases.json", import.meta.url);
const vectors = JSON.parse(await readFile(VECTORS, "utf8")) as readonly Vector[];

describe("an alias", () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))("of %s", (_, { alias, api, contract, mode }) => {
    const parsed = parseDeploymentAlias(alias);
    expect(parsed.ok ? parsed.value : undefined).toEqual(
      api === undefined ? undefined : { api, contract, ...(mode && { mode }) },
    );
    if (parsed.ok) expect(formatDeploymentAlias(parsed.value)).toBe(alias);
  });

  it("is the last part of an ARN, which may have none", () => {
    const arn = "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:Orders-Lambda";
    expect(qualifierOf(arn)).toBeUndefined();
    expect(qualifierOf(`${arn}:$LATEST`)).toBe("$LATEST");
    expect(qualifierOf(`${arn}:orders-0123456789ab`)).toBe("orders-0123456789ab");
  });
});

const CONFIGURATION: ApiConfiguration = {
  cacheContract: "sha256:1",
  api: "rest",
  type: "REQUEST",
  response: "iam",
  hasUsageKey: false,
  cacheScope: "request",
  tokenSources: DEFAULT_TOKEN_SOURCES,
  authorizers: new Map([
    ["token", ["token", "method", "path"]],
    ["request", ["token", "method", "path", "source_ip"]],
    ["never", undefined],
  ]),
};

describe("the id of a contract", () => {
  it("is the same for the same configuration, in whatever order", () => {
    const authorizers = new Map([...CONFIGURATION.authorizers].reverse());
    expect(toContractId({ ...CONFIGURATION, authorizers })).toBe(toContractId(CONFIGURATION));
    // By sha256sum, over the JSON that the docstring describes.
    expect(toContractId(CONFIGURATION)).toBe("60fca6323bd2");
  });

  it.each<[string, Partial<ApiConfiguration>]>([
    ["the rules that read more than the token", { cacheContract: "sha256:2" }],
    ["the kind of API", { api: "http" }],
    ["the type of authorizer", { type: "TOKEN" }],
    ["the form of response", { response: "simple" }],
    ["the API key", { hasUsageKey: true }],
    ["the scope of cached responses", { cacheScope: "token" }],
    ["the place of the token", { tokenSources: [{ from: "header", name: "X-Token" }] }],
    ["a cache key", { authorizers: new Map([["token", ["token", "method", "path", "domain"]]]) }],
    ["whether a response is cached", { authorizers: new Map([["token", undefined]]) }],
    ["the mode", { mode: "report" }],
  ])("changes with %s", (_, change) => {
    expect(toContractId({ ...CONFIGURATION, ...change })).not.toBe(toContractId(CONFIGURATION));
  });
});

describe("API_CONTRACTS", () => {
  it("is what all caching authorizers of an API have in their keys, and comes back as it was", () => {
    const contracts = new Map([["0123456789ab", toApiContract(CONFIGURATION)]]);
    expect([...contracts.values()]).toEqual([{ api: "rest", cacheScope: "request", key: ["token", "method", "path"] }]);
    expect(parseApiContracts(formatApiContracts(contracts))).toEqual({ ok: true, value: contracts });
  });

  it("comes back as it was, whatever the contracts", () => {
    const id = fc.stringMatching(/^[0-9a-f]{12}$/);
    const parts = fc.subarray(["source_ip", "domain", "header.x-tenant", "query.page"]);
    const contract = fc.oneof(
      parts.map((more) => ({
        api: "rest" as const,
        cacheScope: "request" as const,
        key: ["token", "method", "path", ...more],
      })),
      parts.map((more) => ({ api: "rest" as const, cacheScope: "token" as const, key: ["token", ...more] })),
      fc.record({ api: fc.constantFrom("rest" as const, "http" as const, "websocket" as const) }).map(({ api }) => ({
        ...{ api, cacheScope: "request" as const },
        key: undefined,
      })),
      fc.constantFrom("rest" as const, "http" as const, "websocket" as const).map((api) => ({
        ...{ api, cacheScope: "request" as const, key: undefined },
        mode: "report" as const,
      })),
    );
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(id, contract), { selector: ([own]) => own }), (entries) => {
        const contracts = new Map(entries);
        expect(parseApiContracts(formatApiContracts(contracts))).toEqual({ ok: true, value: contracts });
      }),
    );
  });

  it.each<[string, string, RegExp]>([
    ["invalid JSON", "{", /must be a JSON object; rego-authorizer cache-contract prints it$/],
    ["another id", '{"sha256:1": {"api": "rest"}}', /position 1 must have an id of 12 hexadecimal digits/],
    ["a contract that is a list", '{"0123456789ab": ["rest"]}', /must be an object/],
    ["another kind of API", '{"0123456789ab": {"api": "graphql"}}', /api of .* must be rest, http or websocket/],
    [
      "another key",
      '{"0123456789ab": {"api": "rest", "ttl": 60}}',
      /has an unknown key; its keys are api, key, cache_scope, mode/,
    ],
    ["a key without the path", '{"0123456789ab": {"api": "rest", "key": ["token", "method"]}}', /must have path$/],
    [
      "a key without the route",
      '{"0123456789ab": {"api": "http", "key": ["token", "method", "path"]}}',
      /must have route$/,
    ],
    ["another mode", '{"0123456789ab": {"api": "rest", "mode": "enforce"}}', /mode of .* must be report; leave it out/],
    [
      "a report-only API that caches",
      '{"0123456789ab": {"api": "rest", "mode": "report", "key": ["token", "method", "path"]}}',
      /caches nothing; leave the key out/,
    ],
    ["a cache of a WebSocket API", '{"0123456789ab": {"api": "websocket", "key": ["token"]}}', /cache nothing/],
    [
      "per-token documents of an HTTP API",
      '{"0123456789ab": {"api": "http", "cache_scope": "token"}}',
      /for REST APIs/,
    ],
  ])("is refused: %s", (_, text, message) => {
    const parsed = parseApiContracts(text);
    expect(parsed.ok ? "" : parsed.error.join("\n")).toMatch(message);
  });
});

describe("the ARN that was invoked", () => {
  const arn = "arn:aws:lambda:eu-west-1:123456789012:function:authorizer";
  const deployedContract = {
    ...({ id: "sha256:1", cacheScope: "request", rest: ["token", "method", "path"], http: undefined } as const),
    tokenSources: undefined,
  };
  const apiContracts = new Map<string, ApiContract>([
    ["0123456789ab", { api: "http", cacheScope: "request", key: undefined }],
    ["aaaaaaaaaaaa", { api: "http", cacheScope: "request", key: undefined, mode: "report" }],
  ]);
  const outcomeOf = (text: string, unqualifiedContract?: string) => {
    const found = findDeployment(text, { apiContracts, deployedContract, unqualifiedContract });
    if (!found.ok) return found.error;
    return [found.value.apiName ?? "no name", found.value.mode ?? []].flat().join(" ");
  };

  it.each<[string, string, string]>([
    ["of an alias", `${arn}:orders-0123456789ab`, "orders"],
    ["in China", "arn:aws-cn:lambda:cn-north-1:123456789012:function:a:orders-0123456789ab", "orders"],
    ["in GovCloud", "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:a:orders-0123456789ab", "orders"],
    ["of a report-only alias", `${arn}:orders-report-aaaaaaaaaaaa`, "orders report"],
    ["of a report-only alias whose contract enforces", `${arn}:orders-report-0123456789ab`, "deployment.wrong_mode"],
    ["of an enforcing alias whose contract is report-only", `${arn}:orders-aaaaaaaaaaaa`, "deployment.wrong_mode"],
    ["of an alias with another contract", `${arn}:orders-ba9876543210`, "deployment.unknown_contract"],
    ["of the latest version", `${arn}:$LATEST`, "deployment.no_contract"],
    ["of a version", `${arn}:7`, "deployment.no_contract"],
    ["of the function", arn, "deployment.no_contract"],
    ["with an empty alias", `${arn}:`, "deployment.no_contract"],
    ["that is an alias alone", "orders-0123456789ab", "deployment.no_contract"],
    ["that is empty", "", "deployment.no_contract"],
  ])("%s", (_, text, outcome) => {
    expect(outcomeOf(text)).toBe(outcome);
    // The setting is for authorizers whose URI names no contract, and for no others.
    expect(outcomeOf(text, "sha256:1")).toBe(outcome === "deployment.no_contract" ? "no name" : outcome);
  });
});

it("the operator is told which alias was invoked, and what to do", () => {
  const arn = "arn:aws:lambda:eu-west-1:123456789012:function:authorizer";
  expect(explainDeployment("deployment.no_contract", arn)).toMatch(
    /invoked as a function without an alias, .*; let the authorizer's URI name/,
  );
  expect(explainDeployment("deployment.unknown_contract", `${arn}:orders-0123456789ab`)).toMatch(
    /invoked as orders-0123456789ab, whose contract is not in API_CONTRACTS of this version, .*; let the alias name a version/,
  );
  expect(explainDeployment("deployment.wrong_api", `${arn}:orders-0123456789ab`)).toMatch(
    /; let each API's authorizers name its own/,
  );
});

describe("an invocation", () => {
  let issuer: TestIssuer;
  let workspace: Workspace;
  let authorizer: RunningAuthorizer;
  let cacheContract = "";
  const REST = "aaaaaaaaaaaa";
  const contracts = (rest: object = { api: "rest" }) =>
    JSON.stringify({ [REST]: rest, bbbbbbbbbbbb: { api: "http" }, cccccccccccc: { api: "websocket" } });

  beforeAll(async () => {
    issuer = createTestIssuer();
    workspace = await createWorkspace(TEST_POLICIES);
    await builtIn(workspace.root);
    const manifest = await readFile(`${workspace.root}/dist/authorizer/manifest.json`, "utf8");
    cacheContract = JSON.parse(manifest).cache_contract.id;
    authorizer = await startAuthorizer(issuer, {
      CACHE_CONTRACT: JSON.stringify({ id: cacheContract }),
      API_CONTRACTS: contracts(),
    });
  });
  afterAll(async () => {
    await authorizer[Symbol.asyncDispose]();
    await workspace[Symbol.asyncDispose]();
  });

  /** Names what the authorizer does: the effect of its response, or the error that it throws. */
  async function invokedAs(
    alias: string | undefined,
    kind: ApiKind = "rest-request",
    asked = authorizer,
    changes: (event: TestEvent) => TestEvent = (event) => event,
    claims: object = {},
  ) {
    const token = await issuer.sign({ "cognito:groups": ["Customers"], ...claims });
    const invocation = await asked.invoke(changes(createEvent(kind, token)), alias);
    return "error" in invocation ? invocation.error : JSON.stringify(invocation.response).match(/Allow|Deny/)?.[0];
  }

  it.each(KINDS)("by the alias of its API gets a decision (%s)", async (kind) => {
    const contract = kind.startsWith("rest") ? REST : kind.startsWith("http") ? "bbbbbbbbbbbb" : "cccccccccccc";
    expect(await invokedAs(`orders-${contract}`, kind)).toBe("Allow");
    expect(await invokedAs("orders-dddddddddddd", kind)).toBe("deployment.unknown_contract");
    expect(await invokedAs("$LATEST", kind)).toBe("deployment.no_contract");
  });

  it.each(["$LATEST", "7", "live", "orders"])("as %s gets a fault", async (alias) => {
    expect(await invokedAs(alias)).toBe("deployment.no_contract");
    expect(authorizer.log.at(-1)).toMatchObject({ error: { code: "deployment.no_contract" }, input: {} });
  });

  it("by the alias of another kind of API gets a fault", async () => {
    expect(await invokedAs("orders-bbbbbbbbbbbb", "rest-request")).toBe("deployment.wrong_api");
    expect(await invokedAs(`orders-${REST}`, "http-2")).toBe("deployment.wrong_api");
    expect(await invokedAs(`orders-${REST}`, "websocket")).toBe("deployment.wrong_api");
  });

  it("gets a fault before anything of the request is judged", async () => {
    const invocation = await authorizer.invoke({ type: "REQUEST" }, "orders-dddddddddddd");
    expect(invocation).toEqual({ error: "deployment.unknown_contract" });
  });

  it("without an alias gets a decision if the settings name the contract of the package, and only then", async () => {
    const environment = { CACHE_CONTRACT: JSON.stringify({ id: cacheContract }), API_CONTRACTS: contracts() };
    await using accepting = await startAuthorizer(issuer, { ...environment, UNQUALIFIED_CONTRACT: cacheContract });
    expect(await invokedAs("$LATEST", "rest-request", accepting)).toBe("Allow");
    expect(await invokedAs("live", "rest-request", accepting)).toBe("Allow");
    expect(await invokedAs("orders-dddddddddddd", "rest-request", accepting)).toBe("deployment.unknown_contract");
    await expect(startAuthorizer(issuer, { ...environment, UNQUALIFIED_CONTRACT: "sha256:other" })).rejects.toThrow(
      /UNQUALIFIED_CONTRACT: is not the id of this package's cache contract/,
    );
  });

  it("is answered by the contract of its own API, when another API of the kind has another one", async () => {
    const cached = { api: "rest", key: ["token", "method", "path"] };
    await using two = await startAuthorizer(issuer, {
      CACHE_CONTRACT: JSON.stringify({ id: cacheContract }),
      API_CONTRACTS: JSON.stringify({ [REST]: cached, bbbbbbbbbbbb: { api: "rest" } }),
    });
    // A token that is bound to a client's certificate is accepted only where nothing is cached.
    const own = await createCertificate("client");
    const thumbprint = Buffer.from(new X509Certificate(own.clientCertPem).fingerprint256.replaceAll(":", ""), "hex");
    const outcome = (alias: string) =>
      invokedAs(alias, "rest-request", two, (event) => changed(event, { [CERTIFICATE_FIELD["rest-request"]]: own }), {
        cnf: { "x5t#S256": thumbprint.toString("base64url") },
      });
    const outcomes = [];
    for (const alias of ["orders-aaaaaaaaaaaa", "stock-bbbbbbbbbbbb", "stock-aaaaaaaaaaaa"]) {
      outcomes.push(await outcome(alias));
    }
    expect(outcomes).toEqual(["Unauthorized", "Allow", "Unauthorized"]);
  });

  it("does not start with contracts that the policy does not allow", async () => {
    const other = { CACHE_CONTRACT: '{"id": "sha256:other"}' };
    await expect(
      startAuthorizer(issuer, {
        ...other,
        API_CONTRACTS: contracts({ api: "rest", key: ["token", "method", "path"] }),
      }),
    ).rejects.toThrow(/\nAPI_CONTRACTS: the policy .*, which the authorizers were not deployed for/);
    await expect(startAuthorizer(issuer, { API_CONTRACTS: contracts() })).rejects.toThrow(
      /API_CONTRACTS: needs CACHE_CONTRACT/,
    );
  });
});
