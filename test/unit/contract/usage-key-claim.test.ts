import { expect, it } from "vitest";
import { parseUsageKeyClaim } from "../../../contract/usage-key-claim.ts";

it.each([undefined, "custom:usage_key", "https://example.com/usage-key"])("USAGE_KEY_CLAIM may be %s", (text) => {
  expect(parseUsageKeyClaim(text)).toEqual({ ok: true, value: text });
});

it.each(["email", "name", "nickname", "preferred_username", "given_name", "cognito:username", "sub", "client_id"])(
  "USAGE_KEY_CLAIM must not be %s, which its user writes or which others can see",
  (text) => {
    expect(parseUsageKeyClaim(text)).toEqual({ ok: false, error: expect.stringMatching(/must not be a claim of the/) });
  },
);

it.each(["", " ", "a b", "a,b", "a\n"])("USAGE_KEY_CLAIM must be one name: %j", (text) => {
  expect(parseUsageKeyClaim(text)).toEqual({ ok: false, error: expect.stringMatching(/must be the name of a claim/) });
});
