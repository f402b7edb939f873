import { expect, test } from "vitest";
import { createBudget } from "../../../../analysis/access/budget.ts";
import { toAccessLines } from "../../../../analysis/access/lines.ts";
import { formatAccessLock } from "../../../../analysis/access/lock.ts";
import { toLockPolicy } from "../../../../analysis/access/lock-policy.ts";
import { toWrittenPolicy, type WrittenPolicy } from "../../../support/access-policies.ts";

/** Writes the access of a policy, without the header and the lines of conditions. */
function linesOf(written: WrittenPolicy): readonly string[] {
  const lines = toAccessLines(toWrittenPolicy(written));
  if (!lines.ok) throw new Error(lines.error.code);
  const text = formatAccessLock({ lines: lines.value, conditions: {} });
  return text.split("\n").slice(1, -1);
}

const ADMINS = { groups: { Admins: ["admin"], Staff: ["staff"] } };

const CASES: Readonly<Record<string, { readonly policy: WrittenPolicy; readonly lines: readonly string[] }>> = {
  "a denial with a condition splits a grant into the part under the condition and the rest": {
    policy: {
      ...ADMINS,
      grants: { all: { on: "ANY /admin/{p+}", roles: ["admin"] } },
      denials: { ledger: { on: "PUT /admin/ledger/{p+}", unless: ["office"] } },
    },
    lines: [
      "allow | group Admins | DELETE,GET,HEAD,OPTIONS,PATCH,POST | /admin/{+}",
      "allow | group Admins | PUT | /admin/ledger/{+} | when office",
      "allow | group Admins | PUT | /admin/{+} except /admin/ledger/{+}",
      "deny | everyone | PUT | /admin/ledger/{+} | unless office",
    ],
  },
  "the conditions of two denials on one path are both asked for": {
    policy: {
      grants: { all: { on: "GET /{a}/{b}" } },
      denials: { one: { on: "GET /x/{b}", unless: ["first"] }, two: { on: "GET /{a}/y", unless: ["second"] } },
    },
    lines: [
      "allow | authenticated | GET | /x/y | when first + second",
      "allow | authenticated | GET | /x/{} except /x/y | when first",
      "allow | authenticated | GET | /{}/y except /x/y | when second",
      "allow | authenticated | GET | /{}/{} except /x/{}, /{}/y",
      "deny | everyone | GET | /x/{} | unless first",
      "deny | everyone | GET | /{}/y | unless second",
    ],
  },
  "a greedy parameter written by lengths is one template": {
    policy: {
      grants: { one: { on: "GET /a/{x}" }, two: { on: "GET /a/{x}/{y}" }, more: { on: "GET /a/{x}/{y}/{z+}" } },
    },
    lines: ["allow | authenticated | GET | /a/{+}"],
  },
  "a greedy parameter that lacks a length begins behind it": {
    policy: { grants: { all: { on: "GET /a/{x+}" } }, denials: { one: { on: "GET /a/{x}" } } },
    lines: ["allow | authenticated | GET | /a/{}/{+}", "deny | everyone | GET | /a/{}"],
  },
  "the root is matched by no greedy parameter": {
    policy: { grants: { all: { on: "GET /{x+}" }, root: { on: "GET /" } } },
    lines: ["allow | authenticated | GET | /", "allow | authenticated | GET | /{+}"],
  },
  "a grant that another one implies has no line": {
    policy: {
      ...ADMINS,
      grants: {
        wide: { on: "GET /a/{x}" },
        narrow: { on: "GET /a/b", when: ["office"] },
        ofRole: { on: "GET /a/{x}", roles: ["admin"] },
      },
    },
    lines: ["allow | authenticated | GET | /a/{}"],
  },
  "a denial for a role is a line of those who hold it": {
    policy: { ...ADMINS, grants: { all: { on: "GET /a" } }, denials: { staff: { on: "GET /a", roles: ["staff"] } } },
    lines: ["allow | authenticated | GET | /a", "deny | group Staff | GET | /a"],
  },
  "a condition that asks for roles is a who": {
    policy: {
      ...ADMINS,
      grants: { both: { on: "GET /a", roles: ["staff"], when: ["is_admin"] } },
      conditions: { is_admin: { roles: [{ has: ["admin"], lacks: [] }] } },
    },
    lines: ["allow | group Admins + group Staff | GET | /a"],
  },
  "a role that must not be held is a term": {
    policy: {
      ...ADMINS,
      grants: { one: { on: "GET /a", roles: ["admin"], when: ["no_staff"] } },
      conditions: { no_staff: { roles: [{ has: [], lacks: ["staff"] }] } },
    },
    lines: ['allow | group Admins | GET | /a | when "not group Staff"'],
  },
  "a denial that yields to a role has a line for each who": {
    policy: {
      ...ADMINS,
      grants: { one: { on: "GET /a" } },
      denials: { all: { on: "GET /a", unless: ["is_admin"] } },
      conditions: { is_admin: { roles: [{ has: ["admin"], lacks: [] }] } },
    },
    lines: ["allow | group Admins | GET | /a", 'deny | everyone | GET | /a | unless "group Admins"'],
  },
  "one condition at two places of the path is two instances": {
    policy: {
      grants: { one: { on: "GET /a/{x}", when: ["mine"] }, two: { on: "GET /{x}/b", when: ["mine"] } },
      conditions: { mine: { params: ["x"] } },
    },
    lines: ["allow | authenticated | GET | /a/{} | when mine(1)", "allow | authenticated | GET | /{}/b | when mine(0)"],
  },
  "a role of one issuer is held by its tokens": {
    policy: { issuers: { staff: { Admins: ["admin"] } }, grants: { one: { on: "GET /a", roles: ["admin"] } } },
    lines: ["allow | group Admins@staff | GET | /a"],
  },
  "a scope includes what every machine may": {
    policy: {
      kinds: { machine: ["robot"] },
      scopes: { "a/x": ["writer"] },
      grants: { one: { on: "GET /a", roles: ["robot"] }, two: { on: "GET,PUT /a", roles: ["robot", "writer"] } },
    },
    lines: ["allow | kind machine | GET,PUT | /a"],
  },
  "a grant for one API says so, and what all have is said once": {
    policy: {
      grants: { one: { on: "GET /a", api: ["orders"] }, two: { on: "PUT /a" } },
      denials: { one: { on: "PUT /a", api: ["billing"] } },
    },
    lines: [
      "allow | authenticated | GET | /a | api orders",
      "allow | authenticated | PUT | /a | api not billing",
      "deny | everyone | PUT | /a | api billing",
    ],
  },
  "a public rule is everybody's": {
    policy: { public: ["GET /health", "HEAD /health"] },
    lines: ["public | everyone | GET,HEAD | /health"],
  },
  "a claim that must equal a segment gives its role where they are equal": {
    policy: {
      claims: { dep: { Audit: ["auditor"] } },
      grants: { one: { on: "GET /{x}", roles: ["auditor"], where: { x: "dep" } } },
    },
    lines: ["allow | claim dep=Audit | GET | /Audit | own 0=dep"],
  },
};

