import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toLoggedAsked } from "../../../analysis/requests/input.ts";
import { parseMethod, parsePath } from "../../../analysis/requests/parse-request.ts";
import { decodeToken, readClaims, readLogLine } from "../../../analysis/requests/read-claims.ts";
import { addTo } from "../../../analysis/requests/what-if.ts";
import { command } from "../../../cli/can.ts";
import { type Outcome, readArguments } from "../../../cli/command.ts";
import { formatLogEntry } from "../../../contract/decision-log.ts";
import type { LogEntry } from "../../../contract/log-entry.ts";
import { createWorkspace } from "../../../dev/workspace.ts";
import { ORDERS_POLICIES } from "../../support/orders-policies.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rego-authorizer-can-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

async function can(...args: readonly string[]): Promise<Outcome> {
  const given = readArguments(command, args);
  return "kind" in given ? given : command.run(given);
}

const ENTRY: LogEntry = {
  decision_id: "1",
  timestamp: "2026-11-26T12:00:00.000Z",
  labels: { app: "rego-authorizer", version: "7", api: "a1", stage: "prod" },
  revision: "abc",
  path: "engine/decision",
  input: {
    principal: { id: "u", issuer: "https://issuer.example", claims: { "cognito:groups": ["Support"] } },
    request: { method: "GET", path: "/orders/7" },
  },
  result: { effect: "deny", reasons: ["grant.none"], denials: [], unmet: {} },
  metrics: { timer_server_handler_ns: 1000 },
};

const DENIAL = { roles: [], verbs: ["GET"], path: "/", params: {}, tail: {}, unless: [] };
const READS = {
  ...{ inputReferences: [["now_s"]], requestValues: [] },
  index: { grants: {}, denials: { "a.no": { ...DENIAL, api: ["orders"] } } },
};

describe("a request", () => {
  it("has a method that API Gateway knows, in capital letters", () => {
    expect(["GET", "CONNECT"].map(parseMethod)).toEqual([
      { ok: true, value: "GET" },
      { ok: true, value: "CONNECT" },
    ]);
    expect(["get", "ANY", "FETCH", ""].map(parseMethod)).toEqual([
      { ok: false, error: '"get" is not a method that API Gateway knows; did you mean GET?' },
      { ok: false, error: expect.stringContaining("ANY is not the method of a request") },
      { ok: false, error: expect.stringContaining('"FETCH" is not a method') },
      { ok: false, error: expect.stringContaining('"" is not a method') },
    ]);
  });

  it.each([
    ["orders", "begin with a slash"],
    ["/orders?page=2", "leave out the query"],
    ["/orders#top", "leave out the fragment"],
    ["/orders/", "leave out the slash at its end"],
    ["/a//b", "an empty segment"],
    ["/a/../b", "the segment . or .."],
    ["/a%2Fb", "an encoded slash"],
    ["/orders/{id}", "is a template; name the path of a request, such as /orders/7"],
  ])("does not have the path %s, and the line says why", (path, why) => {
    expect(parsePath(path)).toEqual({ ok: false, error: expect.stringContaining(why) });
  });

  it("has a canonical path, which may be percent-encoded", () => {
    expect(["/", "/a/b", "/a%20b"].map((path) => parsePath(path))).toEqual(
      ["/", "/a/b", "/a b"].map((value) => ({ ok: true, value })),
    );
  });

  it("may be a template where that is asked for", () => {
    expect(["/a/{id}/{rest+}", "/a/{}"].map((path) => parsePath(path, true))).toEqual([
      { ok: true, value: "/a/{id}/{rest+}" },
      { ok: true, value: "/a/{p2}" },
    ]);
    expect(parsePath("/a/{rest+}/b", true).ok).toBe(false);
  });
});

describe("a token", () => {
  it("is decoded, with Bearer before it or without", async () => {
    const token = `${encode({ alg: "RS256" })}.${encode({ sub: "u" })}.${encode("signature")}`;
    for (const text of [token, `Bearer ${token}`, ` ${token}\n`])
      expect(await decodeToken(text)).toMatchObject({ value: { from: "token", claims: { sub: "u" } } });
  });

  it.each(["", "abc", "a.b.c", `${encode({})}.${encode([])}.eA`])(
    "that is not one gives one line: %s",
    async (text) => {
      expect(await decodeToken(text)).toEqual({ ok: false, error: expect.stringContaining("is not a token (JWT)") });
    },
  );
});

