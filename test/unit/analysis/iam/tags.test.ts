import { expect, it } from "vitest";
import { toTags } from "../../../../analysis/iam/tags.ts";
import { toRuleIndex } from "../../../support/rule-index.ts";

it.each<[string, readonly string[], Readonly<Record<string, string>>]>([
  ["without custom:", ["custom:customer_id"], { "custom:customer_id": "customer_id" }],
  ["by its own name", ["tenant"], { tenant: "tenant" }],
  [
    "by its full name, if two tags would have one name",
    ["custom:tenant", "tenant"],
    { "custom:tenant": "custom_tenant", tenant: "tenant" },
  ],
  [
    "by its full name, even if the two differ in case",
    ["custom:Tenant", "custom:tenant"],
    { "custom:Tenant": "custom_Tenant", "custom:tenant": "custom_tenant_2" },
  ],
  [
    "by a name that identity pools do not set by themselves",
    ["custom:sub", "custom:aud"],
    { "custom:aud": "custom_aud", "custom:sub": "custom_sub" },
  ],
  ["by a reserved name for that very claim", ["sub"], { sub: "sub" }],
  [
    "without characters that a variable can't have",
    ["https://example.com/a{b}"],
    { "https://example.com/a{b}": "https___example.com_a_b_" },
  ],
  ["with a number, if nothing else distinguishes two tags", ["a:b", "a/b"], { "a/b": "a_b", "a:b": "a_b_2" }],
  ["by no name, if it is not a string", ["auth_time", "cognito:groups"], {}],
])("a claim's tag is named %s", (_, claims, expected) => {
  const grants = claims.map((claim, at) => [`a.g${at}`, { path: "/{x}", where: { x: claim } }] as const);
  expect(Object.fromEntries(toTags(toRuleIndex(Object.fromEntries(grants)).grants))).toEqual(expected);
});

it("a tag's key is no longer than STS accepts", () => {
  const [key] = toTags(toRuleIndex({ "a.g": { path: "/{x}", where: { x: "c".repeat(300) } } }).grants).values();
  expect(key?.length).toBeLessThanOrEqual(128);
});
