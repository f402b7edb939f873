import fc from "fast-check";
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

import data.access_lib
import data.engine.values

of_this_tenant if values.text(input.principal.claims["custom:tenant"]) in input.request.headers["x-tenant"]

as_user if "user" in input.request.query.role

# METADATA
# custom:
#   multiple: [request.headers.x-tags]
of_colours if access_lib.only_colours

# METADATA
# custom:
#   multiple: [request.query.label]
of_own_labels if values.all_in(input.request.query.label, input.principal.claims.labels)

# METADATA
# custom:
#   opens_when_missing: Most callers send no such header.
not_blocked if not is_blocked

is_blocked if "1" in input.request.headers["x-blocked"]

by_browser if {
	some agent in input.request.headers["user-agent"]
	startswith(agent, "Mozilla/")
}
`,
  "access/lib.rego": `# METADATA
# schemas:
# - input: schema.input
package access_lib

import data.engine.values

only_colours if values.all_in(input.request.headers["x-tags"], {"red", "blue"})
`,
  "access/area.rego": `package access.area

grants["tags"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/tags", "when": {"of_colours"}}

grants["labels"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/labels", "when": {"of_own_labels"}}

grants["unblocked"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/unblocked", "when": {"not_blocked"}}

grants["closed"] := {"roles": {"customer"}, "verbs": {"GET"}, "path": "/closed"}

denials["closed"] := {"verbs": {"GET"}, "path": "/closed", "unless": {"as_user"}}

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
  const token = await issuer.sign({ "cognito:groups": ["Customers"], "custom:tenant": "mine", labels: ["a", "b"] });
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
    expect(await send(kind, "/tenant", headers, [USER])).toBe("Deny condition.unmet request.ambiguous");
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
    expect(await send(kind, "/role", [MINE], query)).toBe("Deny condition.unmet request.ambiguous");
  });
});

it.each(KINDS)(
  "a request is allowed only by exactly one good value, however names and values are sent (%s)",
  async (kind) => {
    const value = fc.constantFrom("mine", "victim", "", "mine,victim", ",", "mine,");
    const header = fc.tuple(fc.constantFrom("X-Tenant", "x-tenant", "X-TENANT", "X-Other"), value);
    const parameter = fc.tuple(fc.constantFrom("role", "other"), fc.constantFrom("user", "admin", ""));
    const headers = fc.oneof(fc.constant([MINE]), fc.array(header, { maxLength: 3 }));
    const query = fc.oneof(fc.constant([USER]), fc.array(parameter, { maxLength: 3 }));
    const seen = new Set<boolean>();
    await fc.assert(
      fc.asyncProperty(headers, query, fc.constantFrom("/tenant", "/role"), async (sent, asked, path) => {
        const tenants = sent.filter(([name]) => name.toLowerCase() === "x-tenant").map(([, text]) => text);
        const roles = asked.filter(([name]) => name === "role").map(([, text]) => text);
        const [isMine, isUser] = [tenants.join("|") === "mine", roles.join("|") === "user"];
        const isGood = kind === "websocket" ? isMine && isUser : path === "/tenant" ? isMine : isUser;
        seen.add(isGood);
        expect((await send(kind, path, sent, asked)) === "Allow").toBe(isGood);
      }),
      { numRuns: 150 },
    );
    expect(seen.size).toBe(2);
  },
);

it("treats a header with a comma as several values on every kind of API, since an HTTP API joins them so", async () => {
  const asked = (agent: string) =>
    Promise.all(
      KINDS.filter((kind) => kind !== "websocket").map((kind) => send(kind, "/browser", [["User-Agent", agent]], [])),
    );
  expect(await asked("Mozilla/5.0 (X11)")).toEqual(["Allow", "Allow", "Allow"]);
  for (const answer of await asked("Mozilla/5.0 (X11), (KHTML, like Gecko)")) {
    expect(answer).toBe("Deny condition.unmet request.ambiguous");
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

const NO_WEBSOCKET = KINDS.filter((kind) => kind !== "websocket");

describe.each(NO_WEBSOCKET)("with several values (%s)", (kind) => {
  it("a denial stays that its condition would lift", async () => {
    expect(await send(kind, "/closed", [], [USER])).toBe("Allow");
    expect(await send(kind, "/closed", [], [["role", "other"]])).toBe("Deny denial");
    expect(await send(kind, "/closed", [], [USER, ["role", "other"]])).toBe("Deny denial request.ambiguous");
  });

  it("a condition that opens when a value is missing does not open", async () => {
    const blocked = (...values: readonly string[]) =>
      send(
        kind,
        "/unblocked",
        values.map((value) => ["X-Blocked", value] as const),
        [],
      );
    expect([await blocked(), await blocked("0"), await blocked("1")]).toEqual([
      "Allow",
      "Allow",
      "Deny condition.unmet",
    ]);
    expect(await blocked("0", "1")).toBe("Deny condition.unmet request.ambiguous");
  });

  it("another condition is decided as without them", async () => {
    expect(await send(kind, "/tenant", [MINE], [USER, USER])).toBe("Allow");
    expect(await send(kind, "/tenant", [["X-Tenant", "victim"]], [USER, USER])).toBe("Deny condition.unmet");
  });

  it.each<[string, Pairs, string]>([
    ["one", [["X-Tags", "red"]], "Allow"],
    [
      "two headers",
      [
        ["X-Tags", "red"],
        ["X-Tags", "blue"],
      ],
      "Allow",
    ],
    ["two in one header", [["X-Tags", "red, blue"]], "Allow"],
    [
      "one that is not allowed",
      [
        ["X-Tags", "red"],
        ["X-Tags", "green"],
      ],
      "Deny condition.unmet",
    ],
    ["one that is not allowed, in one header", [["X-Tags", "green,red"]], "Deny condition.unmet"],
    ["none", [], "Deny condition.unmet"],
    ["an empty one", [["X-Tags", ""]], "Deny condition.unmet"],
  ])("a condition on all values of a header gets %s", async (_, headers, expected) => {
    expect(await send(kind, "/tags", headers, [])).toBe(expected);
  });
});

it.each(["rest-request", "http-2"] as const)(
  "a condition on all values of a parameter gets each (%s)",
  async (kind) => {
    expect(
      await send(
        kind,
        "/labels",
        [],
        [
          ["label", "a"],
          ["label", "b"],
        ],
      ),
    ).toBe("Allow");
    expect(
      await send(
        kind,
        "/labels",
        [],
        [
          ["label", "a"],
          ["label", "c"],
        ],
      ),
    ).toBe("Deny condition.unmet");
  },
);

it("the log names the field and its readers, and no value, so that the engine decides the same of it", async () => {
  await send("rest-request", "/tenant", [MINE, ["X-Tenant", "victim"]], [USER]);
  const { input, result } = authorizer.log.at(-1) ?? {};
  expect(input).toMatchObject({ request: { ambiguous: { "headers.x-tenant": ["of_this_tenant"] } } });
  expect(result).toMatchObject({ reasons: ["condition.unmet", "request.ambiguous"] });
  expect(JSON.stringify(authorizer.log.at(-1))).not.toContain("victim");
});