const EDITORS: WrittenPolicy = {
  groups: { Admins: ["admin"], Editors: ["editor"], Staff: ["staff"] },
  grants: { all: { on: "GET /{p+}" } },
  conditions: {
    is_admin: { roles: [{ has: ["admin"], lacks: [] }] },
    is_editor: { roles: [{ has: ["editor"], lacks: [] }] },
    is_both: { roles: [{ has: ["admin", "editor"], lacks: [] }] },
    is_either: {
      roles: [
        { has: ["admin"], lacks: [] },
        { has: ["editor"], lacks: [] },
      ],
    },
    is_only_admin: { roles: [{ has: ["admin"], lacks: ["staff"] }] },
    is_both_or_only_staff: {
      roles: [
        { has: ["admin", "editor"], lacks: [] },
        { has: ["staff"], lacks: ["admin"] },
      ],
    },
  },
};

type Denials = NonNullable<WrittenPolicy["denials"]>;

/** Denials of the same requests, written in two ways, and the lines that they have. */
const SAME_DENIALS: Readonly<Record<string, readonly [Denials, Denials, readonly string[]]>> = {
  "what lifts a denial has no effect if those whom it lifts are denied anyway": [
    { one: { on: "GET /a", unless: ["is_admin"] }, two: { on: "GET /a", roles: ["admin"] } },
    { one: { on: "GET /a" } },
    ["deny | everyone | GET | /a"],
  ],
  "two roles are asked for by one denial or by two": [
    { one: { on: "GET /a", unless: ["is_admin"] }, two: { on: "GET /a", unless: ["is_editor"] } },
    { one: { on: "GET /a", unless: ["is_both"] } },
    ['deny | everyone | GET | /a | unless "group Admins + group Editors"'],
  ],
  "a condition of those whom a role lifts is a condition of all": [
    { one: { on: "GET /a", unless: ["is_admin"] }, two: { on: "GET /a", roles: ["admin"], unless: ["office"] } },
    { one: { on: "GET /a", unless: ["is_admin", "office"] } },
    ['deny | everyone | GET | /a | unless "group Admins" + office'],
  ],
  "a role that must not be held is a denial for the role": [
    { one: { on: "GET /a", unless: ["is_only_admin"] } },
    { one: { on: "GET /a", unless: ["is_admin"] }, two: { on: "GET /a", roles: ["staff"] } },
    ['deny | everyone | GET | /a | unless "group Admins"', "deny | group Staff | GET | /a"],
  ],
  "either of two roles lifts it, under a condition of each": [
    {
      one: { on: "GET /a", unless: ["is_either"] },
      two: { on: "GET /a", roles: ["admin"], unless: ["office"] },
      three: { on: "GET /a", roles: ["editor"], unless: ["office"] },
    },
    { one: { on: "GET /a", unless: ["is_either", "office"] } },
    ['deny | everyone | GET | /a | unless "group Admins or group Editors" + office'],
  ],
  "where denials meet, one of them a second time changes nothing": [
    { one: { on: "GET /a", unless: ["is_editor"] }, two: { on: "GET /{x}", unless: ["is_both_or_only_staff"] } },
    {
      one: { on: "GET /a", unless: ["is_editor"] },
      two: { on: "GET /{x}", unless: ["is_both_or_only_staff"] },
      three: { on: "GET /a", unless: ["is_both_or_only_staff"] },
    },
    [
      'deny | everyone | GET | /a | unless "group Admins + group Editors or group Editors + group Staff"',
      'deny | everyone | GET | /{} | unless "group Admins + group Editors or group Staff"',
      'deny | group Admins | GET | /{} | unless "group Editors"',
    ],
  ],
  "where denials meet, a further one for everybody there changes nothing": [
    { one: { on: "GET /{x}/b", unless: ["is_admin"] }, two: { on: "GET /a/{y}", roles: ["admin"] } },
    {
      one: { on: "GET /{x}/b", unless: ["is_admin"] },
      two: { on: "GET /a/{y}", roles: ["admin"] },
      three: { on: "GET /a/b" },
    },
    [
      "deny | everyone | GET | /a/b",
      'deny | everyone | GET | /{}/b | unless "group Admins"',
      "deny | group Admins | GET | /a/{}",
    ],
  ],
  "where denials meet, one for both roles there changes nothing": [
    { one: { on: "GET /{x}/b", unless: ["is_admin"] }, two: { on: "GET /a/{y}", unless: ["is_editor"] } },
    {
      one: { on: "GET /{x}/b", unless: ["is_admin"] },
      two: { on: "GET /a/{y}", unless: ["is_editor"] },
      three: { on: "GET /a/b", unless: ["is_both"] },
    },
    [
      'deny | everyone | GET | /a/b | unless "group Admins + group Editors"',
      'deny | everyone | GET | /a/{} | unless "group Editors"',
      'deny | everyone | GET | /{}/b | unless "group Admins"',
    ],
  ],
};

