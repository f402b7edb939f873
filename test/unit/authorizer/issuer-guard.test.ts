import { describe, expect, it } from "vitest";
import { checkIssuers } from "../../../authorizer/issuer-guard.ts";

const NONE = { named: [], of_any: [] };

describe("checkIssuers", () => {
  it("reports each name that no trusted issuer has", () => {
    const checked = checkIssuers(["staff", undefined], { named: ["partner", "staff", "tenants"], of_any: [] });
    expect(checked.ok ? [] : checked.error).toEqual([
      expect.stringMatching(/^TRUSTED_ISSUERS: no entry has the name "partner", which the policy ties roles to/),
      expect.stringMatching(/^TRUSTED_ISSUERS: no entry has the name "tenants", which the policy ties roles to/),
    ]);
  });

  it("accepts names that all are there", () => {
    expect(checkIssuers(["staff", "partner"], { named: ["partner"], of_any: [] })).toEqual({ ok: true, value: [] });
  });

  it("has no warning about a single issuer, whatever it is held by", () => {
    expect(checkIssuers([undefined], { named: [], of_any: ["roles.admin"] })).toEqual({ ok: true, value: [] });
  });

  it("warns of what each of several issuers can give, and says how many more there are than the manifest names", () => {
    const warnings = [{}, { of_any_more: 2 }].map((more) => {
      const issuers = { named: [], of_any: ["roles.admin", "orders.own"], ...more };
      const checked = checkIssuers(["staff", "partner"], issuers);
      return checked.ok ? checked.value : [];
    });
    expect(warnings).toEqual([
      [expect.stringContaining("the principals of each can have roles.admin, orders.own; ")],
      [expect.stringContaining("the principals of each can have roles.admin, orders.own and 2 more; ")],
    ]);
  });

  it("warns of an issuer without a name beside another issuer", () => {
    const checked = checkIssuers(["staff", undefined], NONE);
    expect(checked.ok && checked.value).toEqual([expect.stringContaining("some entry has no name")]);
  });
});
