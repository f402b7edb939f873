import { describe, expect, it } from "vitest";
import { type Call, call } from "./support/client.ts";
import { readDecisions } from "./support/logs.ts";
import { readRun, type UserName } from "./support/run.ts";
import { signIn } from "./support/users.ts";

const run = readRun();

/** The statuses of requests in this order with one fresh token, and how often the authorizer was asked for them. */
async function ask(user: UserName, calls: readonly Omit<Call, "token">[]) {
  const { id: token } = await signIn(run, run.orders, user);
  const before = (await readDecisions(run)).length;
  const statuses: number[] = [];
  for (const asked of calls) statuses.push((await call(run, { ...asked, token })).status);
  return { statuses, asked: (await readDecisions(run)).length - before };
}

const rest = (path: string, others: Omit<Call, "api" | "path" | "token"> = {}): Call => ({
  api: "rest",
  path,
  ...others,
});
const OFFICE = { headers: { "x-forwarded-for": "203.0.113.7" } };

describe("an answer that is kept", () => {
  it("serves the same token, method and path again, whatever the query", async () => {
    const calls = ["/home", "/home", "/home?page=2"].map((path) => rest(path));
    expect(await ask("nobody", calls)).toEqual({ statuses: [200, 200, 200], asked: 1 });
  });

  it("serves no other path", async () => {
    const calls = ["/customers/42/orders", "/customers/43/orders", "/customers/42/orders"].map((path) => rest(path));
    expect(await ask("customer", calls)).toEqual({ statuses: [200, 403, 200], asked: 2 });
  });

  it("serves no other method", async () => {
    const calls = [rest("/admin/ledger/1"), rest("/admin/ledger/1", { method: "PUT" }), rest("/admin/ledger/1")];
    expect(await ask("admin", calls)).toEqual({ statuses: [200, 403, 200], asked: 2 });
  });

  it("serves no other token", async () => {
    expect(await ask("admin", [rest("/admin")])).toEqual({ statuses: [200], asked: 1 });
    expect(await ask("nobody", [rest("/admin")])).toEqual({ statuses: [403], asked: 1 });
  });

  it("refuses again without asking", async () => {
    const calls = ["/admin", "/admin", "/admin"].map((path) => rest(path));
    expect(await ask("support", calls)).toEqual({ statuses: [403, 403, 403], asked: 1 });
  });

  it("serves no other source address, where a condition reads it", async () => {
    const put = (others = {}) => rest("/admin/ledger/2", { method: "PUT", ...others });
    expect(await ask("admin", [put(OFFICE), put(), put(OFFICE)])).toEqual({ statuses: [200, 403, 200], asked: 2 });
  });

  it("is none, where a condition reads the time", async () => {
    const refund = rest("/orders/7/refunds", { method: "POST" });
    expect(await ask("support", [refund, refund])).toEqual({ statuses: [200, 200], asked: 2 });
  });
});

// The emulator judges a kept policy against each request's ARN, as AWS does. Deployed with too small a key, the answers
// of this authorizer refuse too much, and open nothing.
describe("an answer that is kept under the token alone, against the contract", () => {
  const probe = (path: string): Call => ({ api: "probes", path });

  it("is judged again on another route, and opens nothing there", async () => {
    const calls = ["/orders/7", "/orders/7", "/orders/8", "/home", "/orders/7"].map(probe);
    expect(await ask("support", calls)).toEqual({ statuses: [200, 200, 403, 403, 200], asked: 1 });
  });
});

describe("an HTTP API", () => {
  it("keeps no answer, as long as its app does not ask for it", async () => {
    const calls = ["/home", "/home", "/customers/42/orders", "/customers/43/orders"];
    const { statuses, asked } = await ask(
      "customer",
      calls.map((path) => ({ api: "http", path })),
    );
    expect({ statuses, asked }).toEqual({ statuses: [200, 200, 200, 403], asked: 4 });
  });
});