test.each(Object.entries(SAME_DENIALS))("%s", (_, [first, second, lines]) => {
  const [one, other] = [first, second].map((denials) => linesOf({ ...EDITORS, denials }));
  expect(one?.filter((line) => line.startsWith("deny"))).toEqual(lines);
  expect(other).toEqual(one);
});

test.each(Object.entries(SAME_DENIALS))("a policy made of the lock gives the lock again: %s", (_, [first]) => {
  const lines = toAccessLines(toWrittenPolicy({ ...EDITORS, denials: first }));
  if (!lines.ok) throw new Error(lines.error.code);
  const conditions = { office: { digest: "office", text: "office" } };
  const made = toAccessLines(toLockPolicy({ lines: lines.value, conditions }));
  if (!made.ok) throw new Error(made.error.code);
  const [text, again] = [lines.value, made.value].map((list) => formatAccessLock({ lines: list, conditions }));
  expect(again).toBe(text);
});

test("a line that asks one condition of two parameters asks both in a policy made of the lock", () => {
  const written: WrittenPolicy = {
    grants: { one: { on: "GET /{x}/{y}", when: ["assigned"] } },
    denials: { other: { on: "GET /{y}/{x}", unless: ["assigned"] } },
    conditions: { assigned: { params: ["x"] } },
  };
  const lines = toAccessLines(toWrittenPolicy(written));
  if (!lines.ok) throw new Error(lines.error.code);
  const made = toLockPolicy({ lines: lines.value, conditions: { assigned: { digest: "assigned", text: "assigned" } } });
  const expected = [
    "allow | authenticated | GET | /{}/{} | when assigned(0) + assigned(1)",
    "deny | everyone | GET | /{}/{} | unless assigned(1)",
  ];
  const again = toAccessLines(made);
  expect(linesOf(written)).toEqual(expected);
  expect(again.ok && formatAccessLock({ lines: again.value, conditions: {} }).split("\n").slice(1, -1)).toEqual(
    expected,
  );
});

