import { describe, expect, it } from "vitest";
import type { Breach } from "../../../../analysis/access/invariant-breaches.ts";
import { type Judgement, judgeInvariants } from "../../../../analysis/access/invariants.ts";
import { formatWho } from "../../../../analysis/access/who.ts";
import type { InvariantRegion, InvariantStatement, InvariantWho } from "../../../../contract/invariants.ts";
import { type Parts, toAccessPolicyOf } from "../../../support/compared-policies.ts";

const who = (named: Partial<InvariantWho>): InvariantWho => ({
  roles: [],
  groups: [],
  scopes: [],
  kinds: [],
  claims: [],
  issuers: [],
  ...named,
});
const on = (path: string, verbs: readonly string[] = ["GET"], apis: readonly string[] = []): InvariantRegion => ({
  verbs,
  path,
  apis,
});

function judge(parts: Parts, statement: InvariantStatement): Judgement {
  const judged = judgeInvariants(toAccessPolicyOf(parts), [{ name: "it", title: undefined, statement }]);
  if (!judged.ok || judged.value[0] === undefined) throw new Error("the invariant was not judged");
  return judged.value[0];
}

/** Writes what breaks an invariant: `group Customers GET /admin/{} (allow) by admin.all`. */
function breachOf(parts: Parts, statement: InvariantStatement): string | undefined {
  const { breach, by } = judge(parts, statement);
  if (breach === undefined) return undefined;
  const request = breach.request === undefined ? "" : ` ${breach.request.verb} ${breach.request.path}`;
  return [`${formatWho(breach.who)}${request} (${breach.access}${termsOf(breach)})`, ...by].join(" ");
}

function termsOf({ terms: { conditions, own } }: Breach): string {
  return [...conditions, ...own.map(([at, claim]) => `${at}=${claim}`)].map((one) => ` ${one}`).join("");
}

const never = (named: Partial<InvariantWho>, region: InvariantRegion, isWhateverElse = false): InvariantStatement => ({
  kind: "never",
  who: who(named),
  region,
  isWhateverElse,
});
const only = (named: Partial<InvariantWho>, region: InvariantRegion): InvariantStatement => ({
  kind: "only",
  who: who(named),
  region,
});
const always = (named: Partial<InvariantWho>, region: InvariantRegion): InvariantStatement => ({
  kind: "always",
  who: who(named),
  region,
});
const requires = (conditions: readonly string[], region: InvariantRegion): InvariantStatement => ({
  kind: "requires",
  conditions,
  region,
});
const CUSTOMERS = { roles: ["customer"] };
const ADMIN_AREA = on("/admin/{proxy+}", ["ANY"]);

