import { expect, test } from "vitest";
import { compareAccess } from "../../../../analysis/access/changes.ts";
import { formatWho } from "../../../../analysis/access/who.ts";
import { toWitness, toWitnessFacts } from "../../../../analysis/access/witness.ts";
import { toWrittenPolicy, type WrittenPolicy } from "../../../support/access-policies.ts";

/** Writes the changes of access: `gain | group Admins | GET | /a except /a/b | none -> allow`. */
function changesOf(before: WrittenPolicy, after: WrittenPolicy): readonly string[] {
  const changes = compareAccess(toWrittenPolicy(before), toWrittenPolicy(after));
  if (!changes.ok) throw new Error(changes.error.code);
  return changes.value
    .map(({ kind, who, not, verbs, region, before: old, after: now }) => {
      const except = region.except.length > 0 ? ` except ${region.except.join(", ")}` : "";
      const cancelled = not.length > 0 ? ` | not ${not.map(({ value }) => value).join(", ")}` : "";
      return `${kind} | ${formatWho(who)} | ${verbs.join()} | ${region.path}${except} | ${old} -> ${now}${cancelled}`;
    })
    .sort();
}

test("a claim that a path has in one place is told from another claim that it has in another", () => {
  const grants = {
    own: { on: "GET /{y}/{x}/c", roles: ["reader"], where: { y: "sub", x: "dep" }, when: ["office"] },
    all: { on: "GET /Audit/{y+}", roles: ["reader"], when: ["recent"] },
  };
  const after = { claims: { dep: { Audit: ["reader"] } }, grants };
  expect(changesOf({ kinds: { user: ["reader"] }, grants }, after)).toContain(
    "loss | kind user | GET | /Audit/Audit/c | conditional -> none | not Audit",
  );
});

test("what is gained where two segments equal one claim is gained at the values of another claim, too", () => {
  const grantsFor = (claim: string) => ({
    own: { on: "GET /{x}/{y}", roles: ["reader"], where: { x: claim === "dep" ? "id" : claim, y: claim } },
  });
  const roles = { kinds: { user: ["reader"] }, claims: { dep: { Audit: ["auditor"] } } };
  const changes = changesOf({ ...roles, grants: grantsFor("dep") }, { ...roles, grants: grantsFor("sub") });
  expect(changes.filter((one) => one.startsWith("gain"))).toEqual([
    "gain | kind user | GET | /Audit/Audit | none -> own",
    "gain | kind user | GET | /{}/{} except /{}/Audit | own -> own",
  ]);
});

test("what one role cancels, and another one brings back, is told of whoever holds both", () => {
  const policyFor = (claim: string): WrittenPolicy => ({
    groups: { Guests: ["guest"], Auditors: ["auditor"] },
    grants: { own: { on: "GET /{x}", where: { x: claim } } },
    denials: { guests: { on: "GET /{x+}", roles: ["guest"], unless: ["is_auditor"] } },
    conditions: { is_auditor: { roles: [{ has: ["auditor"], lacks: [] }] } },
  });
  expect(changesOf(policyFor("sub"), policyFor("id")).filter((one) => one.startsWith("loss"))).toEqual([
    "loss | authenticated | GET | /{} | own -> own | not Guests",
    "loss | group Auditors + group Guests | GET | /{} | own -> own",
  ]);
});

test("a denial is told of whoever is not denied by another one, at the paths that both are about", () => {
  const policyFor = (denials: NonNullable<WrittenPolicy["denials"]>): WrittenPolicy => ({
    groups: { Auditors: ["auditor"] },
    denials: { one: { on: "GET /a/{x+}", unless: ["is_auditor"] }, ...denials },
    conditions: { is_auditor: { roles: [{ has: ["auditor"], lacks: [] }] } },
  });
  expect(changesOf(policyFor({}), policyFor({ two: { on: "GET /{x}/b" } }))).toEqual([
    "guard | authenticated | GET | /{}/b except /a/b | none -> denied",
    "guard | group Auditors | GET | /a/b | none -> denied",
  ]);
});

test("where a denial stands, nothing is told of what only the claims before could have", () => {
  const policyFor = (where: Readonly<Record<string, string>>): WrittenPolicy => ({
    grants: { own: { on: "GET /{x}/{y}/{z}", where } },
    denials: { all: { on: "GET /{x}/a/{z+}" } },
  });
  expect(changesOf(policyFor({ x: "id", y: "dep" }), policyFor({ x: "sub", y: "sub" }))).toEqual([
    "gain | authenticated | GET | /{}/{}/{} except /{}/a/{} | own -> own",
    "loss | authenticated | GET | /{}/{}/{} except /{}/a/{} | own -> own",
  ]);
});

