import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ask, createAsk } from "../../../../analysis/requests/ask.ts";
import type { Caller } from "../../../../analysis/requests/caller.ts";
import { createExplain, type Explain } from "../../../../analysis/requests/explanation.ts";
import { type Asked, toAsked } from "../../../../analysis/requests/input.ts";
import { findWays } from "../../../../analysis/requests/ways.ts";
import { compileShipped } from "../../../../build/package/compile.ts";
import { type CheckedPolicy, readPolicy } from "../../../../build/policy/read-policy.ts";
import { foundOpa } from "../../../../dev/found-opa.ts";
import { createWorkspace, type Workspace } from "../../../../dev/workspace.ts";
import { ORDERS_POLICIES } from "../../../support/orders-policies.ts";

// The policy of the example API, with denials for roles, a condition that asks for a role, a named API and a public rule.
const MORE = `package access.more

grants["pay"] := {"roles": {"clerk"}, "verbs": {"POST"}, "path": "/pay", "when": {"is_second"}}

grants["parts"] := {"api": {"stock"}, "roles": {"clerk"}, "verbs": {"GET"}, "path": "/parts"}

grants["audits"] := {"roles": {"clerk"}, "verbs": {"GET"}, "path": "/audits/{department}", "where": {"department": "custom:department"}}

denials["blocked"] := {"roles": {"blocked"}, "verbs": {"ANY"}, "path": "/orders/{proxy+}"}

grants["reports"] := {"roles": {"authenticated"}, "verbs": {"GET"}, "path": "/reports/{tenant}"}

denials["other_tenant"] := {"verbs": {"ANY"}, "path": "/reports/{tenant}", "unless": {"in_reach"}}

grants["ledgers"] := {"roles": {"clerk"}, "verbs": {"GET", "PUT"}, "path": "/ledgers"}

denials["clerks"] := {"roles": {"clerk"}, "verbs": {"PUT"}, "path": "/ledgers", "unless": {"in_the_office"}}

grants["shop"] := {"roles": {"clerk"}, "verbs": {"POST"}, "path": "/shop"}

denials["machines"] := {"roles": {"robot", "inspector"}, "verbs": {"POST"}, "path": "/shop"}

denials["closed"] := {"verbs": {"DELETE"}, "path": "/admin/users"}

# METADATA
# title: Health
public["health"] := {"verbs": {"GET"}, "path": "/health"}

# METADATA
# title: The shop's catalogue
public["catalogue"] := {"api": {"shop"}, "verbs": {"GET"}, "path": "/catalogue"}
`;

const ROLES = `
clerk := {"groups": {"Clerks", "Cashiers"}}

robot := {"kinds": {"machine"}}

inspector := {"claims": {"custom:duties": {"Inspection", "Control"}}}

approver := {"groups": {"Approvers"}}

blocked := {"groups": {"Blocked"}}
`;

const SECOND = `
is_second if caller.has_role("approver")

in_reach if input.params.tenant == input.principal.claims["custom:tenant"]

in_reach if caller.has_role("approver")
`;

let workspace: Workspace;
let policy: CheckedPolicy;
let ask: Ask;
let explain: Explain;

