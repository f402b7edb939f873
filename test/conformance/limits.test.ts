import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { MAX_INLINE_CHARS, MAX_MANAGED_CHARS } from "../../analysis/iam/document.ts";
import { MAX_CONTEXT_CHARS, MAX_RESOURCE_CHARS, MAX_TOKEN_CHARS, MAX_TTL_S } from "../../contract/limits.ts";

/** A page that names a limit, and words of each line that does. */
const PLACES: readonly (readonly [page: string, words: string, limit: number])[] = [
  ["docs/policy-language.md", "`token.too_large`", MAX_TOKEN_CHARS],
  ["SECURITY.md", "a token has at most", MAX_TOKEN_CHARS],
  ["docs/policy-language.md", "`answer.not_expressible`", MAX_RESOURCE_CHARS],
  ["docs/policy-language.md", "`answer.not_expressible`", MAX_CONTEXT_CHARS],
  ["docs/identity-pool.md", "All inline policies of a role have at most", MAX_INLINE_CHARS],
  ["docs/identity-pool.md", "fit into one group's document", MAX_INLINE_CHARS],
  ["docs/identity-pool.md", "a managed policy has at most", MAX_MANAGED_CHARS],
  ["docs/caching.md", "API Gateway's maximum", MAX_TTL_S],
  ["docs/getting-started.md", "| the token |", MAX_TOKEN_CHARS],
  ["docs/getting-started.md", "| the ARN of a request |", MAX_RESOURCE_CHARS],
  ["docs/getting-started.md", "| roles and grants in a response |", MAX_CONTEXT_CHARS],
  ["docs/getting-started.md", "| cached responses |", MAX_TTL_S],
  ["docs/getting-started.md", "| IAM documents of a group |", MAX_INLINE_CHARS],
];

it.each(PLACES)("%s names the limit where it says %s: %d", (page, words, limit) => {
  const lines = readFileSync(page, "utf8").split("\n");
  const text = lines.filter((line) => line.includes(words)).join("\n");
  const numbers = text.replaceAll(/(?<=\d),(?=\d{3})/g, "").match(/\d+/g);
  expect(numbers).toContain(String(limit));
});