test("a denial for a role is told of whoever holds what a grant's condition asks for, too", () => {
  const policyFor = (denials: NonNullable<WrittenPolicy["denials"]>): WrittenPolicy => ({
    groups: { Leads: ["lead"] },
    scopes: { write: ["writer"] },
    issuers: { staff: { Admins: ["admin"] } },
    grants: { one: { on: "GET /a", roles: ["lead"], when: ["is_admin"] } },
    denials,
    conditions: { is_admin: { roles: [{ has: ["admin"], lacks: [] }] } },
  });
  expect(changesOf(policyFor({}), policyFor({ machines: { on: "GET /{x}", roles: ["writer"] } }))).toEqual([
    "guard | scope write | GET | /{} | none -> denied",
    "loss | group Admins@staff + group Leads@staff + scope write@staff | GET | /a | allow -> denied",
  ]);
});

test("what another grant gives to all but some is gained by these where a grant is added", () => {
  const policyFor = (roles: readonly string[]): WrittenPolicy => ({
    groups: { Admins: ["admin"], Guests: ["guest"], Staff: ["staff"] },
    grants: { one: { on: "GET /a/{x}", roles }, all: { on: "GET /{x}/b", when: ["no_guest"] } },
    conditions: { no_guest: { roles: [{ has: [], lacks: ["guest"] }] } },
  });
  expect(changesOf(policyFor(["admin"]), policyFor(["admin", "staff"]))).toEqual([
    "gain | group Guests + group Staff | GET | /a/b | none -> allow | not Admins",
    "gain | group Staff | GET | /a/{} except /a/b | none -> allow | not Admins",
  ]);
});

test("what a role gives that another one has already comes back for whoever is denied it so far", () => {
  const policyFor = (claims: WrittenPolicy["claims"] & object): WrittenPolicy => ({
    groups: { Staff: ["staff"], Temps: ["temp"] },
    claims,
    grants: { one: { on: "GET /{x}", roles: ["staff", "lead"] } },
    denials: { temps: { on: "GET /a", roles: ["temp"], unless: ["is_staff_lead"] } },
    conditions: { is_staff_lead: { roles: [{ has: ["staff", "lead"], lacks: [] }] } },
  });
  expect(changesOf(policyFor({}), policyFor({ dep: { Sales: ["lead"] } }))).toContain(
    "gain | claim dep=Sales + group Staff + group Temps | GET | /a | denied -> allow",
  );
});

test("whoever is denied, and lifted by still another role, has a change that the denial cancels", () => {
  const policyFor = (roles: readonly string[]): WrittenPolicy => ({
    groups: { Auditors: ["auditor"], Leads: ["lead"], Staff: ["staff"] },
    grants: { one: { on: "GET /a", roles } },
    denials: { auditors: { on: "GET /a", roles: ["auditor"], unless: ["is_staff", "office"] } },
    conditions: { is_staff: { roles: [{ has: ["staff"], lacks: [] }] } },
  });
  expect(changesOf(policyFor([]), policyFor(["lead"]))).toEqual([
    "gain | group Auditors + group Leads + group Staff | GET | /a | denied -> conditional",
    "gain | group Leads | GET | /a | none -> allow | not Auditors",
  ]);
});

test("a denial is told of whoever has a grant by the very claim that the path has", () => {
  const policyFor = (denials: NonNullable<WrittenPolicy["denials"]>): WrittenPolicy => ({
    groups: { Temps: ["temp"] },
    claims: { dep: { Audit: ["auditor"] } },
    grants: { own: { on: "GET /a/{x}", roles: ["auditor"], where: { x: "dep" } } },
    denials,
  });
  expect(changesOf(policyFor({}), policyFor({ temps: { on: "GET /{x+}", roles: ["temp"] } }))).toContain(
    "loss | claim dep=Audit + group Temps | GET | /a/Audit | own -> denied",
  );
});

const GROUPS = { groups: { Admins: ["admin"], Staff: ["staff"], Temps: ["temp"] } };
const READ = { one: { on: "GET /a/{x}", roles: ["admin"] } };

