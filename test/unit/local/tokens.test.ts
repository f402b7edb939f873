import { expect, it } from "vitest";
import { toMachineClaims, toUserClaims, userPoolIdOf } from "../../../local/tokens.ts";

const USER = { name: "anna", groups: [], claims: {}, accessClaims: {} };

it("each issuer that roles are tied to has a user pool; the only one has the pool of everybody", () => {
  const [anybody, staff, partner] = [undefined, "staff", "partner"].map((name) =>
    userPoolIdOf(name, ["partner", "staff"]),
  );
  expect(new Set([anybody, staff, partner]).size).toBe(3);
  for (const id of [anybody, staff, partner]) expect(id).toMatch(/^eu-west-1_[A-Za-z0-9]{9}$/);
  expect(userPoolIdOf("local", ["partner", "staff"])).toBe(anybody);
  expect(userPoolIdOf("staff", ["staff"])).toBe(anybody);
  expect(userPoolIdOf("partner", ["staff"])).toBe(partner);
});

it("tokens are of the pool of the account's issuer", () => {
  const named = ["partner", "staff"];
  const iss = `https://cognito-idp.eu-west-1.amazonaws.com/${userPoolIdOf("staff", named)}`;
  const { id, access } = toUserClaims({ ...USER, issuer: "staff" }, 0, named);
  const machine = toMachineClaims({ name: "m", issuer: "staff", scopes: [], claims: {} }, [], 0, named);
  expect([id["iss"], access["iss"], machine["iss"]]).toEqual([iss, iss, iss]);
  expect(toUserClaims(USER, 0, named).id["iss"]).not.toBe(iss);
});