test("denials of whoever has several things stay those in a policy made of the lock", () => {
  const written = { ...EDITORS, denials: { one: { on: "GET /a", roles: ["admin"], unless: ["is_only_admin"] } } };
  const lines = toAccessLines(toWrittenPolicy(written));
  if (!lines.ok) throw new Error(lines.error.code);
  const made = toAccessLines(toLockPolicy({ lines: lines.value, conditions: {} }));
  if (!made.ok) throw new Error(made.error.code);
  const [text, again] = [lines.value, made.value].map((list) => formatAccessLock({ lines: list, conditions: {} }));
  expect(linesOf(written)).toContain("deny | group Admins + group Staff | GET | /a");
  expect(again).toBe(text);
});

const CLAIM_IN_PATH: WrittenPolicy = {
  claims: { dep: { Audit: ["auditor"] } },
  grants: { own: { on: "GET /a/{x}/{y}", where: { x: "dep" } } },
  denials: {
    all: { on: "GET /a/{x}/{y}", unless: ["office"] },
    auditors: { on: "GET /a/{x}/list", roles: ["auditor"], unless: ["recent"] },
  },
};

/** Denials of which each names another segment of the path, so that any of them meet. */
function toMeeting(count: number, unless: (at: number) => readonly string[]): WrittenPolicy {
  const denials = Array.from({ length: count }, (_, at) => {
    const segments = Array.from({ length: count }, (_, position) => (position === at ? "x" : `{p${position}}`));
    return [`meeting${at}`, { on: `GET /${segments.join("/")}`, unless: unless(at) }] as const;
  });
  return { grants: { all: { on: "GET /{p+}" } }, denials: Object.fromEntries(denials) };
}

test("a denial that adds nothing changes no line, also where a claim gives a role by a segment", () => {
  const { denials } = CLAIM_IN_PATH;
  const redundant = { ...CLAIM_IN_PATH, denials: { ...denials, more: { on: "GET /a/{x}/list", unless: ["office"] } } };
  expect(linesOf(redundant)).toEqual(linesOf(CLAIM_IN_PATH));
  expect(linesOf(CLAIM_IN_PATH)).toContain(
    "allow | authenticated | GET | /a/Audit/list | own 1=dep | when office + recent",
  );
});

test("denials that meet under one condition have a line each, and no line for their meets", () => {
  expect(linesOf(toMeeting(30, () => ["office"]))).toHaveLength(61);
});

test("denials that meet under a condition each have a line for each of their meets", () => {
  expect(linesOf(toMeeting(5, (at) => [`condition${at}`]))).toHaveLength(2 ** 5 + 5);
});

test("more meets than can be looked at are refused, by the names of the rules", () => {
  const lines = toAccessLines(toWrittenPolicy(toMeeting(30, (at) => [`condition${at}`])), createBudget(20_000));
  expect(lines).toMatchObject({ ok: false, error: { code: "too_many_tests" } });
  expect(lines.ok ? [] : lines.error.rules).toContain("all");
});

test.each(Object.entries(CASES))("%s", (_, { policy, lines }) => {
  expect(linesOf(policy)).toEqual(lines);
});

