import { beforeAll, describe, expect, it } from "vitest";
import { DOCUMENTS, POLICIES } from "./apis/policies.ts";
import { readAliases } from "./support/aliases.ts";
import { type Call, call } from "./support/client.ts";
import { readDecisionsOf } from "./support/logs.ts";
import { createOwnApp } from "./support/own-app.ts";
import { readRun, type UserName } from "./support/run.ts";

// Two APIs behind one function. Each group of tests goes on where the one before it ended.

const run = readRun();
const app = createOwnApp(run, "apis");
const API_KEY = "a-key-of-a-partner-0123456789";

type Asked = Omit<Call, "api" | "token"> & { readonly as?: UserName };

async function ask(api: "Orders" | "Billing", { as, ...asked }: Asked) {
  const apiId = (await app.outputsOf("Apis"))[`${api}Id`] ?? "";
  const token = as === undefined ? undefined : run.tokens[as];
  return call({ ...run, probes: { apiId } }, { api: "probes", token, ...asked });
}

async function statusOf(...args: Parameters<typeof ask>): Promise<number> {
  return (await ask(...args)).status;
}

/** Asks as support, as an administrator, and as nobody. */
async function usersOf(api: "Orders" | "Billing", path = "/users/7") {
  return {
    support: await statusOf(api, { path, as: "support" }),
    admin: await statusOf(api, { path, as: "admin" }),
    withoutToken: await statusOf(api, { path, purpose: "control" }),
  };
}

const functionName = async () => (await app.outputsOf("Apis"))["FunctionName"] ?? "";
const readDecisions = async () => readDecisionsOf(run, await functionName());

/** Names the APIs of the aliases of the function, and `report` of those that only report. */
async function aliasesOf() {
  const aliases = await readAliases(run, await functionName());
  return aliases.map(({ Name }) => Name.replace(/-[0-9a-f]{12}$/, "")).sort();
}

describe("two APIs behind one function, one of them report-only", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    await app.build(POLICIES, DOCUMENTS);
    await app.deploy("Apis", { apiKey: API_KEY, reportOnly: "true" });
  }, 180_000);

  it("invoke it by aliases of their own, of which one says that it only reports", async () => {
    expect(await aliasesOf()).toEqual(["billing-report", "orders"]);
  });

  it("have a public method without an authorizer, and every other method has one", async () => {
    const before = (await readDecisions()).length;
    const open = await ask("Orders", { path: "/health" });
    const withBadToken = await ask("Orders", { path: "/health", headers: { authorization: "Bearer not.a.token" } });
    expect([open.status, open.body, withBadToken.status]).toEqual([200, "null", 200]);
    expect(await readDecisions()).toHaveLength(before);
    expect(await usersOf("Orders")).toEqual({ support: 200, admin: 403, withoutToken: 401 });
  });

  it("answer preflights without invoking it", async () => {
    const origin = "https://app.example.com";
    const headers = { origin, "access-control-request-method": "GET" };
    const preflight = await ask("Orders", { method: "OPTIONS", path: "/users/7", headers });
    expect([preflight.status, preflight.headers["access-control-allow-origin"]]).toEqual([204, origin]);
    expect(await statusOf("Orders", { path: "/users/7", headers: { origin }, purpose: "control" })).toBe(401);
  });

  it("ask for an API key beside the token, and neither stands for the other", async () => {
    const path = "/reports/7";
    const key = { "x-api-key": API_KEY };
    expect({
      both: await statusOf("Orders", { path, as: "support", headers: key }),
      tokenAlone: await statusOf("Orders", { path, as: "support", purpose: "control" }),
      keyAlone: await statusOf("Orders", { path, headers: key, purpose: "control" }),
      anotherKey: await statusOf("Orders", { path, as: "support", headers: { "x-api-key": "b" }, purpose: "control" }),
      denied: await statusOf("Orders", { path, as: "admin", headers: key }),
    }).toEqual({ both: 200, tokenAlone: 403, keyAlone: 401, anotherKey: 403, denied: 403 });
  });

  it("let every request through where they only report, and log what the policy decides for this API", async () => {
    const before = (await readDecisions()).length;
    expect(await usersOf("Billing")).toEqual({ support: 200, admin: 200, withoutToken: 200 });
    const entries = (await readDecisions()).slice(before);
    const seen = entries.map(({ labels, result }) => ({ ...labels, result }));
    const reported = { api: "billing", mode: "report" };
    expect(seen).toMatchObject([
      { ...reported, result: { effect: "deny" } },
      { ...reported, result: { effect: "allow", grants: ["users.of_billing"] } },
      { ...reported, result: { effect: "deny", reasons: ["token.missing"] } },
    ]);
  });

  it("tell the back end nothing of a decision that nobody enforced", async () => {
    const reported = JSON.parse((await ask("Billing", { path: "/users/7", as: "admin" })).body);
    expect(reported).toMatchObject({ principalId: "report-only", mode: "report" });
    expect(reported).not.toHaveProperty("grants");
    const enforced = JSON.parse((await ask("Orders", { path: "/users/8", as: "support" })).body);
    expect(enforced).toMatchObject({ grants: "users.of_orders" });
    expect(enforced).not.toHaveProperty("mode");
  });
});

describe("the report-only API, enforced by the next deployment,", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    await app.deploy("Apis", { apiKey: API_KEY });
  }, 180_000);

  it("has the decisions that it reported", async () => {
    expect(await usersOf("Billing")).toEqual({ support: 403, admin: 200, withoutToken: 401 });
    const enforced = JSON.parse((await ask("Billing", { path: "/users/7", as: "admin" })).body);
    expect(enforced).toMatchObject({ grants: "users.of_billing" });
    const last = (await readDecisions()).at(-1);
    expect(last?.labels).toMatchObject({ api: "billing" });
    expect(last?.labels).not.toHaveProperty("mode", "report");
  });

  it("leaves the other API as it was, and has an alias that does not say that it reports", async () => {
    expect(await usersOf("Orders", "/users/9")).toEqual({ support: 200, admin: 403, withoutToken: 401 });
    expect(await aliasesOf()).toEqual(["billing", "billing-report", "orders"]);
  });
});
