import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ApiKind } from "../../contract/api-kinds.ts";
import { type RunningAuthorizer, startAuthorizer } from "../support/authorizer.ts";
import { changed, createEvent, redirected } from "../support/events.ts";
import { createTestIssuer, type TestIssuer } from "../support/tokens.ts";

/** A policy whose conditions read headers and query parameters in the ways that the documentation shows. */
const POLICIES: Readonly<Record<string, string>> = {
  "access/roles.rego": 'package access.roles\n\ncustomer := {"groups": {"Customers"}}\n',
  "access/conditions.rego": `# METADATA
# schemas:
# - input: schema.input
package access.conditions

import data.engine.values

of_this_tenant if values.text(input.principal.claims["custom:tenant"]) in input.request.headers["x-tenant"]

as_user if "user" in input.request.query.role

by_browser if {
	some agent in input.request.headers["user-agent"]
	startswith(agent, "Mozilla/")
}
`,
  "access/area.rego": `package access.area

grants["tenant"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/tenant", "when": {"of_this_tenant"}}

grants["role"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/role", "when": {"as_user"}}

grants["browser"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/browser", "when": {"by_browser"}}

grants["connect"] := {
	"roles": {"customer"},
	"verbs": {"CONNECT"},
	"path": "/",
	"when": {"of_this_tenant", "as_user"},
}
`,
};

let issuer: TestIssuer;
let authorizer: RunningAuthorizer;
beforeAll(async () => {
  issuer = createTestIssuer();
  authorizer = await startAuthorizer(issuer, {}, {}, { policies: POLICIES });
});
afterAll(() => authorizer[Symbol.asyncDispose]());

type Pairs = readonly (readonly [name: string, value: string])[];

/** Gives the fields in which each kind of API sends headers and query parameters. */
const FIELDS: Readonly<Record<Exclude<ApiKind, "rest-token">, (headers: Pairs, query: Pairs) => object>> = {
  "rest-request": toBothViews,
  websocket: toBothViews,
  "http-1": (headers, query) => ({
    ...under("headers", joined(headers)),
    queryStringParameters: joined(query),
    multiValueQueryStringParameters: undefined,
  }),
  "http-2": (headers, query) => ({
    ...under("headers", joined(headers)),
    queryStringParameters: joined(query),
    rawQueryString: query.map((pair) => pair.join("=")).join("&"),
  }),
};

function toBothViews(headers: Pairs, query: Pairs): object {
  return {
    ...under("headers", Object.fromEntries(headers)),
    ...under("multiValueHeaders", grouped(headers)),
    queryStringParameters: Object.fromEntries(query),
    multiValueQueryStringParameters: grouped(query),
  };
}

function under(field: string, values: object): object {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${field}.${name}`, value]));
}

function grouped(pairs: Pairs): Record<string, string[]> {
  const values: Record<string, string[]> = {};
  for (const [name, value] of pairs) values[name] = [...(values[name] ?? []), value];
  return values;
}

function joined(pairs: Pairs): Record<string, string> {
  const byName = grouped(pairs.map(([name, value]) => [name.toLowerCase(), value] as const));
  return Object.fromEntries(Object.entries(byName).map(([name, values]) => [name, values.join(",")]));
}

const KINDS = Object.keys(FIELDS) as (keyof typeof FIELDS)[];

/** Sends a request, and gives the effect with the reasons of a deny. */
async function send(kind: keyof typeof FIELDS, path: string, headers: Pairs, query: Pairs): Promise<string> {
  const token = await issuer.sign({ "cognito:groups": ["Customers"], "custom:tenant": "mine" });
  const event = redirected(kind, createEvent(kind, token), "GET", path);
  const invocation = await authorizer.invoke(changed(event, FIELDS[kind](headers, query) as Record<string, unknown>));
  if ("error" in invocation) return invocation.error;
  const { policyDocument, context } = invocation.response as {
    policyDocument: { Statement: readonly { Effect: string }[] };
    context: Readonly<Record<string, string>>;
  };
  return [policyDocument.Statement[0]?.Effect, context["reason"]].filter((part) => part !== undefined).join(" ");
}

const MINE = ["X-Tenant", "mine"] as const;
const USER = ["role", "user"] as const;

describe.each(KINDS)("a condition on a header (%s)", (kind) => {
  it("holds for one value", async () => {
    expect(await send(kind, "/tenant", [MINE], [USER])).toBe("Allow");
  });

  it.each<[string, Pairs]>([
    ["a second value behind it", [MINE, ["X-Tenant", "victim"]]],
    ["a second value before it", [["X-Tenant", "victim"], MINE]],
    ["the same value twice", [MINE, MINE]],
    ["an empty value beside it", [["X-Tenant", ""], MINE]],
    ["a second value under a name in another case", [MINE, ["x-tenant", "victim"]]],
    ["two values in one line", [["X-Tenant", "mine,victim"]]],
  ])("does not hold for %s", async (_, headers) => {
    expect(await send(kind, "/tenant", headers, [USER])).toMatch(/^Deny .*condition\.unmet/);
  });
});

describe.each(KINDS)("a condition on a query parameter (%s)", (kind) => {
  it("holds for one value", async () => {
    expect(await send(kind, "/role", [MINE], [USER])).toBe("Allow");
  });

  it.each<[string, Pairs]>([
    ["a second value behind it", [USER, ["role", "admin"]]],
    ["a second value before it", [["role", "admin"], USER]],
    ["the same value twice", [USER, USER]],
    ["an empty value beside it", [["role", ""], USER]],
  ])("does not hold for %s", async (_, query) => {
    expect(await send(kind, "/role", [MINE], query)).toMatch(/^Deny .*condition\.unmet/);
  });
});

it("treats a header with a comma as several values on every kind of API, since an HTTP API joins them so", async () => {
  const asked = (agent: string) =>
    Promise.all(
      KINDS.filter((kind) => kind !== "websocket").map((kind) => send(kind, "/browser", [["User-Agent", agent]], [])),
    );
  expect(await asked("Mozilla/5.0 (X11)")).toEqual(["Allow", "Allow", "Allow"]);
  for (const answer of await asked("Mozilla/5.0 (X11), (KHTML, like Gecko)")) {
    expect(answer).toMatch(/^Deny .*condition\.unmet/);
  }
});

it("has two values where the two views of an event disagree", async () => {
  const token = await issuer.sign({ "cognito:groups": ["Customers"], "custom:tenant": "mine" });
  const event = redirected("rest-request", createEvent("rest-request", token), "GET", "/tenant");
  const views = (single: string) => ({ "headers.X-Tenant": single, "multiValueHeaders.X-Tenant": ["mine"] });
  const effects = await Promise.all(
    ["mine", "victim"].map((single) => authorizer.invoke(changed(event, views(single)))),
  );
  expect(effects.map((one) => JSON.stringify(one).includes('"Effect":"Allow"'))).toEqual([true, false]);
});