test("what equals a claim's value in the path is that of whoever has the value, whatever else gives the role", () => {
  const linesFor = (roles: readonly string[]) =>
    linesOf({
      scopes: { reports: ["reporter"] },
      claims: { dep: { Audit: ["auditor"] } },
      grants: { own: { on: "GET /{x}/a", roles, where: { x: "dep" }, when: ["is_auditor"] } },
      conditions: { is_auditor: { roles: [{ has: ["auditor"], lacks: [] }] } },
    });
  expect(linesFor(["auditor"])).toEqual(["allow | claim dep=Audit | GET | /Audit/a | own 0=dep"]);
  expect(linesFor(["auditor", "reporter"])).toEqual(linesFor(["auditor"]));
});

test("where two segments equal one claim, a denial that adds nothing at one of them is no exception", () => {
  const linesFor = (denials: Denials) =>
    linesOf({ grants: { own: { on: "GET /{x}/{y}", where: { x: "id", y: "id" } } }, denials });
  const wide: Denials = { wide: { on: "GET /{x+}", unless: ["office"] } };
  expect(linesFor(wide)).toEqual([
    "allow | authenticated | GET | /{}/{} | own 0=id + 1=id | when office",
    "deny | everyone | GET | /{+} | unless office",
  ]);
  expect(linesFor({ ...wide, narrow: { on: "GET /a/{y}", unless: ["office"] } })).toEqual(linesFor(wide));
  // One that nothing lifts leaves out the path at which both have the segment.
  expect(linesFor({ ...wide, narrow: { on: "GET /a/{y}" } })).toContain(
    "allow | authenticated | GET | /{}/{} except /a/a | own 0=id + 1=id | when office",
  );
});

test.each<[name: string, issuers: NonNullable<WrittenPolicy["issuers"]>, unless: readonly string[]]>([
  ["gives a role that is denied", { staff: { Editors: ["guest"], Guests: ["guest"] } }, []],
  ["gives a role that another one lifts", { staff: { Guests: ["guest"] } }, ["is_editor"]],
])("where denials meet and an issuer %s, one of them a second time changes nothing", (_, issuers, unless) => {
  const linesFor = (more: Denials) =>
    linesOf({
      groups: { Admins: ["admin"], Editors: ["editor"] },
      issuers,
      denials: {
        guests: { on: "GET /a/{y}", roles: ["guest"], unless },
        wide: { on: "GET /{x}/{y}", unless: ["is_both_or_only_guest"] },
        ...more,
      },
      conditions: {
        is_editor: { roles: [{ has: ["editor"], lacks: [] }] },
        is_both_or_only_guest: {
          roles: [
            { has: ["admin", "editor"], lacks: [] },
            { has: ["guest"], lacks: ["admin"] },
          ],
        },
      },
    });
  expect(linesFor({ again: { on: "GET /a/{y}", unless: ["is_both_or_only_guest"] } })).toEqual(linesFor({}));
});

test("what must not be held besides is asked of those only who can hold it", () => {
  const policy: WrittenPolicy = {
    groups: { Readers: ["reader"] },
    issuers: { staff: { Guests: ["guest"] }, partner: { Buyers: ["reader"] } },
    grants: { all: { on: "GET /a", roles: ["reader"], when: ["is_no_guest"] } },
    conditions: { is_no_guest: { roles: [{ has: [], lacks: ["guest"] }] } },
  };
  expect(linesOf(policy)).toEqual([
    "allow | group Buyers@partner | GET | /a",
    'allow | group Readers | GET | /a | when "not group Guests@staff"',
  ]);
});

test("a principal of another issuer has no line for what everybody but some of the first issuer may do", () => {
  const linesFor = (partners: Readonly<Record<string, readonly string[]>>) =>
    linesOf({
      issuers: { staff: { Guests: ["guest"] }, partner: partners },
      grants: { all: { on: "GET /a", when: ["is_no_guest"] } },
      conditions: { is_no_guest: { roles: [{ has: [], lacks: ["guest"] }] } },
    });
  expect(linesFor({})).toEqual(['allow | authenticated | GET | /a | when "not group Guests@staff"']);
  expect(linesFor({ Buyers: ["buyer"] })).toEqual(linesFor({}));
});

