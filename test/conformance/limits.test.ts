import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { MAX_INLINE_CHARS, MAX_MANAGED_CHARS } from "../../analysis/iam/document.ts";
import { MAX_CONTEXT_CHARS, MAX_RESOURCE_CHARS } from "../../authorizer/gateway/answer.ts";
import { MAX_TOKEN_CHARS } from "../../authorizer/gateway/bearer-token.ts";
import { MAX_TTL_S } from "../../contract/cache-key.ts";

/** Where a page names a limit: the only line that has all of these words. */
const PLACES: readonly (readonly [page: string, words: readonly string[], limit: number])[] = [
  ["docs/policy-language.md", ["`token.too_large`"], MAX_TOKEN_CHARS],
  ["SECURITY.md", ["large or deeply nested tokens"], MAX_TOKEN_CHARS],
  ["docs/policy-language.md", ["`answer.not_expressible`", "ARN"], MAX_RESOURCE_CHARS],
  ["docs/policy-language.md", ["`answer.not_expressible`", "roles and grants"], MAX_CONTEXT_CHARS],
  ["docs/identity-pool.md", ["inline policies", "may have"], MAX_INLINE_CHARS],
  ["docs/identity-pool.md", ["a managed one"], MAX_MANAGED_CHARS],
  ["docs/caching.md", ["what API Gateway takes"], MAX_TTL_S],
];

it.each(PLACES)("%s names the limit of the code: %j, %d", (page, words, limit) => {
  const lines = readFileSync(page, "utf8").split("\n");
  const found = lines.filter((line) => words.every((word) => line.includes(word)));
  expect(found).toHaveLength(1);
  const numbers = (found[0] ?? "").replaceAll(/(?<=\d),(?=\d{3})/g, "").match(/\d+/g);
  expect(numbers).toContain(String(limit));
});