describe("claims", () => {
  it("are a JSON object in a file", async () => {
    expect(await readClaims(await write("claims.json", '{"sub": "u"}'))).toMatchObject({
      value: { claims: { sub: "u" } },
    });
    expect(await readClaims(await write("list.json", "[]"))).toMatchObject({ ok: false });
    expect(await readClaims(join(folder, "missing.json"))).toMatchObject({ ok: false });
  });

  it("get further groups and scopes; a scope makes a machine, but not of a user", () => {
    const none = { groups: [], scopes: [], kind: undefined, issuer: undefined };
    const who = { claims: { "cognito:groups": ["A"], scope: "x" } };
    expect(addTo(who, { ...none, groups: ["B"], scopes: ["y"] })).toEqual({
      kind: "machine",
      claims: { "cognito:groups": ["A", "B"], scope: "x y" },
    });
    expect(addTo({ ...who, kind: "user" }, { ...none, scopes: ["y"] })).toMatchObject({ kind: "user" });
    expect(addTo(who, none)).toEqual(who);
  });
});

describe("a line of the decision log", () => {
  it("gives its principal, request and time, in either form", async () => {
    for (const format of ["compact", "opa"] as const) {
      const entry = await readLogLine(await write("line.json", `START\n${formatLogEntry(ENTRY, format)}`));
      if (!entry.ok) throw new Error(entry.error);
      expect(toLoggedAsked(READS, entry.value, {})).toMatchObject({
        value: {
          principal: { claims: { "cognito:groups": ["Support"] } },
          request: { method: "GET", path: "/orders/7" },
          now_s: 1795694400,
        },
      });
      expect(toLoggedAsked(READS, entry.value, { method: "PUT" })).toMatchObject({
        value: { request: { method: "PUT" } },
      });
    }
  });

  it("names its API by the label only if the policy has rules for it: the label may be an id", () => {
    const apiOf = (api: string) => toLoggedAsked(READS, { ...ENTRY, labels: { ...ENTRY.labels, api } }, {});
    expect(apiOf("orders")).toMatchObject({ value: { request: { api: "orders" } } });
    expect(apiOf("a1b2c3")).toMatchObject({ value: { request: expect.not.objectContaining({ api: "a1b2c3" }) } });
  });

  it("that has no principal says that the token was refused", () => {
    const refused: LogEntry = {
      ...ENTRY,
      input: { request: { method: "GET", path: "/" } },
      result: { effect: "deny", reasons: ["token.expired"], denials: [], unmet: {} },
    };
    expect(toLoggedAsked(READS, refused, {})).toEqual({ ok: false, error: expect.stringContaining("token.expired") });
  });

  it("is one line", async () => {
    expect(await readLogLine(await write("none.log", "START\nEND\n"))).toMatchObject({ ok: false });
    const two = formatLogEntry(ENTRY).repeat(2);
    expect(await readLogLine(await write("two.log", two))).toEqual({
      ok: false,
      error: expect.stringContaining("has 2 lines of the decision log"),
    });
  });
});

it("can says in one line each what is wrong with its arguments, and decides nothing", async () => {
  const outcome = await can("get", "/a/", "--token", "x", "--claims", "y", "--at", "noon", "--header", "x");
  expect(outcome).toMatchObject({ kind: "done", exit: 2 });
  expect(outcome.kind === "done" ? outcome.lines?.length : 0).toBe(5);
});

it.each([
  ["a time without its zone, which each machine would read as its own", ["--at", "2026-11-26T12:00:00"], /^--at must/],
  ["a time that no calendar has", ["--at", "2026-13-26T12:00:00Z"], /^--at must/],
  ["a text that does not have the form of an address", ["--source-ip", "203.0.113.400"], /^--source-ip must/],
  ["a group without a name", ["--group", ""], /^--group must/],
  ["a scope without a name", ["--scope", " "], /^--scope must/],
  ["a kind of its own", ["--kind", "unknown"], /^--kind must be user or machine$/],
])("can refuses %s", async (_, args, message) => {
  const outcome = await can("GET", "/home", ...args);
  expect(outcome).toMatchObject({ kind: "done", exit: 2, lines: [expect.stringMatching(message)] });
});

it("can decides by a policy on the disk, and a claim that steers a terminal is printed as escapes", async () => {
  await using workspace = await createWorkspace(ORDERS_POLICIES);
  const claims = { "cognito:groups": ["Customers"], "custom:customer_id": "43\u001b[2J\u202e" };
  const file = await write("hostile.json", JSON.stringify(claims));
  const outcome = await can("GET", "/customers/42/orders", "--claims", file, "--policies", workspace.policies);
  expect(outcome).toMatchObject({ kind: "done", exit: 1 });
  const output = outcome.kind === "done" ? outcome.output : "";
  expect(output).toContain(`grant orders.read_own: where.mismatch (${workspace.policies}/access/orders.rego:`);
  expect(output).toContain('- claim custom:customer_id must be 42, is "43\\u001b[2J\\u202e"');
  expect(output).toMatch(/^[\x20-\x7e\n]*$/);
});