test("whoever lifts a denial is of the issuer of which others that lift it are", () => {
  const lines = linesOf({
    groups: { Auditors: ["auditor"], Guests: ["guest"], Leads: ["guest", "auditor"] },
    issuers: { staff: { Guests: ["employee"], Leads: ["employee"] } },
    grants: { all: { on: "GET /{x+}" } },
    denials: { guests: { on: "GET /a", roles: ["guest"], unless: ["is_employee", "is_auditor"] } },
    conditions: {
      is_employee: { roles: [{ has: ["employee"], lacks: [] }] },
      is_auditor: { roles: [{ has: ["auditor"], lacks: [] }] },
    },
  });
  expect(lines).toContain('deny | group Guests | GET | /a | unless "group Auditors@staff or group Leads@staff"');
});

test("what cancels a condition is named once, whatever else whoever holds it may hold", () => {
  const linesFor = (issuers: NonNullable<WrittenPolicy["issuers"]>) =>
    linesOf({
      groups: { Guests: ["guest"] },
      issuers,
      grants: { all: { on: "GET /a", when: ["is_no_guest"] } },
      conditions: { is_no_guest: { roles: [{ has: [], lacks: ["guest"] }] } },
    });
  expect(linesFor({})).toEqual(['allow | authenticated | GET | /a | when "not group Guests"']);
  expect(linesFor({ staff: { Guests: ["visitor", "guest"] } })).toEqual(linesFor({}));
});

const NO_GUEST = { no_guest: { roles: [{ has: [], lacks: ["guest"] }] } };
const ROLES = { groups: { Guests: ["guest"], Leads: ["lead"], Staff: ["staff"] } };

test("that a role must not be held is not said where whoever holds it is allowed the same", () => {
  const linesFor = (when: readonly string[]) =>
    linesOf({
      ...ROLES,
      grants: {
        staff: { on: "GET /{x}", roles: ["staff"], when },
        guests: { on: "GET /{x}", roles: ["guest"] },
        narrow: { on: "GET /a/{x}", roles: ["staff"], when },
        wide: { on: "GET /{x}/{y}", roles: ["guest"] },
      },
      conditions: NO_GUEST,
    });
  expect(linesFor(["no_guest"])).toEqual(linesFor([]));
  expect(linesFor([])).toContain("allow | group Staff | GET | /{}");
});

test("that a role must not be held is said of whoever holds another one besides, if both take it away", () => {
  const lines = linesOf({
    ...ROLES,
    grants: {
      staff: { on: "GET /a", roles: ["staff"], when: ["no_guest"] },
      guests: { on: "GET /a", roles: ["guest"], when: ["no_lead"] },
    },
    conditions: { ...NO_GUEST, no_lead: { roles: [{ has: [], lacks: ["lead"] }] } },
  });
  expect(lines).toEqual([
    'allow | group Guests | GET | /a | when "not group Leads"',
    'allow | group Staff | GET | /a | when "not group Guests or not group Leads"',
  ]);
});

test("under the condition of whoever must not be held, it is not said", () => {
  const linesFor = (more: NonNullable<WrittenPolicy["grants"]>) =>
    linesOf({
      ...ROLES,
      grants: {
        staff: { on: "GET /a", roles: ["staff"], when: ["no_guest"] },
        guests: { on: "GET /a", roles: ["guest"], when: ["office"] },
        ...more,
      },
      conditions: NO_GUEST,
    });
  expect(linesFor({ more: { on: "GET /a", roles: ["staff"], when: ["office"] } })).toEqual(linesFor({}));
  expect(linesFor({})).toEqual([
    "allow | group Guests | GET | /a | when office",
    'allow | group Staff | GET | /a | when "not group Guests"',
    "allow | group Staff | GET | /a | when office",
  ]);
});

test("that a role must not be held is not said where a denial is for it anyway", () => {
  const linesFor = (when: readonly string[]) =>
    linesOf({
      ...ROLES,
      grants: { all: { on: "GET /a/{x}", when } },
      denials: { guests: { on: "GET /{x+}", roles: ["guest"] } },
      conditions: NO_GUEST,
    });
  expect(linesFor(["no_guest"])).toEqual(linesFor([]));
  expect(linesFor([])).toEqual(["allow | authenticated | GET | /a/{}", "deny | group Guests | GET | /{+}"]);
});

const LONG = { wide: { on: "GET /{x}/{y}/{z+}", unless: ["office"] } };