describe("never", () => {
  it.each<[name: string, parts: Parts, breach: string | undefined]>([
    ["holds where others are allowed", { grants: { a: { path: "/admin/{x+}" } } }, undefined],
    [
      "is broken by a grant for the role",
      { grants: { a: { path: "/admin/users", roles: ["customer"] } } },
      "group Customers GET /admin/users (allow) a",
    ],
    [
      "is broken by a grant that is wider than the region",
      { grants: { a: { path: "/{x+}", roles: ["customer"], verbs: ["PUT"] } } },
      "group Customers PUT /admin/{} (allow) a",
    ],
    [
      "is broken by what everybody has",
      { grants: { a: { path: "/admin/users", roles: ["authenticated"] } } },
      "group Customers GET /admin/users (allow) a",
    ],
    [
      "is broken by a public rule",
      { publicRules: [{ path: "/admin/health", verbs: ["GET"] }] },
      "group Customers GET /admin/health (public) open.p0",
    ],
    [
      "is broken under conditions",
      { grants: { a: { path: "/admin/users", roles: ["customer"], when: ["c"] } }, conditions: { c: {} } },
      "group Customers GET /admin/users (conditional c) a",
    ],
    [
      "is broken by one's own",
      { grants: { a: { path: "/admin/{id}", roles: ["customer"], where: { id: "sub" } } } },
      "group Customers GET /admin/{} (own 1=sub) a",
    ],
    [
      "holds under a denial of all that is granted",
      { grants: { a: { path: "/admin/{x}", roles: ["customer"] } }, denials: { d: { path: "/{x+}" } } },
      undefined,
    ],
    [
      "is broken where a denial ends",
      { grants: { a: { path: "/admin/{x+}", roles: ["customer"] } }, denials: { d: { path: "/admin/{x}" } } },
      "group Customers GET /admin/{}/{} (allow) a",
    ],
    [
      "is broken by a denial that a condition lifts",
      {
        grants: { a: { path: "/admin/{x+}", roles: ["customer"] } },
        denials: { d: { path: "/admin/{x+}", unless: ["c"] } },
        conditions: { c: {} },
      },
      "group Customers GET /admin/{} (conditional c) a",
    ],
    [
      "holds if it takes another role besides",
      {
        grants: { a: { path: "/admin/x", roles: ["customer"], when: ["is_admin"] } },
        conditions: { is_admin: { roles: [{ has: ["admin"], lacks: [] }] } },
      },
      undefined,
    ],
    [
      "is about all that the role comes by",
      { grants: { a: { path: "/admin/x", roles: ["lead"] } } },
      "group Leads GET /admin/x (allow) a",
    ],
  ])("%s", (_, parts, breach) => {
    expect(breachOf(parts, never(CUSTOMERS, ADMIN_AREA))).toBe(breach);
  });

  it("with whatever else, is broken by another role of the principal, unless a denial is for the first", () => {
    const grants = { a: { path: "/admin/users" } };
    const statement = never({ groups: ["Contractors"] }, ADMIN_AREA, true);
    expect(breachOf({ grants }, never({ groups: ["Contractors"] }, ADMIN_AREA))).toBe(undefined);
    expect(breachOf({ grants }, statement)).toBe("group Admins + group Contractors GET /admin/users (allow) a");
    const denials = { d: { path: "/admin/{x+}", roles: ["contractor"] } };
    expect(breachOf({ grants, denials }, statement)).toBe(undefined);
  });

  it("is broken by two of the things together", () => {
    const parts: Parts = {
      grants: { a: { path: "/admin/x", roles: ["customer"], when: ["c"] } },
      conditions: { c: { roles: [{ has: ["contractor"], lacks: [] }] } },
    };
    const statement = never({ groups: ["Customers", "Contractors"] }, ADMIN_AREA);
    expect(breachOf(parts, statement)).toBe("group Contractors + group Customers GET /admin/x (allow) a");
    expect(breachOf(parts, never({ groups: ["Customers"] }, ADMIN_AREA))).toBe(undefined);
  });

  it("is broken by a scope alone, if the machine that has it has a role of an issuer", () => {
    const parts: Parts = {
      grants: { a: { path: "/admin/x", roles: ["robot"] } },
      issuers: { staff: { kinds: { machine: ["robot"] } } },
    };
    expect(breachOf(parts, never({ scopes: ["write"] }, ADMIN_AREA))).toBe("scope write@staff GET /admin/x (allow) a");
  });

  it("with an issuer, is about the tokens of that issuer", () => {
    const parts: Parts = {
      grants: { a: { path: "/admin/x", roles: ["boss"] } },
      issuers: { staff: { groups: { Customers: ["boss"] } } },
    };
    expect(breachOf(parts, never({ groups: ["Customers"], issuers: ["staff"] }, ADMIN_AREA))).toBe(
      "group Customers@staff GET /admin/x (allow) a",
    );
    expect(breachOf(parts, never({ groups: ["Customers"], issuers: ["shop"] }, ADMIN_AREA))).toBe(undefined);
  });
});

