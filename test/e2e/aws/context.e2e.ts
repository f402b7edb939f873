import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { describe, expect, it } from "vitest";
import { distIn } from "./emulator/deployment.ts";
import { readSeen, type Seen } from "./support/backend.ts";
import { type ApiName, call } from "./support/client.ts";
import { ROLES } from "./support/matrix.ts";
import { readRun, type UserName } from "./support/run.ts";
import { openWebSocket } from "./support/web-socket.ts";

const run = readRun();
const { revision } = JSON.parse(readFileSync(join(distIn(run.folder), "authorizer/manifest.json"), "utf8"));

const WHO: readonly (readonly [UserName, string, string])[] = [
  ["admin", "/admin/users/7", "admin.administer"],
  ["support", "/customers/43/orders", "orders.read_any"],
  ["customer", "/customers/42/orders", "orders.read_own"],
  ["auditor", "/orders/7", "orders.read_order"],
  ["nobody", "/home", "home.read"],
];

function expected(user: UserName): Seen {
  return { principal: decodeJwt(run.tokens[user]).sub ?? "", roles: ROLES[user], revision };
}

describe.each(["rest", "http"] satisfies ApiName[])("the backend behind the API of kind %s receives", (api) => {
  it.each(WHO)("the identity of %s, at %s", async (user, path, grants) => {
    const ask = async () => readSeen((await call(run, { api, path, token: run.tokens[user] })).body);
    // The second response may come from the cache.
    expect([await ask(), await ask()]).toEqual(Array(2).fill({ ...expected(user), grants }));
  });

  it("no identity from headers of the client with such names", async () => {
    const headers = { principalid: "admin", roles: "admin", "x-amzn-authorizer-roles": "admin" };
    const { body } = await call(run, { api, path: "/home", token: run.tokens.nobody, headers });
    expect(readSeen(body)).toEqual({ ...expected("nobody"), grants: "home.read" });
  });
});

describe("the backend behind the WebSocket API receives", () => {
  it.each(["admin", "nobody"] satisfies UserName[])("the identity of %s with each message", async (user) => {
    await using connection = await openWebSocket(run, { token: run.tokens[user] });
    const answers = [await connection.ask('{"action":"whoami"}'), await connection.ask('{"action":"whoami"}')];
    expect(answers.map(readSeen)).toEqual([expected(user), expected(user)]);
  });
});