const NOT_BOTH = {
  not_both: {
    roles: [
      { has: [], lacks: ["guest"] },
      { has: [], lacks: ["staff"] },
    ],
  },
};

const ADMINS_AND_MACHINES = {
  all: { on: "GET /a", unless: ["is_admin_or_writer"] },
  admins: { on: "GET /a", roles: ["admin"], unless: ["office"] },
};

const LIFTED: WrittenPolicy = {
  groups: { Admins: ["admin"] },
  scopes: { write: ["writer"] },
  kinds: { user: ["person"] },
  conditions: {
    is_admin_or_writer: {
      roles: [
        { has: ["admin"], lacks: [] },
        { has: ["writer"], lacks: [] },
      ],
    },
  },
};

interface Same {
  readonly one: WrittenPolicy;
  readonly other: WrittenPolicy;
  readonly lines: readonly string[];
}

const SELLERS_NO_GUESTS: WrittenPolicy = {
  groups: { Guests: ["guest"], Sellers: ["seller"], Staff: ["staff"] },
  denials: { sellers: { on: "GET /a", roles: ["seller"], unless: ["no_guest"] } },
  conditions: { ...NO_GUEST, is_seller: { roles: [{ has: ["seller"], lacks: [] }] } },
};

const OWNERS_AUDITED: WrittenPolicy = {
  issuers: { other: { Readers: ["reader"] }, partner: { Readers: ["reader"] } },
  issuerClaims: { partner: { dep: { Audit: ["audited"] } } },
  grants: { own: { on: "GET /{x}", roles: ["reader"], where: { x: "dep" } } },
  denials: { audited: { on: "GET /{x}", roles: ["audited"] } },
};

