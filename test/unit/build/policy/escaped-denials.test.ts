import { describe, expect, it } from "vitest";
import { decideTokenUse } from "../../../../build/policy/escaped-denials.ts";
import type { UserTokenUse } from "../../../../contract/manifest.ts";
import type { PolicyIndex } from "../../../../contract/policy-index.ts";
import { toRuleIndex } from "../../../support/rule-index.ts";

const ROLES: PolicyIndex["roles"] = {
  groups: { Users: ["user"], Leads: ["lead", "user"], Auditors: ["auditor"] },
  scopes: { "a/read": ["reader"], "a/write": ["writer"] },
  kinds: { user: ["person"], machine: ["robot"] },
  claims: {
    "custom:department": { Audit: ["auditor"] },
    "custom:unit": { Ops: ["ops"] },
    level: { 3: ["level"] },
    username: { root: ["root"] },
  },
  issuers: {},
};

interface Case {
  /** The roles of the denial and of the grant. */
  readonly denial: readonly string[];
  readonly grant: readonly string[];
  readonly without?: readonly ("Auditors" | "custom:department")[];
  readonly path?: string;
  readonly verbs?: readonly string[];
  readonly tokenUse?: UserTokenUse;
}

function decide({ denial, grant, without = [], path = "/x/{id}", verbs = ["GET"], tokenUse }: Case) {
  const left = <Table extends object>(table: Table) =>
    Object.fromEntries(Object.entries(table).filter(([name]) => !without.some((one) => one === name))) as Table;
  const roles = { ...ROLES, groups: left(ROLES.groups), claims: left(ROLES.claims) };
  const index = toRuleIndex(
    { "a.g": { roles: grant, path, verbs } },
    { "a.d": { roles: denial, path: "/x/{rest+}" } },
    roles,
  );
  return decideTokenUse(index, tokenUse, []);
}

/** Lists the messages, whether they refuse the policy or only say which tokens are refused. */
function messagesOf(given: Case): readonly string[] {
  const { problems, notices } = decide(given);
  return [...problems, ...notices].map(({ code, message }) => `${code} ${message}`);
}

it("a principal has all tokens from one issuer, so that another issuer's ways do not escape", () => {
  const nothing = { groups: {}, scopes: {}, kinds: {}, claims: {} };
  const lacked = { ...nothing, claims: { "custom:unit": { Ops: ["ops"] } } };
  const held = { groups: { Users: ["user"] } };
  const escapesWith = (issuer: "staff" | "partner") => {
    const issuers =
      issuer === "staff" ? { staff: { ...lacked, ...held } } : { staff: lacked, partner: { ...nothing, ...held } };
    const roles = { ...nothing, issuers };
    const index = toRuleIndex({ "a.g": { path: "/x/{id}" } }, { "a.d": { roles: ["ops"], path: "/x/{rest+}" } }, roles);
    return decideTokenUse(index, undefined, []).notices.map(({ code }) => code);
  };
  expect([escapesWith("staff"), escapesWith("partner")]).toEqual([["denial.escaped"], []]);
});

describe("a denial for roles", () => {
  it.each<[string, Case, RegExp]>([
    [
      "by an attribute of ID tokens is escaped by an access token with a group",
      { denial: ["auditor"], grant: ["user"], without: ["Auditors"] },
      /^denial\.escaped a\.d: a user whose access token lacks custom:department Audit, .* through a\.g, which group Users gives; .*`token_use: id`/,
    ],
    [
      "is escaped even if a group gives the role, too",
      { denial: ["auditor"], grant: ["user"] },
      /lacks custom:department Audit/,
    ],
    [
      "is escaped through a role that includes the grant's",
      { denial: ["ops"], grant: ["user", "lead"] },
      /lacks custom:unit Ops/,
    ],
    [
      "by an attribute of ID tokens is escaped by an access token, which shows that it is a user's",
      { denial: ["ops"], grant: ["person"] },
      /lacks custom:unit Ops, .* which kind user gives/,
    ],
    [
      "by a scope is escaped by a machine without it",
      { denial: ["reader"], grant: ["robot"] },
      /^denial\.escaped a\.d: a machine that asks for a token without scope a\/read .* which kind machine gives/,
    ],
    ["is escaped by a claim that both tokens may have", { denial: ["ops"], grant: ["level"] }, /which level 3 gives/],
    [
      "by a claim of access tokens is escaped by an ID token",
      { denial: ["root"], grant: ["user"] },
      /^denial\.escaped a\.d: a user whose ID token lacks username root, .*`token_use: access`/,
    ],
    [
      "by a scope is escaped by a machine that asks for another scope",
      { denial: ["reader"], grant: ["writer"] },
      /^denial\.escaped a\.d: a machine that asks for a token without scope a\/read escapes it/,
    ],
    [
      "is escaped by a machine whatever tokens users have",
      { denial: ["reader"], grant: ["writer"], tokenUse: "id" },
      /without scope a\/read/,
    ],
  ])("%s", (_, given, message) => {
    expect(messagesOf(given)).toEqual([expect.stringMatching(message)]);
  });

  it.each<[string, Case]>([
    ["by a group is in both tokens", { denial: ["lead"], grant: ["user"] }],
    [
      "by an attribute is in all tokens if only ID tokens are accepted",
      { denial: ["ops"], grant: ["user"], tokenUse: "id" },
    ],
    [
      "by an attribute is in no token if only access tokens are accepted",
      { denial: ["ops"], grant: ["user"], tokenUse: "access" },
    ],
    [
      "by an attribute is not escaped by another attribute",
      { denial: ["ops"], grant: ["auditor"], without: ["Auditors"] },
    ],
    ["by a kind is in every token of that kind", { denial: ["person", "robot"], grant: ["user", "reader", "level"] }],
    ["by a scope concerns no user", { denial: ["reader"], grant: ["user"] }],
    ["by an attribute concerns no machine", { denial: ["ops"], grant: ["writer"] }],
    ["that the grant's own role includes is not escaped through it", { denial: ["user"], grant: ["lead"] }],
    ["for everybody is not escaped", { denial: [], grant: ["user"] }],
    ["of another path is not escaped", { denial: ["ops"], grant: ["user"], path: "/y/{id}" }],
    ["of other verbs is not escaped", { denial: ["ops"], grant: ["user"], verbs: ["PUT"] }],
  ])("%s", (_, given) => {
    expect(messagesOf(given)).toEqual([]);
  });
});

describe("the kind of token that is accepted of users", () => {
  const AUDITORS: Case = { denial: ["auditor"], grant: ["user"] };
  it.each<[string, Case, UserTokenUse | undefined, number, number]>([
    ["is any, if no denial is escaped", { denial: ["lead"], grant: ["user"] }, undefined, 0, 0],
    ["follows from a denial by an attribute", AUDITORS, "id", 0, 1],
    ["follows from a denial by a claim of access tokens", { denial: ["root"], grant: ["user"] }, "access", 0, 1],
    ["is the one that the policy declares", { ...AUDITORS, tokenUse: "id" }, "id", 0, 0],
    ["can't follow from denials that need both", { denial: ["ops", "root"], grant: ["user"] }, undefined, 2, 0],
    ["does not help against machines", { denial: ["reader"], grant: ["writer"] }, undefined, 1, 0],
  ])("%s", (_, given, expected, problems, notices) => {
    const decided = decide(given);
    expect([decided.tokenUse, decided.problems.length, decided.notices.length]).toEqual([expected, problems, notices]);
  });
});
