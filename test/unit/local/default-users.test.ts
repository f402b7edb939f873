import { expect, it } from "vitest";
import type { PolicyIndex } from "../../../contract/policy-index.ts";
import { toDefaultUsers } from "../../../local/default-users.ts";
import { describeAccount } from "../../../local/users.ts";

const GRANT = { api: [], roles: [], verbs: ["GET"], path: "/a/{id}", params: { id: 1 }, tail: {}, when: [] };

function indexOf(changes: Partial<PolicyIndex["roles"]>, where: Readonly<Record<string, string>> = {}): PolicyIndex {
  return {
    grants: { "a.read": { ...GRANT, where } },
    denials: {},
    roles: { groups: {}, scopes: {}, kinds: {}, claims: {}, issuers: {}, ...changes },
  };
}

function described(index: PolicyIndex): readonly string[] {
  const { users, machines } = toDefaultUsers(index);
  return [...users, ...machines].map((account) => `${account.name}: ${describeAccount(account)}`);
}

it("derives a user for each group and each value of a claim, one without a group, and a machine for each scope", () => {
  const index = indexOf({
    groups: { Admins: ["admin"], "API Auditors": ["auditor"] },
    claims: {
      "custom:department": { Audit: ["auditor"] },
      "cognito:roles": { "arn:aws:iam::111122223333:role/ApiOperator": ["operator"] },
    },
    scopes: { "orders/support": ["support"] },
  });
  expect(described(index)).toEqual([
    "admins: group Admins",
    "api-auditors: group API Auditors",
    'apioperator: cognito:roles ["arn:aws:iam::111122223333:role/ApiOperator"]',
    "audit: custom:department Audit",
    "nobody: no group",
    "orders-support: scope orders/support",
  ]);
});

it("gives users with a role the claims that a path must equal, but none that the issuer sets", () => {
  const index = indexOf({ groups: { Admins: ["admin"] } }, { id: "custom:id", sub: "sub" });
  expect(described(index)).toEqual(["admins: group Admins, custom:id 1", "nobody: no group"]);
});

it("gives a user or machine the issuer that its role is tied to", () => {
  const issuers = {
    staff: { groups: { Admins: ["admin"] }, scopes: { "a/b": ["robot"] }, kinds: {}, claims: {} },
    partner: { groups: { Admins: ["guest"] }, scopes: {}, kinds: {}, claims: { level: { 7: ["guest"] } } },
  };
  expect(described(indexOf({ groups: { Admins: ["user"] }, issuers }))).toEqual([
    "admins: group Admins",
    "admins-2: issuer staff, group Admins",
    "admins-3: issuer partner, group Admins",
    "7: issuer partner, level 7",
    "nobody: no group",
    "a-b: issuer staff, scope a/b",
  ]);
});

it("gives each a name of its own", () => {
  const groups = { Nobody: ["a"], "a/b": ["a"], "a b": ["a"], 日本: ["a"] };
  expect(toDefaultUsers(indexOf({ groups })).users.map(({ name }) => name)).toEqual([
    "nobody",
    "a-b",
    "a-b-2",
    "user",
    "nobody-2",
  ]);
  const scopes = { sampleclient: ["a"] };
  expect(toDefaultUsers(indexOf({ scopes })).machines.map(({ name }) => name)).toEqual(["sampleclient-2"]);
});

it("derives no user from a claim that the issuer sets", () => {
  expect(described(indexOf({ claims: { sub: { me: ["admin"] } } }))).toEqual(["nobody: no group"]);
});
