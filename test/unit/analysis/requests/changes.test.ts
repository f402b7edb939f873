import { describe, expect, it } from "vitest";
import { toClaimChange, toLoss, toRoleChange } from "../../../../analysis/requests/changes.ts";
import type { Asked } from "../../../../analysis/requests/input.ts";
import type { RoleWay } from "../../../../contract/role-ways.ts";

const way = (by: RoleWay["by"], claim: string, value: string, issuer?: string): RoleWay => {
  return { by, claim, value, issuer, roles: ["r"] };
};

const asked = (principal: Asked["principal"]): Asked => ({ principal, request: { method: "GET", path: "/" } });

describe("a change of a caller", () => {
  it("gives a role by the tokens of one issuer", () => {
    const { lack, input, cost } = toRoleChange(
      asked({ claims: {} }),
      way("group", "cognito:groups", "G", "staff"),
      "r",
    );
    expect({ lack, principal: input.principal }).toEqual({
      lack: "join the group G, in a token of the issuer staff (role r)",
      principal: { issuer_name: "staff", claims: { "cognito:groups": ["G"] } },
    });
    const here = toRoleChange(
      asked({ issuer_name: "staff", claims: {} }),
      way("group", "cognito:groups", "G", "staff"),
      "r",
    );
    expect(here.lack).toBe("join the group G (role r)");
    expect(here.cost).toBeLessThan(cost);
  });

  it("gives a role by a kind, which is further for a token of the other kind", () => {
    const user = way("kind", "", "user");
    const unknown = toRoleChange(asked({ claims: {} }), user, "r");
    const machine = toRoleChange(asked({ kind: "machine", claims: {} }), user, "r");
    expect([unknown, machine].map(({ lack, input }) => [lack, input.principal.kind])).toEqual([
      ["be a user, and the token proves neither kind (role r)", "user"],
      ["be a user, and the token is a machine's (role r)", "user"],
    ]);
    expect(unknown.cost).toBeLessThan(machine.cost);
  });

  it("keeps what the caller carries", () => {
    const scopes = asked({ kind: "machine", claims: { scope: "a b", "custom:list": ["x"] } });
    expect(toRoleChange(scopes, way("scope", "scope", "c"), "r").input.principal.claims["scope"]).toBe("a b c");
    const listed = toRoleChange(scopes, way("claim", "custom:list", "y"), "r");
    expect(listed.input.principal.claims["custom:list"]).toEqual(["x", "y"]);
    expect(listed.lack).toBe('claim custom:list must have y, is ["x"] (role r)');
  });

  it("makes a claim equal to a parameter, which no list is", () => {
    const { lack, input } = toClaimChange(asked({ claims: { "custom:list": ["x"] } }), "custom:list", "y");
    expect({ lack, claims: input.principal.claims }).toEqual({
      lack: 'claim custom:list must be y, is ["x"]',
      claims: { "custom:list": "y" },
    });
  });

  it("is kept by whoever has it, and taken back by its opposite", () => {
    const nobody = asked({ claims: {} });
    for (const one of [
      way("group", "cognito:groups", "G"),
      way("scope", "scope", "s"),
      way("claim", "custom:d", "x"),
    ]) {
      const gain = toRoleChange(nobody, one, "r");
      const loss = toLoss(gain.input, one);
      expect(
        [gain.isKept, loss.isKept].map((isKept) => [isKept(gain.input.principal), isKept(loss.input.principal)]),
      ).toEqual([
        [true, false],
        [false, true],
      ]);
      expect(gain.isKept(nobody.principal)).toBe(false);
    }
  });

  it("takes one value and leaves the others", () => {
    const input = asked({ kind: "user", claims: { scope: "a b", "cognito:groups": ["G", "H"], "custom:d": "x" } });
    const after = (lost: RoleWay) => toLoss(input, lost).input.principal.claims;
    expect(after(way("scope", "scope", "a"))).toMatchObject({ scope: "b" });
    expect(after(way("group", "cognito:groups", "G"))).toMatchObject({ "cognito:groups": ["H"] });
    expect(after(way("claim", "custom:d", "x"))).not.toHaveProperty("custom:d");
    expect(after(way("kind", "", "user"))).toEqual(input.principal.claims);
  });
});