describe("only", () => {
  it.each<[name: string, parts: Parts, breach: string | undefined]>([
    ["holds if all grants are for the role", { grants: { a: { path: "/admin/{x+}" } } }, undefined],
    [
      "is broken by another role",
      { grants: { a: { path: "/admin/{x+}" }, b: { path: "/admin/x", roles: ["auditor"] } } },
      "claim custom:department=Audit GET /admin/x (allow) b",
    ],
    [
      "is broken by everybody",
      { grants: { a: { path: "/{x}/y", roles: ["authenticated"] } } },
      "authenticated GET /admin/y (allow) a",
    ],
    [
      "is broken by a public rule",
      { publicRules: [{ path: "/{x}/health", verbs: ["ANY"] }] },
      "authenticated GET /admin/health (public) open.p0",
    ],
    ["holds elsewhere", { grants: { a: { path: "/home", roles: ["authenticated"] } } }, undefined],
    [
      "holds if a condition asks for the role",
      {
        grants: { a: { path: "/admin/x", roles: ["authenticated"], when: ["is_admin"] } },
        conditions: { is_admin: { roles: [{ has: ["admin"], lacks: [] }] } },
      },
      undefined,
    ],
    [
      "is broken by a combination of others",
      {
        grants: { a: { path: "/admin/x", roles: ["customer"], when: ["c"] } },
        conditions: { c: { roles: [{ has: ["contractor"], lacks: [] }] } },
      },
      "group Contractors + group Customers GET /admin/x (allow) a",
    ],
    [
      "is broken by one whom a role-limited denial does not concern",
      {
        grants: { a: { path: "/admin/x", roles: ["customer", "robot"] } },
        denials: { d: { path: "/admin/x", roles: ["customer"] } },
      },
      "scope orders/read GET /admin/x (allow) a",
    ],
  ])("%s", (_, parts, breach) => {
    expect(breachOf(parts, only({ roles: ["admin"] }, ADMIN_AREA))).toBe(breach);
  });

  it("holds where the path asks for the claim that gives the role", () => {
    const own = (path: string): Parts => ({
      grants: { a: { path, roles: ["authenticated"], where: { department: "custom:department" } } },
    });
    const statement = (path: string) => only({ roles: ["auditor"] }, on(path));
    expect(breachOf(own("/files/{department}"), statement("/files/Audit"))).toBe(undefined);
    expect(breachOf(own("/files/{department}"), statement("/files/{x}"))).toBe(
      "authenticated GET /files/{} (own 1=custom:department) a",
    );
    expect(breachOf(own("/files/{department}"), statement("/files/Sales"))).toBe(
      "claim custom:department=Sales GET /files/Sales (own 1=custom:department) a",
    );
  });

  it("about everybody whose token is valid is broken by a public rule", () => {
    const statement = only({ roles: ["authenticated"] }, on("/home"));
    expect(breachOf({ grants: { a: { path: "/home", roles: ["person"] } } }, statement)).toBe(undefined);
    expect(breachOf({ publicRules: [{ path: "/home", verbs: ["GET"] }] }, statement)).toBe(
      "authenticated GET /home (public) open.p0",
    );
  });
});

describe("always", () => {
  const open = { a: { path: "/home/{x+}", roles: ["authenticated"] } };
  it.each<[name: string, parts: Parts, breach: string | undefined]>([
    ["holds for a grant for all", { grants: open }, undefined],
    [
      "is broken where a public rule ends",
      { publicRules: [{ path: "/{a}/{b}", verbs: ["ANY"] }] },
      "group Customers GET /home/{}/{} (none)",
    ],
    ["is broken by nothing", {}, "group Customers GET /home/{} (none)"],
    [
      "is broken by a grant of a part",
      { grants: { a: { path: "/home/{x}", roles: ["customer"] } } },
      "group Customers GET /home/{}/{} (none)",
    ],
    [
      "is broken by a condition",
      { grants: { a: { path: "/home/{x+}", roles: ["customer"], when: ["c"] } }, conditions: { c: {} } },
      "group Customers GET /home/{} (conditional c) a",
    ],
    [
      "is broken by where",
      { grants: { a: { path: "/home/{x}/{y+}", roles: ["customer"], where: { x: "sub" } } } },
      "group Customers GET /home/{} (none)",
    ],
    [
      "is broken by a denial of a part",
      { grants: open, denials: { d: { path: "/home/private" } } },
      "group Customers GET /home/private (denied) d",
    ],
    [
      "is broken by the denial of another role",
      { grants: open, denials: { d: { path: "/{x}/{y}/deep", roles: ["contractor"] } } },
      "group Contractors + group Customers GET /home/{}/deep (denied) d",
    ],
    [
      "is broken by a condition that another role fails",
      {
        grants: { a: { path: "/home/{x+}", roles: ["customer"], when: ["c"] } },
        conditions: { c: { roles: [{ has: [], lacks: ["contractor"] }] } },
      },
      "group Contractors + group Customers GET /home/{} (none)",
    ],
    [
      "holds beside a denial of other verbs",
      { grants: open, denials: { d: { path: "/home/x", verbs: ["PUT"] } } },
      undefined,
    ],
    [
      "is broken for one of the groups",
      { grants: { a: { path: "/home/{x+}", roles: ["lead"] } } },
      "group Customers GET /home/{} (none)",
    ],
  ])("%s", (_, parts, breach) => {
    expect(breachOf(parts, always(CUSTOMERS, on("/home/{proxy+}")))).toBe(breach);
  });

  it("is broken by where also if the principal has the claim, since that can be one of a list", () => {
    const grants = { a: { path: "/files/{d}", roles: ["authenticated"], where: { d: "custom:department" } } };
    const auditors = { claims: [["custom:department", "Audit"]] as const };
    expect(breachOf({ grants }, always(auditors, on("/files/Audit")))).toBe(
      "claim custom:department=Audit GET /files/Audit (own 1=custom:department) a",
    );
    expect(breachOf({ grants }, always(auditors, on("/files/Sales")))).toBe(
      "claim custom:department=Audit GET /files/Sales (none)",
    );
  });

  it("is satisfied by a public rule for each path", () => {
    const publicRules = [{ path: "/health", verbs: ["GET"] }];
    expect(breachOf({ publicRules }, always({ roles: ["authenticated"] }, on("/health")))).toBe(undefined);
    expect(breachOf({ publicRules }, always({ roles: ["authenticated"] }, on("/health", ["ANY"])))).toBe(
      "authenticated DELETE /health (none)",
    );
  });
});