const SAME_REGIONS: Readonly<Record<string, Same>> = {
  "an issuer's claim that denies whoever owns the path is left out of the line of that issuer alone": {
    one: OWNERS_AUDITED,
    other: { ...OWNERS_AUDITED, groups: { Readers: ["another"] } },
    lines: [
      "allow | group Readers@other | GET | /{} | own 0=dep",
      "allow | group Readers@partner | GET | /{} except /Audit | own 0=dep",
      "deny | claim dep=Audit@partner | GET | /{}",
    ],
  },
  "what is denied at each length is denied from the shortest on, whichever rule denies it": {
    one: { denials: { narrow: { on: "GET /a/{x}" }, wide: { on: "GET /{x}/{y}/{z+}" } } },
    other: { denials: { narrow: { on: "GET /a/{x+}" }, wide: { on: "GET /{x}/{y}/{z+}" } } },
    lines: ["deny | everyone | GET | /a/{+}", "deny | everyone | GET | /{}/{}/{+}"],
  },
  "what is said of longer paths is not said of a shorter one, of which more is said": {
    one: { denials: { ...LONG, short: { on: "GET /a/{x}" } } },
    other: { denials: { ...LONG, short: { on: "GET /a/{x}" }, again: { on: "GET /a/{x+}", unless: ["office"] } } },
    lines: ["deny | everyone | GET | /a/{}", "deny | everyone | GET | /{}/{}/{+} | unless office"],
  },
  "what a role may do on longer paths does not begin where everybody may do it": {
    one: { ...ADMINS, grants: { all: { on: "GET /a/{x}" }, wide: { on: "GET /{x}/{y}/{z+}", roles: ["admin"] } } },
    other: {
      ...ADMINS,
      grants: {
        all: { on: "GET /a/{x}" },
        wide: { on: "GET /{x}/{y}/{z+}", roles: ["admin"] },
        narrow: { on: "GET /a/{x}/{z+}", roles: ["admin"] },
      },
    },
    lines: ["allow | authenticated | GET | /a/{}", "allow | group Admins | GET | /{}/{}/{+}"],
  },
  "a claim that the path has makes a principal, who has a line already": {
    one: {
      kinds: { user: ["person"] },
      claims: { dep: { Audit: ["auditor"] } },
      grants: { all: { on: "GET /{x+}", roles: ["person"], when: ["is_auditor"] } },
      conditions: { is_auditor: { roles: [{ has: ["auditor"], lacks: [] }] } },
    },
    other: {
      kinds: { user: ["person"] },
      claims: { dep: { Audit: ["auditor"] } },
      grants: {
        all: { on: "GET /{x+}", roles: ["person"], when: ["is_auditor"] },
        own: { on: "GET /{x}/{y+}", roles: ["person"], where: { x: "dep" }, when: ["is_auditor"] },
      },
      conditions: { is_auditor: { roles: [{ has: ["auditor"], lacks: [] }] } },
    },
    lines: ["allow | claim dep=Audit + kind user | GET | /{+}"],
  },
  "whoever is allowed by two grants in turn is named": {
    one: {
      issuers: { partner: { Guests: ["guest"], Readers: ["reader"] } },
      grants: { all: { on: "GET /a", when: ["no_guest"] }, readers: { on: "GET /{x}", roles: ["reader"] } },
      conditions: NO_GUEST,
    },
    other: {
      groups: { Readers: ["other"] },
      issuers: { partner: { Guests: ["guest"], Readers: ["reader"] } },
      grants: { all: { on: "GET /a", when: ["no_guest"] }, readers: { on: "GET /{x}", roles: ["reader"] } },
      conditions: NO_GUEST,
    },
    lines: [
      'allow | authenticated | GET | /a | when "not group Guests@partner"',
      "allow | group Readers | GET | /a",
      "allow | group Readers@partner | GET | /{}",
    ],
  },
  "what all tokens of an issuer have is told of those who lose what everybody has": {
    one: {
      groups: { Guests: ["guest"] },
      issuers: { partner: { Guests: ["reader"] } },
      grants: { all: { on: "GET /a", when: ["no_guest"] }, readers: { on: "GET /a", roles: ["reader"] } },
      conditions: NO_GUEST,
    },
    other: {
      groups: { Guests: ["guest"] },
      issuers: { partner: { Guests: ["reader"], Sellers: ["seller"] } },
      grants: { all: { on: "GET /a", when: ["no_guest"] }, readers: { on: "GET /a", roles: ["reader", "seller"] } },
      conditions: NO_GUEST,
    },
    lines: ['allow | authenticated | GET | /a | when "not group Guests"', "allow | group Guests@partner | GET | /a"],
  },
  "of an issuer whose tokens have all of it, whoever holds two things that take it from everybody is named": {
    one: {
      ...ROLES,
      issuers: { partner: { Guests: ["reader"] } },
      grants: { all: { on: "GET /a", when: ["not_both"] }, readers: { on: "GET /a", roles: ["reader"] } },
      conditions: NOT_BOTH,
    },
    other: {
      ...ROLES,
      issuers: { partner: { Guests: ["reader"], Sellers: ["seller"] } },
      grants: { all: { on: "GET /a", when: ["not_both"] }, readers: { on: "GET /a", roles: ["reader", "seller"] } },
      conditions: NOT_BOTH,
    },
    lines: [
      'allow | authenticated | GET | /a | when "not group Guests or not group Staff"',
      "allow | group Guests@partner + group Staff@partner | GET | /a",
    ],
  },
  "a condition of those whom one of two things lifts is a condition of whoever can't hold the other": {
    one: { ...LIFTED, denials: ADMINS_AND_MACHINES },
    other: {
      ...LIFTED,
      denials: { ...ADMINS_AND_MACHINES, users: { on: "GET /a", roles: ["person"], unless: ["office"] } },
    },
    lines: [
      'deny | everyone | GET | /a | unless "group Admins or scope write"',
      "deny | group Admins | GET | /a | unless office",
      "deny | kind user | GET | /a | unless office",
    ],
  },
  "what is said of a role is said of whoever is denied it with a second one, too": {
    one: {
      ...SELLERS_NO_GUESTS,
      grants: { staff: { on: "GET /a", roles: ["staff"], when: ["no_guest", "office"] } },
    },
    other: {
      ...SELLERS_NO_GUESTS,
      grants: {
        staff: { on: "GET /a", roles: ["staff"], when: ["no_guest", "office"] },
        sellers: { on: "GET /a", roles: ["staff"], when: ["no_guest", "office", "is_seller"] },
      },
    },
    lines: [
      'allow | group Staff | GET | /a | when "not group Guests" + office',
      "deny | group Guests + group Sellers | GET | /a",
    ],
  },
};

test.each(Object.entries(SAME_REGIONS))("%s", (_, { one, other, lines }) => {
  expect(linesOf(one)).toEqual(lines);
  expect(linesOf(other)).toEqual(lines);
});
