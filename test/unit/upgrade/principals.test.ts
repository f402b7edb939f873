import { expect, it } from "vitest";
import type { IndexedRoles } from "../../../contract/policy-index.ts";
import { toPrincipals, toSituations } from "../../../upgrade/principals.ts";

const ROLES: IndexedRoles = {
  groups: { Admins: ["admin"] },
  scopes: {},
  kinds: {},
  claims: {},
  issuers: {
    staff: {
      groups: { Bosses: ["boss"] },
      scopes: { "a/b": ["robot"] },
      kinds: {},
      claims: { level: { 7: ["boss"] } },
    },
  },
};

it("the principals of each issuer that roles are tied to are among those that decisions are compared for", () => {
  const principals = toPrincipals(ROLES);
  const tied = principals.flatMap((one) => (one?.issuer_name === "staff" ? [one.claims] : []));
  expect(tied).toEqual(
    expect.arrayContaining([{ "cognito:groups": ["Bosses"] }, { level: "7" }, { scope: "a/b" }, {}]),
  );
  expect(principals).toContainEqual({ kind: "user", claims: { "cognito:groups": ["Admins"] } });
  expect(principals).toContainEqual(undefined);
});

it("a claim that gives a role of one issuer is not part of a situation", () => {
  const inputs = [{ principal: { claims: { level: "7", tier: "gold" } }, now_s: 1 }];
  expect(toSituations(inputs, ROLES).map(({ claims }) => claims)).toEqual([{}, { tier: "gold" }]);
});
