import { expect, it } from "vitest";
import { toTags } from "../../../../analysis/iam/tags.ts";
import { toRuleIndex } from "../../../support/rule-index.ts";

it.each<[string, readonly string[], Readonly<Record<string, string>>]>([
  ["without custom:", ["custom:customer_id"], { "custom:customer_id": "customer_id" }],
  ["as it is", ["tenant"], { tenant: "tenant" }],
  [
    "by its name in full, if two would have one",
    ["custom:tenant", "tenant"],
    { "custom:tenant": "custom_tenant", tenant: "tenant" },
  ],
  [
    "so, even if they differ in case",
    ["custom:Tenant", "custom:tenant"],
    { "custom:Tenant": "custom_Tenant", "custom:tenant": "custom_tenant_2" },
  ],
  [
    "by none that identity pools set by themselves",
    ["custom:sub", "custom:aud"],
    { "custom:aud": "custom_aud", "custom:sub": "custom_sub" },
  ],
  ["but of that very claim", ["sub"], { sub: "sub" }],
  [
    "without what a variable could not hold",
    ["https://example.com/a{b}"],
    { "https://example.com/a{b}": "https___example.com_a_b_" },
  ],
  ["by a number, if nothing else tells them apart", ["a:b", "a/b"], { "a/b": "a_b", "a:b": "a_b_2" }],
  ["by none, if it is no text", ["auth_time", "cognito:groups"], {}],
])("a claim's tag is called %s", (_, claims, expected) => {
  const grants = claims.map((claim, at) => [`a.g${at}`, { path: "/{x}", where: { x: claim } }] as const);
  expect(Object.fromEntries(toTags(toRuleIndex(Object.fromEntries(grants)).grants))).toEqual(expected);
});

it("a tag's key is no longer than STS takes", () => {
  const [key] = toTags(toRuleIndex({ "a.g": { path: "/{x}", where: { x: "c".repeat(300) } } }).grants).values();
  expect(key?.length).toBeLessThanOrEqual(128);
});