describe("disjoint", () => {
  const disjoint = (some: Partial<InvariantWho>[], region?: InvariantRegion): InvariantStatement => ({
    kind: "disjoint",
    whos: some.map(who),
    region,
  });
  const both = [{ roles: ["customer"] }, { roles: ["lead"] }];

  it("is broken by one thing that gives both", () => {
    expect(breachOf({}, disjoint(both))).toBe("group Leads (allow)");
    expect(breachOf({}, disjoint([{ roles: ["customer"] }, { roles: ["admin"] }]))).toBe(undefined);
    expect(breachOf({}, disjoint([{ roles: ["admin"] }, { groups: ["Leads"] }, { roles: ["lead"] }]))).toBe(
      "group Leads (allow)",
    );
  });

  it("is broken by the tokens of one issuer", () => {
    const issuers = { staff: { groups: { Customers: ["admin"] } } };
    expect(breachOf({ issuers }, disjoint([{ roles: ["customer"] }, { roles: ["admin"] }]))).toBe(
      "group Customers@staff (allow)",
    );
  });

  it("is broken by everybody if everybody is both", () => {
    expect(breachOf({}, disjoint([{ roles: ["authenticated"] }, { roles: ["authenticated"] }]))).toBe(
      "authenticated (allow)",
    );
  });

  it("is broken by a scope whose machine has a role of an issuer", () => {
    const issuers = { staff: { kinds: { machine: ["robot"] } } };
    expect(breachOf({ issuers }, disjoint([{ scopes: ["write"] }, { roles: ["robot"] }]))).toBe(
      "scope write@staff (allow)",
    );
  });

  it("with a region, is broken by whoever holds both and is allowed there", () => {
    const statement = disjoint([{ roles: ["customer"] }, { roles: ["contractor"] }], on("/pay"));
    const grants = { a: { path: "/pay", roles: ["customer"] } };
    expect(breachOf({ grants }, statement)).toBe("group Contractors + group Customers GET /pay (allow) a");
    const denials = { d: { path: "/pay", roles: ["contractor"] } };
    expect(breachOf({ grants, denials }, statement)).toBe(undefined);
    expect(breachOf({ grants: { a: { path: "/pay" } } }, statement)).toBe(
      "group Admins + group Contractors + group Customers GET /pay (allow) a",
    );
  });

  it("holds of those whom no token can be both", () => {
    const grants = { a: { path: "/pay", roles: ["authenticated"] } };
    expect(breachOf({ grants }, disjoint([{ roles: ["robot"] }, { roles: ["person"] }], on("/pay")))).toBe(undefined);
  });
});

