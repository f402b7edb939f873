import type { TooManyTests } from "./model.ts";

/** The sentence on what no analysis of access proves. Each output of one says so. */
export const NOT_PROVED =
  "Not proved: what an issuer puts into a token, what a condition means, and API Gateway itself.";

/** Formats why the access of a policy was not computed, and what to do. */
export function formatTooManyTests({ code, limit, rules }: TooManyTests): string {
  const what = code === "too_many_tests" ? "tests of rules against paths" : "lines";
  const named = rules.length === 0 ? "" : `; most are of ${rules.join(", ")}`;
  return `the access of the policy takes more than ${limit.toLocaleString("en")} ${what}${named}; give rules with many parameters fewer of them, or divide them by literals`;
}
