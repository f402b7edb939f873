import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parsePolicyData } from "../../../contract/policy-data.ts";
import { distIn } from "./emulator/deployment.ts";
import { outcomeOf } from "./support/backend.ts";
import { type ApiName, call } from "./support/client.ts";
import { ROLES, ROWS, USER_NAMES } from "./support/matrix.ts";
import { createMint } from "./support/minted-tokens.ts";
import { readRun, type UserName } from "./support/run.ts";
import { signIn } from "./support/users.ts";
import { openWebSocket } from "./support/web-socket.ts";

const run = readRun();
const { mint } = await createMint(run);

const APIS: readonly ApiName[] = ["rest", "http"];
const OFFICE = { "x-forwarded-for": "203.0.113.7" };
const nowS = () => Math.floor(Date.now() / 1000);

describe.each(APIS)("the access matrix on the API of kind %s", (api) => {
  const cases = ROWS.flatMap((row) => USER_NAMES.map((user) => ({ ...row, user, grant: row.grants[user] })));

  it.each(cases)("$method $path by $user: $grant", async ({ method, path, user, grant }) => {
    const reply = await call(run, { api, method, path, token: run.tokens[user] });
    const expected = grant === undefined ? { status: 403 } : { status: 200, roles: ROLES[user], grants: grant };
    expect(outcomeOf(reply)).toEqual(expected);
  });

  it("lets support refund within an hour of signing in, and not later", async () => {
    const refund = async (token: string) =>
      (await call(run, { api, method: "POST", path: "/orders/7/refunds", token })).status;
    const signedIn = (ageS: number) => mint(run.tokens.support, { auth_time: nowS() - ageS });
    expect([await refund(await signedIn(3500)), await refund(await signedIn(3700))]).toEqual([200, 403]);
  });

  // Access tokens have the groups, and no custom attributes.
  it("decides on the claims of an access token alone", async () => {
    const statusOf = async (user: UserName, path: string) =>
      (await call(run, { api, path, token: (await signIn(run, run.orders, user)).access })).status;
    expect([await statusOf("admin", "/admin"), await statusOf("nobody", "/admin")]).toEqual([200, 403]);
    expect([await statusOf("customer", "/home"), await statusOf("customer", "/customers/42/orders")]).toEqual([
      200, 403,
    ]);
  });

  // The emulator's Cognito puts no `cognito:roles` into tokens, so the test makes the token, with the pool's key.
  it("lets an operator read the status and nothing else", async () => {
    const token = await mint(run.tokens.nobody, {
      "cognito:roles": ["arn:aws:iam::111122223333:role/ApiOperator"],
    });
    const statusOf = async (method: string, path: string) => (await call(run, { api, method, path, token })).status;
    expect([await statusOf("GET", "/admin/status"), await statusOf("POST", "/admin/status")]).toEqual([200, 403]);
    expect(await statusOf("GET", "/admin/users/7")).toBe(403);
  });
});

describe("the access matrix", () => {
  // An HTTP API's source address is always 127.0.0.1 here.
  it.each(["PUT", "DELETE"])(
    "lets an administrator %s the ledger from inside the office, on a REST API",
    async (method) => {
      const asked = { api: "rest", method, path: "/admin/ledger/2024", headers: OFFICE } as const;
      const [admin, support] = [
        await call(run, { ...asked, token: run.tokens.admin }),
        await call(run, { ...asked, token: run.tokens.support }),
      ];
      expect(outcomeOf(admin)).toEqual({ status: 200, roles: ROLES.admin, grants: "admin.administer" });
      expect(support.status).toBe(403);
    },
  );

  it("uses every grant and denial of the policy", () => {
    const data = parsePolicyData(JSON.parse(readFileSync(join(distIn(run.folder), "authorizer/data.json"), "utf8")));
    if (!data.ok) throw new Error(data.error.at);
    const { index } = data.value;
    const seen = ROWS.flatMap(({ grants }) => Object.values(grants));
    // These rules have tests of their own above and below.
    const apart = ["admin.read_status", "home.connect", "home.whoami"];
    const grants = Object.keys(index.grants).filter((name) => !apart.includes(name));
    expect([...new Set(seen)].toSorted()).toEqual(grants.toSorted());
    expect(Object.keys(index.denials)).toEqual(["admin.ledger"]);
  });
});

describe("the access matrix on the WebSocket API", () => {
  it.each(USER_NAMES)("$connect by %s", async (user) => {
    await using connection = await openWebSocket(run, { token: run.tokens[user] });
    expect(connection.status).toBe(101);
  });
});
