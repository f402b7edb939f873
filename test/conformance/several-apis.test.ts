import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toAliases, toCachingVariables } from "../../analysis/cache/aliases.ts";
import { readArguments } from "../../cli/command.ts";
import { command as replay } from "../../cli/replay-access-log.ts";
import { formatLogEntry, parseLogEntry } from "../../contract/decision-log.ts";
import type { LogEntry } from "../../contract/log-entry.ts";
import { contractOf, type Manifest } from "../../contract/manifest.ts";
import { DEFAULT_TOKEN_SOURCES } from "../../contract/token-source.ts";
import { buildIn, builtIn, createWorkspace, type Workspace } from "../../dev/workspace.ts";
import { type Lambda, startLambda } from "../../local/lambda.ts";
import { createEvent, redirected } from "../support/events.ts";
import { CLIENT_ID, createTestIssuer, USER_POOL_ID } from "../support/tokens.ts";
import { CHANGED_BILLING, documentsIn, TWO_APIS } from "../support/two-apis.ts";

// Two APIs whose GET /users/{id} differ, one policy and one Lambda.

const issuer = createTestIssuer();
const log: LogEntry[] = [];
let workspace: Workspace;
let manifest: Manifest;
let lambda: Lambda;

/** Makes what the deployment of both APIs has in common, and the alias of one. */
function deployedAs(built: Manifest, name: string, apiName = name) {
  const apis = Object.fromEntries(
    Object.entries(built.apis ?? {}).map(([api, { cache_contract }]) => [api, cache_contract]),
  );
  const all = { common: built.cache_contract, apis };
  const deployed = { apis: ["rest"], ttlS: 60, tokenSources: DEFAULT_TOKEN_SOURCES, apiName, all } as const;
  const contract = contractOf(built, name) ?? built.cache_contract;
  return {
    alias: toAliases(contract, deployed)[0]?.aliasName ?? "",
    variables: toCachingVariables(contract, deployed),
  };
}

async function start(environment: Readonly<Record<string, string>> = {}): Promise<Lambda> {
  const pool = { userPoolId: USER_POOL_ID, clientIds: [CLIENT_ID], tokenUse: "any" };
  return startLambda({
    handler: join(workspace.root, "dist", "authorizer", "index.mjs"),
    environment: {
      TRUSTED_ISSUERS: JSON.stringify([pool]),
      ...deployedAs(manifest, "orders").variables,
      ...environment,
    },
    onDecision: (entry) => log.push(entry),
  });
}

beforeAll(async () => {
  workspace = await createWorkspace(TWO_APIS);
  const keySetsFile = join(workspace.root, "key-sets.json");
  await writeFile(keySetsFile, JSON.stringify({ [issuer.issuer]: issuer.jwks }));
  const built = await builtIn(workspace.root, { documents: documentsIn(workspace.root), keySetsFile });
  manifest = built.manifest;
  lambda = await start();
}, 120_000);
afterAll(async () => {
  await lambda.close();
  await workspace[Symbol.asyncDispose]();
});

async function ask(
  alias: string | undefined,
  group: string,
  method = "GET",
  asked = lambda,
): Promise<string | undefined> {
  const token = await issuer.sign({ "cognito:groups": [group] });
  const event = redirected("rest-request", createEvent("rest-request", token), method, "/users/7");
  const invocation = await asked.invoke(event, alias);
  return "error" in invocation ? invocation.error : JSON.stringify(invocation.response).match(/Allow|Deny/)?.[0];
}

describe("a grant for a named API", () => {
  it("applies on this API, and on no other", async () => {
    const [orders, billing] = [deployedAs(manifest, "orders").alias, deployedAs(manifest, "billing").alias];
    expect([await ask(orders, "Clerks"), await ask(billing, "Clerks")]).toEqual(["Allow", "Deny"]);
    expect([await ask(orders, "Accountants"), await ask(billing, "Accountants")]).toEqual(["Deny", "Allow"]);
  });

  it("does not apply if the invocation names no API, and a denial for named APIs does", async () => {
    expect(await ask(undefined, "Clerks")).toBe("Deny");
    expect(await ask(undefined, "Clerks", "DELETE")).toBe("Deny");
    expect(log.at(-1)).toMatchObject({ result: { denials: ["billing.kept"] } });
    const [orders, billing] = [deployedAs(manifest, "orders").alias, deployedAs(manifest, "billing").alias];
    expect([await ask(orders, "Clerks", "DELETE"), await ask(billing, "Clerks", "DELETE")]).toEqual(["Allow", "Deny"]);
  });

  it("is decided by what the log shows, which names the API and the stage", async () => {
    await ask(deployedAs(manifest, "orders").alias, "Clerks");
    const entry = log.at(-1);
    expect(entry).toMatchObject({
      labels: { api: "orders", stage: expect.any(String) },
      input: { request: { api: "orders", method: "GET", path: "/users/7" } },
    });
    const line = formatLogEntry(entry as LogEntry);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(450);
    expect(parseLogEntry(line)).toMatchObject({ ok: true, value: { input: entry?.input, labels: { api: "orders" } } });
  });
});

