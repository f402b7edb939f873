import { describe, expect, it } from "vitest";
import { toPolicyIssuers } from "../../../../build/policy/role-issuers.ts";
import type { IndexedRoles } from "../../../../contract/policy-index.ts";
import { problemsOf } from "../../../support/problem-examples.ts";
import { toRuleIndex } from "../../../support/rule-index.ts";

const NOTHING = { groups: {}, scopes: {}, kinds: {}, claims: {} };
const POOL = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Sample000";

const ROLES: IndexedRoles = {
  groups: { Users: ["user"] },
  scopes: {},
  kinds: {},
  claims: {
    iss: {
      [`https://${POOL}`]: ["member"],
      [`https://issuer-${POOL}`]: ["member"],
      "https://login.example": ["guest"],
    },
  },
  issuers: {
    staff: { ...NOTHING, groups: { Admins: ["admin"], Customers: ["customer"] } },
    partner: { ...NOTHING, groups: { Customers: ["customer"] } },
  },
};

describe("toPolicyIssuers", () => {
  it.each([
    ["a role of one issuer", ["admin"], []],
    ["a role of two issuers", ["customer"], ["area.own"]],
    ["a role that any issuer gives", ["user"], ["area.own"]],
    ["everybody", ["authenticated"], ["area.own"]],
    ["roles of two issuers", ["admin", "member"], ["area.own"]],
    ["a role by both forms of one pool's issuer", ["member"], []],
    ["roles by two issuers themselves", ["member", "guest"], ["area.own"]],
  ])("lists a grant with `where` for %s as it is held", (_, roles, expected) => {
    const index = toRuleIndex({ "area.own": { roles, path: "/users/{id}", where: { id: "sub" } } }, {}, ROLES);
    expect(toPolicyIssuers(index)).toEqual({
      named: ["partner", "staff"],
      of_any: [...expected, "roles.user"],
    });
  });

  it("does not list a grant without `where`, or one that compares the issuer itself", () => {
    const grants = {
      "area.plain": { path: "/a" },
      "area.iss": { path: "/b/{iss}", where: { iss: "iss" } },
    };
    expect(toPolicyIssuers(toRuleIndex(grants, {}, ROLES)).of_any).toEqual(["roles.user"]);
  });
});

it("the manifest names ten of many grants, and has the number of the others", () => {
  const grants = Object.fromEntries(
    Array.from({ length: 30 }, (_, at) => [
      `area.own${at}`,
      { path: `/users${at}/{id}`, where: { id: "sub" }, roles: ["user"] },
    ]),
  );
  const { of_any: ofAny, of_any_more: more } = toPolicyIssuers(toRuleIndex(grants, {}, ROLES));
  expect([ofAny.length, ofAny[0], more]).toEqual([10, "area.own0", 21]);
});

describe("with several declared issuers", () => {
  const TWO = "issuers:\n  staff: [custom:tenant, level]\n  partner: [custom:tenant]\n";
  const ONE = "issuers:\n  staff: [custom:tenant, level]\n";

  async function codesFor(roles: string, grant: string, claims = TWO): Promise<readonly string[]> {
    const problems = await problemsOf({
      "claims.yaml": claims,
      "access/roles.rego": `package access.roles\n\n${roles}\n`,
      "access/home.rego": `package access.home\n\ngrants["it"] := {"verbs": {"GET"}, "path": "/users/{id}", ${grant}}\n`,
    });
    return problems.map(({ code, message }) => `${code} ${message}`);
  }

  it.each([
    ["groups", `r := {"groups": {"G"}}`, TWO, ["role.any_issuer"]],
    ["scopes", `r := {"scopes": {"a/b"}}`, TWO, ["role.any_issuer"]],
    ["a claim that both have", `r := {"claims": {"custom:tenant": {"t"}}}`, TWO, ["role.any_issuer"]],
    ["a claim that one has", `r := {"claims": {"level": {"7"}}}`, TWO, []],
    ["the issuer itself", `r := {"claims": {"iss": {"https://login.example"}}}`, TWO, []],
    ["groups of one of them", `r := {"groups": {"G"}, "issuers": {"staff"}}`, TWO, []],
    ["groups of both", `r := {"groups": {"G"}, "issuers": {"staff", "partner"}}`, TWO, []],
    ["groups of a misspelt one", `r := {"groups": {"G"}, "issuers": {"partnr"}}`, TWO, ["role.unknown_issuer"]],
    ["a name that can't be one", `r := {"groups": {"G"}, "issuers": {"our staff"}}`, TWO, ["role.unknown_issuer"]],
    ["groups, with one issuer", `r := {"groups": {"G"}}`, ONE, []],
  ])("a role by %s", async (_, role, claims, expected) => {
    const found = await codesFor(role, `"roles": {"r"}`, claims);
    expect(found.map((text) => text.split(" ")[0])).toEqual(expected);
  });

  it.each([
    ["of one issuer", `r := {"groups": {"G"}, "issuers": {"staff"}}`, `"roles": {"r"}, "where": {"id": "sub"}`, []],
    [
      "of both",
      `r := {"groups": {"G"}, "issuers": {"staff", "partner"}}`,
      `"roles": {"r"}, "where": {"id": "sub"}`,
      ["where.any_issuer"],
    ],
    [
      "of both, with a claim that one has",
      `r := {"groups": {"G"}, "issuers": {"staff", "partner"}}`,
      `"roles": {"r"}, "where": {"id": "level"}`,
      [],
    ],
    [
      "that everybody holds",
      `r := {"groups": {"G"}, "issuers": {"staff"}}`,
      `"roles": {"authenticated"}, "where": {"id": "sub"}`,
      ["where.any_issuer"],
    ],
    [
      "one of which everybody holds",
      `r := {"groups": {"G"}, "issuers": {"staff"}}`,
      `"roles": {"authenticated", "r"}, "where": {"id": "custom:tenant"}`,
      ["where.any_issuer"],
    ],
  ])("a grant with `where` for roles %s", async (_, role, grant, expected) => {
    const uses = grant.includes('{"r"}') ? role : `${role}\n`;
    const found = await codesFor(uses, grant);
    expect(found.map((text) => text.split(" ")[0])).toEqual(expected);
  });

  it("the message names the issuers and what to write", async () => {
    expect(await codesFor(`r := {"groups": {"G"}, "scopes": {"s"}}`, `"roles": {"r"}`)).toEqual([
      'role.any_issuer roles.r: groups and scopes of staff and partner give this role alike; say whose are meant with "issuers": {"staff"}, or name them all',
    ]);
    expect(await codesFor(`r := {"groups": {"G"}, "issuers": {"partnr"}}`, `"roles": {"r"}`)).toEqual([
      'role.unknown_issuer roles.r: claims.yaml has no issuer "partnr"; did you mean partner?',
    ]);
  });
});