interface Case {
  readonly before: WrittenPolicy;
  readonly after: WrittenPolicy;
  readonly changes: readonly string[];
}

const AUDIT = { dep: { Audit: ["auditor"] } };
const OWN = { own: { on: "GET /{x}", roles: ["admin"], where: { x: "dep" } } };

const CASES: Readonly<Record<string, Case>> = {
  "a role that a grant names too": {
    before: { ...GROUPS, grants: READ },
    after: { ...GROUPS, grants: { one: { on: "GET /a/{x}", roles: ["admin", "staff"] } } },
    changes: ["gain | group Staff | GET | /a/{} | none -> allow | not Admins"],
  },
  "a narrower path that was granted before is left out": {
    before: { ...GROUPS, grants: { one: { on: "GET /a/b", roles: ["admin"] } } },
    after: { ...GROUPS, grants: { one: { on: "GET /a/{x+}", roles: ["admin"] } } },
    changes: ["gain | group Admins | GET | /a/{+} except /a/b | none -> allow"],
  },
  "a condition that is dropped": {
    before: { ...GROUPS, grants: { one: { on: "GET /a", roles: ["admin"], when: ["office"] } } },
    after: { ...GROUPS, grants: { one: { on: "GET /a", roles: ["admin"] } } },
    changes: ["gain | group Admins | GET | /a | conditional -> allow"],
  },
  "a condition in place of another lets some in and keeps some out": {
    before: { ...GROUPS, grants: { one: { on: "GET /a", roles: ["admin"], when: ["office"] } } },
    after: { ...GROUPS, grants: { one: { on: "GET /a", roles: ["admin"], when: ["weekday"] } } },
    changes: [
      "gain | group Admins | GET | /a | conditional -> conditional",
      "loss | group Admins | GET | /a | conditional -> conditional",
    ],
  },
  "a condition with another name is the same condition": {
    before: { ...GROUPS, grants: { one: { on: "GET /a", roles: ["admin"], when: ["office"] } } },
    after: {
      ...GROUPS,
      grants: { one: { on: "GET /a", roles: ["admin"], when: ["in_the_office"] } },
      conditions: { in_the_office: { digest: "office" } },
    },
    changes: [],
  },
  "a condition with another text is a change for whoever needs it": {
    before: { ...GROUPS, grants: { one: { on: "GET /a", roles: ["admin"], when: ["office"] } } },
    after: {
      ...GROUPS,
      grants: { one: { on: "GET /a", roles: ["admin"], when: ["office"] } },
      conditions: { office: { digest: "another" } },
    },
    changes: ["condition | group Admins | GET | /a | conditional -> conditional"],
  },
  "two conditions that change places are the same two conditions": {
    before: {
      ...GROUPS,
      grants: { one: { on: "GET /a", roles: ["admin"], when: ["first"] }, two: { on: "GET /b", when: ["second"] } },
    },
    after: {
      ...GROUPS,
      grants: { one: { on: "GET /a", roles: ["admin"], when: ["second"] }, two: { on: "GET /b", when: ["first"] } },
      conditions: { first: { digest: "second" }, second: { digest: "first" } },
    },
    changes: [],
  },
  "a denial for a role that is gone is a gain of whoever holds both": {
    before: { ...GROUPS, grants: READ, denials: { temps: { on: "GET /a/{x}", roles: ["temp"] } } },
    after: { ...GROUPS, grants: READ },
    changes: [
      "gain | group Admins + group Temps | GET | /a/{} | denied -> allow",
      "guard | group Temps | GET | /a/{} | denied -> none",
    ],
  },
  "a denial is a loss of whoever owns a path by a claim that gives a role": {
    before: { ...GROUPS, claims: AUDIT, grants: OWN },
    after: { ...GROUPS, claims: AUDIT, grants: OWN, denials: { temps: { on: "GET /Audit", roles: ["temp"] } } },
    changes: [
      "guard | group Temps | GET | /Audit | none -> denied",
      "loss | claim dep=Audit + group Admins + group Temps | GET | /Audit | own -> denied",
    ],
  },
  "where two segments are the same, a claim that equals one of them equals both": {
    before: {
      claims: AUDIT,
      grants: { both: { on: "GET /{x}/{y}", roles: ["auditor"], where: { x: "dep", y: "dep" } } },
    },
    after: {
      claims: AUDIT,
      grants: {
        both: { on: "GET /{x}/{y}", roles: ["auditor"], where: { x: "dep", y: "dep" } },
        second: { on: "GET /{x}/{y}", roles: ["auditor"], where: { y: "dep" } },
      },
    },
    changes: ["gain | claim dep=Audit | GET | /{}/Audit except /Audit/Audit | none -> own"],
  },
  "a denial in a part of a grant": {
    before: { ...GROUPS, grants: READ },
    after: { ...GROUPS, grants: READ, denials: { one: { on: "ANY /a/b", unless: ["office"] } } },
    changes: [
      "guard | authenticated | ANY | /a/b | none -> denied",
      "loss | group Admins | GET | /a/b | allow -> conditional",
    ],
  },
  "a role that must not be held any more": {
    before: {
      ...GROUPS,
      grants: { one: { on: "GET /a", roles: ["admin"], when: ["no_temp"] } },
      conditions: { no_temp: { roles: [{ has: [], lacks: ["temp"] }] } },
    },
    after: { ...GROUPS, grants: { one: { on: "GET /a", roles: ["admin"] } } },
    changes: ["gain | group Admins + group Temps | GET | /a | none -> allow"],
  },
  "an include gives a group more": {
    before: { ...GROUPS, grants: READ },
    after: { groups: { ...GROUPS.groups, Staff: ["admin", "staff"] }, grants: READ },
    changes: ["gain | group Staff | GET | /a/{} | none -> allow | not Admins"],
  },
  "a role that is tied to an issuer is lost by the tokens of the others": {
    before: { groups: { Admins: ["admin"] }, grants: READ },
    after: { issuers: { staff: { Admins: ["admin"] } }, grants: READ },
    changes: ["loss | group Admins | GET | /a/{} | allow -> none | not Admins"],
  },
  "a route that becomes public": {
    before: { grants: { one: { on: "GET /b" } } },
    after: { grants: { one: { on: "GET /b" } }, public: ["GET /a"] },
    changes: ["public | authenticated | GET | /a | none -> public"],
  },
  "a claim need not equal the path any more": {
    before: { ...GROUPS, grants: { one: { on: "GET /a/{x}", roles: ["admin"], where: { x: "sub" } } } },
    after: { ...GROUPS, grants: READ },
    changes: ["gain | group Admins | GET | /a/{} | own -> allow"],
  },
  "a grant for one more API": {
    before: { ...GROUPS, grants: { one: { on: "GET /a", roles: ["admin"], api: ["orders"] } } },
    after: { ...GROUPS, grants: { one: { on: "GET /a", roles: ["admin"], api: ["billing", "orders"] } } },
    changes: ["gain | group Admins | GET | /a | none -> allow"],
  },
  "a method of ANY": {
    before: { ...GROUPS, grants: { one: { on: "DELETE,GET,HEAD,OPTIONS,PATCH,POST /a", roles: ["admin"] } } },
    after: { ...GROUPS, grants: { one: { on: "ANY /a", roles: ["admin"] } } },
    changes: ["gain | group Admins | PUT | /a | none -> allow"],
  },
};