beforeAll(async () => {
  const conditions = ORDERS_POLICIES["access/conditions.rego"] ?? "";
  workspace = await createWorkspace({
    ...ORDERS_POLICIES,
    "access/roles.rego": `${ORDERS_POLICIES["access/roles.rego"]}${ROLES}`,
    "access/conditions.rego": `${conditions.replace("import data.engine.values", "import data.engine.caller\nimport data.engine.values")}${SECOND}`,
    "access/more.rego": MORE,
  });
  const opa = await foundOpa();
  if (!opa.ok) throw new Error(opa.error);
  const read = await readPolicy(opa.value, workspace.policies);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  policy = read.value;
  const module = await compileShipped(policy);
  explain = createExplain(module, policy.data);
  ask = createAsk(policy, async () => module, "policies");
}, 120_000);
afterAll(async () => {
  await policy[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

const NOW_S = 1_000_000;

function toInput(request: string, caller: Caller, others: { api?: string; source_ip?: string } = {}): Asked {
  const [method = "", path = ""] = request.split(" ");
  const parts = { method, path, api: others.api, source_ip: others.source_ip, headers: new Map(), query: new Map() };
  const input = toAsked(policy, caller, parts, NOW_S);
  if (!input.ok) throw new Error(input.error);
  return input.value;
}

async function asked(
  request: string,
  claims: Caller["claims"],
  { kind, ...others }: { api?: string; source_ip?: string; kind?: "machine" } = {},
) {
  const caller = { claims, ...(kind !== undefined && { kind }) };
  const answer = await ask({ kind: "asked", input: toInput(request, caller, others), notes: [] });
  return { ...answer.report, hints: answer.hints };
}

const inGroups = (...groups: readonly string[]) => ({ "cognito:groups": groups });

describe("a request that is allowed", () => {
  it("names the grant, what held, and its place", async () => {
    const { decision, grants, ways } = await asked("GET /orders/7/refunds", inGroups("Support"));
    expect({ effect: decision.effect, grants, ways }).toEqual({
      effect: "allow",
      grants: {
        "orders.read_order": {
          outcome: "granted",
          roles: { auditor: false, support: true },
          where: {},
          when: {},
          location: expect.stringMatching(/^policies\/access\/orders\.rego:\d+$/),
        },
      },
      ways: [],
    });
  });

  it("is allowed by a public rule, which the authorizer does not see", async () => {
    expect((await asked("GET /health", {})).decision).toEqual({ effect: "allow", public: ["more.health"] });
    expect((await asked("POST /health", {})).decision.effect).toBe("deny");
  });
});

describe("a request that is denied", () => {
  it("lacks a role, by each way of holding it, the nearest first", async () => {
    const { ways } = await asked("GET /orders/7", {});
    expect(ways).toEqual([
      { grant: "orders.read_order", lacks: ["join the group Support (role support)"] },
      { grant: "orders.read_order", lacks: ["be a machine with the scope orders/support (role support)"] },
      {
        grant: "orders.read_order",
        lacks: ["claim custom:department must be Audit, which is missing (role auditor)"],
      },
    ]);
  });

  it("lacks the value of a claim, whose own value is shown", async () => {
    const { ways } = await asked("GET /customers/42/orders", {
      ...inGroups("Customers"),
      "custom:customer_id": "43",
    });
    expect(ways[0]).toEqual({ grant: "orders.read_own", lacks: ["claim custom:customer_id must be 42, is 43"] });
  });

  it("lacks a condition, with the claim that it reads and that is missing", async () => {
    const { ways } = await asked("POST /orders/7/refunds", inGroups("Support"));
    expect(ways).toEqual([
      {
        grant: "orders.refund",
        lacks: [
          "condition signed_in_recently is not true: it reads input.now_s (1000000) and input.principal.claims.auth_time, which is missing",
        ],
      },
    ]);
  });

  it("lacks a role that a condition asks for", async () => {
    const { ways } = await asked("POST /pay", inGroups("Clerks"));
    expect(ways).toEqual([{ grant: "more.pay", lacks: ["join the group Approvers (role approver)"] }]);
  });

  it("lacks what lifts a denial", async () => {
    const { ways, denials } = await asked("PUT /admin/ledger/1", inGroups("Admins"), { source_ip: "198.51.100.9" });
    expect(denials["admin.ledger"]).toMatchObject({ outcome: "denial", unless: { in_the_office: false } });
    expect(ways).toEqual([
      {
        grant: "admin.administer",
        lacks: [
          "the denial admin.ledger stands: condition in_the_office is not true: it reads input.request.source_ip (198.51.100.9)",
        ],
      },
    ]);
  });

  it("would be allowed without the group that a denial is for", async () => {
    const { ways } = await asked("GET /orders/7", inGroups("Support", "Blocked"));
    expect(ways).toEqual([{ grant: "orders.read_order", lacks: ["leave the group Blocked (denial more.blocked)"] }]);
  });

  it("lacks what makes a condition true, by a role or by the other value that it reads", async () => {
    const { ways } = await asked("GET /reports/a", { "custom:tenant": "b" });
    expect(ways).toEqual([
      {
        grant: "more.reports",
        lacks: [
          'the denial more.other_tenant stands: condition in_reach is not true: it reads input.params.tenant (a); input.principal.claims["custom:tenant"] (b); the role approver, which is not held',
        ],
      },
      { grant: "more.reports", lacks: ["join the group Approvers (role approver)"] },
    ]);
  });

  it("lacks a text where the caller has a list, which equals no parameter", async () => {
    const { ways } = await asked("GET /customers/42/orders", {
      ...inGroups("Customers"),
      "custom:customer_id": ["42"],
    });
    expect(ways[0]).toEqual({ grant: "orders.read_own", lacks: ['claim custom:customer_id must be 42, is ["42"]'] });
  });

  it("is about one role that allows and is denied: no way leaves a group that it joins", async () => {
    const { ways } = await asked("PUT /ledgers", inGroups("Clerks"));
    const stands =
      "the denial more.clerks stands: condition in_the_office is not true: it reads input.request.source_ip, which is missing";
    expect(ways).toEqual([{ grant: "more.ledgers", lacks: [stands] }]);
  });

  it("has no way with changes that a shorter one does without", async () => {
    const { ways } = await asked("GET /audits/Ops", { ...inGroups("Clerks"), "custom:department": "Audit" });
    expect(ways).toEqual([{ grant: "more.audits", lacks: ["claim custom:department must be Ops, is Audit"] }]);
  });

  it("would be allowed to whoever is not proved a machine, if a denial is for machines", async () => {
    expect((await asked("POST /shop", inGroups("Clerks"), { kind: "machine" })).ways).toEqual([
      { grant: "more.shop", lacks: ["have a token that does not prove a machine (denial more.machines)"] },
    ]);
  });

  it("would be allowed without what a claim has in a list, whatever form the list has", async () => {
    const waysOf = async (duties: unknown) =>
      (await asked("POST /shop", { ...inGroups("Clerks"), "custom:duties": duties })).ways;
    const without = (value: string) => `have no custom:duties ${value} (denial more.machines)`;
    for (const text of ["[Inspection, Ops]", '["Control","Inspection"]']) {
      expect(await waysOf(text)).toEqual([{ grant: "more.shop", lacks: [without(JSON.stringify(text))] }]);
    }
    expect(await waysOf(["Control", "Ops", "Inspection"])).toEqual([
      { grant: "more.shop", lacks: [without("Control"), without("Inspection")] },
    ]);
  });

  it("has no way where a denial is for everybody and nothing lifts it", async () => {
    const { ways, hints } = await asked("DELETE /admin/users", inGroups("Admins"));
    expect({ ways, hints }).toEqual({
      ways: [],
      hints: ["nothing that the caller could carry allows it; only a change of the policy does"],
    });
  });

  it("has no grant, and hears of the grants for other methods, APIs and paths", async () => {
    const hintsOf = async (request: string) => (await asked(request, {})).hints;
    expect(await hintsOf("PUT /orders/7")).toEqual(["no grant is for PUT /orders/7; this path has grants for GET"]);
    expect(await hintsOf("GET /parts")).toEqual([
      "grants for this method and path are for the APIs stock; name one with --api",
    ]);
    expect(await hintsOf("GET /catalogue")).toEqual([
      "public rules for this method and path are for the APIs shop; name one with --api",
    ]);
    expect(await hintsOf("GET /orders")).toEqual([
      "no grant is for GET /orders; there are grants for /orders/{order_id}/refunds, /orders/{proxy+}",
    ]);
    expect(await hintsOf("GET /nothing")).toEqual([
      "no grant is for GET /nothing, nor for anything that begins as it does",
    ]);
    expect((await asked("GET /parts", inGroups("Clerks"), { api: "stock" })).decision.effect).toBe("allow");
  });
});

describe("the ways of every request and caller", () => {
  const REQUESTS = [
    ...["GET /orders/7", "POST /orders/7/refunds", "GET /customers/42/orders", "GET /audits/Audit", "POST /pay"],
    ...["PUT /admin/ledger/1", "GET /admin/status", "DELETE /admin/users", "GET /home", "PUT /nothing"],
  ];
  const CALLERS: readonly Caller[] = [
    { claims: {} },
    { kind: "user", claims: inGroups("Support", "Blocked") },
    { kind: "machine", claims: { scope: "orders/support" } },
    { claims: { ...inGroups("Customers", "Clerks"), "custom:customer_id": "43", "custom:department": "Ops" } },
    { claims: { ...inGroups("Blocked"), "custom:department": ["Audit"] } },
    { claims: { ...inGroups("Admins", "Approvers"), "custom:customer_id": "42" } },
  ];
  const READS = new Map([["is_second", { fields: [], roles: ["approver"], canHoldWith: () => false }]]);
  const denied = () =>
    REQUESTS.flatMap((request) => CALLERS.map((caller) => toInput(request, caller))).filter(
      (input) => explain(input).decision.effect === "deny",
    );

  /** Changes a caller by the words of a way, which is how a person would follow it. */
  function follow({ principal, ...input }: Asked, lacks: readonly string[]): Asked {
    let { claims, ...who } = principal;
    const groups = () => (Array.isArray(claims["cognito:groups"]) ? claims["cognito:groups"] : []);
    for (const lack of lacks) {
      const [, joined] = /^join the group (\w+)/.exec(lack) ?? [];
      const [, left] = /^leave the group (\w+)/.exec(lack) ?? [];
      const [, scope] = /(?:be a machine with|have) the scope (\S+)/.exec(lack) ?? [];
      const [, kind] = /^be a (user|machine),/.exec(lack) ?? [];
      const [, claim, value] = /^claim (\S+) must be ([^,]+), /.exec(lack) ?? [];
      if (joined !== undefined) claims = { ...claims, "cognito:groups": [...groups(), joined] };
      if (left !== undefined) claims = { ...claims, "cognito:groups": groups().filter((one) => one !== left) };
      if (scope !== undefined) claims = { ...claims, scope };
      if (claim !== undefined) claims = { ...claims, [claim]: value };
      if (kind === "user" || scope !== undefined) who = { ...who, kind: kind === "user" ? "user" : "machine" };
    }
    return { ...input, principal: { ...who, claims } };
  }

  it("are right: whoever follows one lacks only the conditions that it names", () => {
    let followed = 0;
    for (const input of denied()) {
      for (const { grant, lacks } of findWays(input, explain, policy.index, READS).ways) {
        followed += 1;
        const after = explain(follow(input, lacks));
        const named = lacks.flatMap((lack) => /condition (\w+) is not true/.exec(lack)?.[1] ?? []);
        const open = [
          ...Object.entries(after.grants[grant]?.when ?? { none: false }),
          ...Object.values(after.denials).flatMap(({ outcome, unless }) =>
            outcome === "denial"
              ? [["lifted", Object.keys(unless).length > 0] as const, ...Object.entries(unless)]
              : [],
          ),
        ].flatMap(([name, isTrue]) => (isTrue ? [] : [name]));
        expect({ lacks, open: [...new Set(open)].sort() }).toEqual({ lacks, open: [...new Set(named)].sort() });
        expect(["granted", "condition.unmet"]).toContain(after.grants[grant]?.outcome);
      }
    }
    expect(followed).toBeGreaterThan(50);
  });

  it("are all: no one thing more allows a request that they don't name", () => {
    const additions = ["Support", "Customers", "Admins", "Clerks", "Approvers"].map(
      (group) => `join the group ${group}`,
    );
    let allowed = 0;
    for (const input of denied()) {
      const { ways } = findWays(input, explain, policy.index, READS);
      for (const addition of additions) {
        if (explain(follow(input, [addition])).decision.effect !== "allow") continue;
        allowed += 1;
        const isNamed = ways.some(({ lacks }) => lacks.length === 1 && lacks[0]?.startsWith(addition));
        expect({ input, addition, isNamed }).toMatchObject({ isNamed: true });
      }
    }
    expect(allowed).toBeGreaterThan(5);
  });
});

it("a caller whose token is refused is denied with its code", async () => {
  const { report } = await ask({ kind: "refused", code: "token.client_refused", notes: [] });
  expect(report).toEqual({
    decision: { effect: "deny", reasons: ["token.client_refused"] },
    grants: {},
    denials: {},
    ways: [],
  });
});