describe("a report-only authorizer of a named API", () => {
  const contract = "aaaaaaaaaaaa";
  let reporting: Lambda;
  beforeAll(async () => {
    const { API_CONTRACTS: enforced } = deployedAs(manifest, "orders").variables;
    const contracts = { ...JSON.parse(enforced), [contract]: { api: "rest", mode: "report" } };
    reporting = await start({ API_CONTRACTS: JSON.stringify(contracts) });
  });
  afterAll(() => reporting.close());

  it("reports what the grants and denials of this API decide", async () => {
    const reported = async (api: string, group: string, method = "GET") => {
      const answer = await ask(`${api}-report-${contract}`, group, method, reporting);
      const { labels, result } = log.at(-1) ?? {};
      return [answer, labels?.mode, labels?.api, result && "reasons" in result ? result.reasons.join() : ""];
    };
    expect(await reported("orders", "Clerks")).toEqual(["Allow", "report", "orders", ""]);
    expect(await reported("billing", "Clerks")).toEqual(["Allow", "report", "billing", "role.missing"]);
    expect(await reported("orders", "Clerks", "DELETE")).toEqual(["Allow", "report", "orders", ""]);
    expect(await reported("billing", "Clerks", "DELETE")).toEqual(["Allow", "report", "billing", "denial"]);
  });

  it("is not one of an API that the policy was not built for", async () => {
    expect(await ask(`shipping-report-${contract}`, "Clerks", "GET", reporting)).toBe("deployment.unknown_api");
  });
});

describe("an API that the policy was not built for", () => {
  it("can't have its access log replayed", async () => {
    const given = readArguments(replay, ["--dist", join(workspace.root, "dist"), "--api-name", "shipping"]);
    expect("kind" in given ? given : await replay.run(given)).toMatchObject({
      exit: 2,
      lines: [expect.stringMatching(/was built for the APIs orders, billing; give --api-name one of these names$/)],
    });
  });

  it("gets a fault, even with a contract that is known", async () => {
    const { alias } = deployedAs(manifest, "orders", "shipping");
    expect(await ask(alias, "Clerks", "DELETE")).toBe("deployment.unknown_api");
  });

  it("is a problem of a rule that names it", async () => {
    await using other = await createWorkspace({
      ...TWO_APIS,
      "access/orders.rego": TWO_APIS["access/orders.rego"].replace('{"orders"}', '{"order"}'),
    });
    const unknown = await buildIn(other.root, { documents: documentsIn(other.root) });
    expect(unknown.ok ? [] : unknown.error).toEqual([
      expect.stringMatching(
        /orders\.read: no document is for the API "order", .*; did you mean orders\?.*\[api\.unknown\]$/,
      ),
      expect.any(String),
    ]);
  });
});

it("authorizers whose URI names no alias can't be served together with rules for named APIs", async () => {
  const started = start({ UNQUALIFIED_CONTRACT: manifest.cache_contract.id });
  await expect(started.then((one) => one.invoke({}))).rejects.toThrow(
    /UNQUALIFIED_CONTRACT: the policy has rules for named APIs/,
  );
});

describe("the contract of an API", () => {
  it("is not changed by the routes and grants of another one", async () => {
    await using other = await createWorkspace({ ...TWO_APIS, ...CHANGED_BILLING });
    const built = await builtIn(other.root, { documents: documentsIn(other.root) });
    expect(built.manifest.revision).not.toBe(manifest.revision);
    expect(deployedAs(built.manifest, "orders").alias).toBe(deployedAs(manifest, "orders").alias);
    expect(deployedAs(built.manifest, "billing").alias).not.toBe(deployedAs(manifest, "billing").alias);
    expect(built.manifest.apis?.["orders"]).toEqual(manifest.apis?.["orders"]);
  });

  it("has the API's own routes, of which only its own rules decide the class", () => {
    const classesOf = (name: string) =>
      contractOf(manifest, name)?.routes.map((route) => `${route.verb} ${route.path} ${route.class}`);
    expect(classesOf("orders")).toEqual(["DELETE /users/{id} token", "GET /users/{id} token"]);
    expect(classesOf("billing")).toEqual(["DELETE /users/{id} token", "GET /users/{id} request"]);
  });

  it("may have per-token policy documents, which hold what this API grants", async () => {
    await using other = await createWorkspace(TWO_APIS);
    const built = await builtIn(other.root, { documents: documentsIn(other.root), cacheScope: "token" });
    const grantsOf = (name: string) => Object.keys(contractOf(built.manifest, name)?.token_documents?.grants ?? {});
    expect([grantsOf("orders"), grantsOf("billing")]).toEqual([["both.remove", "orders.read"], ["both.remove"]]);
    expect(await readFile(join(other.root, "dist", "authorizer", "data.json"), "utf8")).not.toContain("/users/7");
  });
});