test.each(Object.entries(CASES))("%s", (_, { before, after, changes }) => {
  expect(changesOf(before, after)).toEqual(changes);
  expect(changesOf(after, after)).toEqual([]);
});

test("a witness has a claim as a list where it must not equal the segment, and as a text where it must", () => {
  const inOffice = { on: "GET /{x}", roles: ["auditor"], when: ["office"] };
  const [own, both] = [
    { claims: AUDIT, grants: { own: { ...OWN.own, roles: ["auditor"] } } },
    { claims: AUDIT, grants: { own: { ...OWN.own, roles: ["auditor"] }, office: inOffice } },
  ];
  const claimsOf = (before: WrittenPolicy, after: WrittenPolicy) => {
    const sides = [toWrittenPolicy(before), toWrittenPolicy(after)] as const;
    const compared = compareAccess(...sides);
    const changes = compared.ok ? compared.value : [];
    const there = changes.filter(({ region }) => region.path === "/Audit");
    return there.map((change) => toWitness(change, toWitnessFacts(...sides)).input.principal?.claims);
  };
  expect(claimsOf(both, own)).toEqual([{ dep: ["Audit"] }]);
  expect(claimsOf({ claims: AUDIT, grants: { other: { on: "GET /b" } } }, own)).toEqual([{ dep: "Audit" }]);
});