describe("requires", () => {
  const conditions = { fresh: {}, other: {}, renamed: { digest: "sha256:fresh" }, at_id: { params: ["id"] } };
  const there = on("/refunds/{id}", ["POST"]);
  const grant = (when: readonly string[]) => ({ a: { path: "/refunds/{id}", verbs: ["POST"], when } });
  it.each<[name: string, parts: Parts, condition: string, breach: string | undefined]>([
    ["holds if the grant asks for it", { grants: grant(["fresh"]) }, "fresh", undefined],
    ["is broken if it does not", { grants: grant([]) }, "fresh", "group Admins POST /refunds/{} (allow) a"],
    [
      "is broken by another",
      { grants: grant(["other"]) },
      "fresh",
      "group Admins POST /refunds/{} (conditional other) a",
    ],
    [
      "holds by a denial that yields to it",
      { grants: grant([]), denials: { d: { path: "/{x+}", verbs: ["ANY"], unless: ["fresh"] } } },
      "fresh",
      undefined,
    ],
    [
      "is broken if the denial is for some only",
      { grants: grant([]), denials: { d: { path: "/{x+}", verbs: ["ANY"], unless: ["fresh"], roles: ["customer"] } } },
      "fresh",
      "group Admins POST /refunds/{} (allow) a",
    ],
    ["holds by a condition of another name that is the same", { grants: grant(["renamed"]) }, "fresh", undefined],
    ["holds for each instance", { grants: grant(["at_id"]) }, "at_id", undefined],
    [
      "is broken by a public rule",
      { grants: grant(["fresh"]), publicRules: [{ path: "/refunds/test", verbs: ["POST"] }] },
      "fresh",
      "authenticated POST /refunds/test (public) open.p0",
    ],
  ])("%s", (_, parts, condition, breach) => {
    expect(breachOf({ conditions, ...parts }, requires([condition], there))).toBe(breach);
  });

  it("holds if a condition that asks for roles is true of all who are allowed", () => {
    const asks = {
      is_lead: { roles: [{ has: ["lead"], lacks: [] }] },
      no_lead: { roles: [{ has: [], lacks: ["lead"] }] },
    };
    const statement = (name: string) => requires([name], there);
    const grants = { a: { path: "/refunds/{id}", verbs: ["POST"], roles: ["customer"], when: ["is_lead"] } };
    expect(breachOf({ grants, conditions: asks }, statement("is_lead"))).toBe(undefined);
    const free = { a: { ...grants.a, when: [] } };
    expect(breachOf({ grants: free, conditions: asks }, statement("is_lead"))).toBe(
      "group Customers POST /refunds/{} (allow) a",
    );
    expect(breachOf({ grants: free, conditions: asks }, statement("no_lead"))).toMatch("group Leads POST");
  });

  it("is judged by what the condition asks for also if no rule names it", () => {
    const grants = { a: { path: "/refunds/{id}", verbs: ["POST"], roles: ["lead"] } };
    const judgedFor = (role: string) => {
      const { conditions: facts } = toAccessPolicyOf({
        conditions: { is_one: { roles: [{ has: [role], lacks: [] }] } },
      });
      const invariants = [{ name: "it", title: undefined, statement: requires(["is_one"], there) }];
      const judged = judgeInvariants(toAccessPolicyOf({ grants }), invariants, facts);
      return judged.ok && judged.value[0]?.breach === undefined;
    };
    expect(judgedFor("lead")).toBe(true);
    expect(judgedFor("robot")).toBe(false);
  });
});

describe("APIs", () => {
  const grants = { a: { path: "/admin/x", roles: ["customer"], api: ["billing"] } };
  it("an invariant is about all APIs, or about those that it names", () => {
    const named = (apis: readonly string[]) => judge({ grants }, never(CUSTOMERS, on("/admin/{x+}", ["ANY"], apis)));
    expect(named([]).breach?.request).toEqual({ verb: "GET", path: "/admin/x", api: "billing" });
    expect(named(["billing"]).breach?.request?.api).toBe("billing");
    expect(named(["orders"]).breach).toBe(undefined);
  });

  it("what is granted on one API is not always allowed", () => {
    const statement = (apis: readonly string[]) => always(CUSTOMERS, on("/admin/x", ["GET"], apis));
    expect(breachOf({ grants }, statement([]))).toBe("group Customers GET /admin/x (none)");
    expect(breachOf({ grants }, statement(["billing"]))).toBe(undefined);
  });
});

describe("an invariant that holds of nothing", () => {
  const grants = { a: { path: "/admin/x" } };
  const idle = (statement: InvariantStatement) => judge({ grants }, statement).idle;

  it("says which group, scope or value no role comes by", () => {
    expect(idle(never({ groups: ["Custommers", "Customers"] }, ADMIN_AREA))).toEqual([
      "no role comes by group Custommers",
    ]);
    expect(idle(never({ scopes: ["orders/write"], claims: [["custom:department", "audit"]] }, ADMIN_AREA))).toEqual([
      "no role comes by scope orders/write",
      "no role comes by claim custom:department=audit",
    ]);
    expect(idle(never({ groups: ["Customers"], issuers: ["shop"] }, ADMIN_AREA))).toEqual([
      "no role is tied to the issuer shop",
    ]);
    expect(idle(never({ groups: ["Customers"] }, ADMIN_AREA))).toEqual([]);
  });

  it("says that nothing is granted in its region", () => {
    expect(idle(only({ roles: ["admin"] }, on("/adm/{x+}")))).toEqual([
      "no grant or public rule is about these requests",
    ]);
    expect(idle(only({ roles: ["admin"] }, on("/admin/{x+}", ["PUT"])))).toEqual([
      "no grant or public rule is about these requests",
    ]);
    expect(idle(only({ roles: ["admin"] }, on("/{x+}")))).toEqual([]);
  });
});

it("roles are shown with who holds them", () => {
  const { holders } = judge({}, never({ roles: ["authenticated", "customer"] }, ADMIN_AREA));
  expect(Object.entries(holders).map(([role, whos]) => [role, whos.map(formatWho)])).toEqual([
    ["authenticated", ["authenticated"]],
    ["customer", ["group Customers", "group Leads"]],
  ]);
});
