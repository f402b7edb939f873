import { describe, expect, it } from "vitest";
import { type Call, call } from "./support/client.ts";
import { readDecisions } from "./support/logs.ts";
import { readRun, type UserName } from "./support/run.ts";
import { signIn } from "./support/users.ts";

const run = readRun();

/** Sends requests in this order with one fresh token, and counts how often the authorizer was invoked for them. */
async function send(user: UserName, calls: readonly Omit<Call, "token">[]) {
  const { id: token } = await signIn(run, run.orders, user);
  const before = (await readDecisions(run)).length;
  const statuses: number[] = [];
  for (const one of calls) statuses.push((await call(run, { ...one, token })).status);
  return { statuses, invocations: (await readDecisions(run)).length - before };
}

const rest = (path: string, others: Omit<Call, "api" | "path" | "token"> = {}): Call => ({
  api: "rest",
  path,
  ...others,
});
const OFFICE = { headers: { "x-forwarded-for": "203.0.113.7" } };

describe("a cached response", () => {
  it("serves the same token, method and path again, whatever the query", async () => {
    const calls = ["/home", "/home", "/home?page=2"].map((path) => rest(path));
    expect(await send("nobody", calls)).toEqual({ statuses: [200, 200, 200], invocations: 1 });
  });

  it("serves no other path", async () => {
    const calls = ["/customers/42/orders", "/customers/43/orders", "/customers/42/orders"].map((path) => rest(path));
    expect(await send("customer", calls)).toEqual({ statuses: [200, 403, 200], invocations: 2 });
  });

  it("serves no other method", async () => {
    const calls = [rest("/admin/ledger/1"), rest("/admin/ledger/1", { method: "PUT" }), rest("/admin/ledger/1")];
    expect(await send("admin", calls)).toEqual({ statuses: [200, 403, 200], invocations: 2 });
  });

  it("serves no other token", async () => {
    expect(await send("admin", [rest("/admin")])).toEqual({ statuses: [200], invocations: 1 });
    expect(await send("nobody", [rest("/admin")])).toEqual({ statuses: [403], invocations: 1 });
  });

  it("refuses again without an invocation", async () => {
    const calls = ["/admin", "/admin", "/admin"].map((path) => rest(path));
    expect(await send("support", calls)).toEqual({ statuses: [403, 403, 403], invocations: 1 });
  });

  it("serves no other source address, where a condition reads it", async () => {
    const put = (others = {}) => rest("/admin/ledger/2", { method: "PUT", ...others });
    expect(await send("admin", [put(OFFICE), put(), put(OFFICE)])).toEqual({
      statuses: [200, 403, 200],
      invocations: 2,
    });
  });

  it("does not exist where a condition reads the time", async () => {
    const refund = rest("/orders/7/refunds", { method: "POST" });
    expect(await send("support", [refund, refund])).toEqual({ statuses: [200, 200], invocations: 2 });
  });
});

// The emulator applies a cached policy to each request's ARN, as AWS does. Deployed with too small a key, the responses
// of this authorizer refuse too much, and allow nothing more.
describe("a response that is cached under the token alone, against the contract", () => {
  const probe = (path: string): Call => ({ api: "probes", path });

  it("does not allow another route", async () => {
    const calls = ["/orders/7", "/orders/7", "/orders/8", "/home", "/orders/7"].map(probe);
    expect(await send("support", calls)).toEqual({ statuses: [200, 200, 403, 403, 200], invocations: 1 });
  });
});

describe("an HTTP API", () => {
  it("caches nothing unless its app asks for it", async () => {
    const calls = ["/home", "/home", "/customers/42/orders", "/customers/43/orders"];
    const { statuses, invocations } = await send(
      "customer",
      calls.map((path) => ({ api: "http", path })),
    );
    expect({ statuses, invocations }).toEqual({ statuses: [200, 200, 200, 403], invocations: 4 });
  });
});
