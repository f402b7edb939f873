import { describe, expect, it } from "vitest";
import type { IndexedGrant, PolicyIndex } from "../../../contract/policy-index.ts";
import { type Caller, findExample, MOST_TRIED } from "../../../local/example-requests.ts";

function grant(path: string, changes: Partial<IndexedGrant> = {}): IndexedGrant {
  return {
    api: [],
    roles: ["authenticated"],
    verbs: ["GET"],
    path,
    params: {},
    tail: {},
    where: {},
    when: [],
    ...changes,
  };
}

function indexOf(grants: Readonly<Record<string, IndexedGrant>>): PolicyIndex {
  const roles = {
    groups: { Admins: ["admin"] },
    scopes: {},
    kinds: {},
    claims: { department: { Audit: ["auditor"] } },
    issuers: {},
  };
  return { grants, denials: {}, roles };
}

function user(name: string, groups: readonly string[] = [], claims: Caller["claims"] = {}): Caller {
  return { account: { name, groups, claims, accessClaims: {} }, claims };
}

/** Finds an example where the paths in `allowed` are allowed to everybody; tells it and the paths that were asked. */
async function find(callers: readonly Caller[], grants: readonly IndexedGrant[], allowed: RegExp) {
  const asked: string[] = [];
  const index = indexOf(Object.fromEntries(grants.map((one, at) => [`a.${at}`, one])));
  const example = await findExample(callers, index, async ({ account }, { method, path }) => {
    asked.push(`${account.name} ${method} ${path}`);
    return allowed.test(path) ? "allowed" : "denied";
  });
  const { caller, ...requests } = example ?? {};
  return { name: caller?.account.name, ...requests, asked };
}

describe("an example", () => {
  it("has a request that is allowed and one that is denied, of one caller", async () => {
    const grants = [grant("/admin", { roles: ["admin"] }), grant("/home")];
    expect(await find([user("bob")], grants, /home/)).toMatchObject({
      name: "bob",
      allowed: { method: "GET", path: "/home" },
      denied: { method: "GET", path: "/admin" },
    });
  });

  it.each<[string, IndexedGrant, Caller["claims"], string]>([
    ["the claim that it must equal", grant("/c/{id}", { where: { id: "custom:no" } }), { "custom:no": "42" }, "/c/42"],
    ["the attribute of its name", grant("/t/{tenant}/users"), { "custom:tenant": "acme" }, "/t/acme/users"],
    ["the claim of its name", grant("/t/{tenant}"), { tenant: "acme" }, "/t/acme"],
    ["1 without such a claim", grant("/t/{tenant}/{rest+}"), { tenant: 7 }, "/t/1/1"],
    ["a claim that needs encoding", grant("/t/{tenant}"), { tenant: "a b/c@d" }, "/t/a%20b%2Fc@d"],
  ])("gives a parameter %s", async (_, one, claims, path) => {
    expect((await find([user("bob", [], claims)], [one], /./)).allowed).toEqual({ method: "GET", path });
  });

  it("leaves out a caller without the claim that a path must equal", async () => {
    const own = grant("/c/{id}", { where: { id: "custom:no" } });
    expect((await find([user("bob"), user("eve", [], { "custom:no": "7" })], [own], /./)).asked).toEqual([
      "eve GET /c/7",
      "eve GET /c/7",
    ]);
  });

  it("asks first for those who seem to hold the grant, and then for all others", async () => {
    const callers = [user("bob"), user("eve", ["Admins"]), user("kim", [], { department: "[Sales, Audit]" })];
    const grants = [grant("/a", { roles: ["admin"] }), grant("/b2", { roles: ["auditor"] })];
    const { asked, name } = await find(callers, grants, /never/);
    expect([asked, name]).toEqual([
      ["eve GET /a", "kim GET /b2", "bob GET /a", "kim GET /a", "bob GET /b2", "eve GET /b2"],
      undefined,
    ]);
  });

  it("asks for a method that the grant has, and for no WebSocket connection", async () => {
    const grants = [
      grant("/a", { verbs: ["CONNECT"] }),
      grant("/b", { verbs: ["PUT"] }),
      grant("/c", { verbs: ["ANY"] }),
    ];
    expect((await find([user("bob")], grants, /never/)).asked).toEqual(["bob GET /c", "bob PUT /b"]);
  });

  it("has no denied request if everything is allowed", async () => {
    expect((await find([user("bob")], [grant("/a")], /./)).denied).toBeUndefined();
  });

  it("stops after as many requests as are named, so that no policy delays the start", async () => {
    const grants = [...Array(500).keys()].map((at) => grant(`/a${at}`));
    expect((await find([user("bob")], grants, /never/)).asked).toHaveLength(MOST_TRIED);
  });
});
