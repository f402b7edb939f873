import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { MAX_INLINE_CHARS, MAX_MANAGED_CHARS } from "../../analysis/iam/document.ts";
import { MAX_CONTEXT_CHARS, MAX_RESOURCE_CHARS, MAX_TOKEN_CHARS, MAX_TTL_S } from "../../contract/limits.ts";

/** A page that names a limit, in the row of a code if it has one. */
const PLACES: readonly (readonly [page: string, code: string, limit: number])[] = [
  ["docs/policy-language.md", "`token.too_large`", MAX_TOKEN_CHARS],
  ["SECURITY.md", "", MAX_TOKEN_CHARS],
  ["docs/policy-language.md", "`answer.not_expressible`", MAX_RESOURCE_CHARS],
  ["docs/policy-language.md", "`answer.not_expressible`", MAX_CONTEXT_CHARS],
  ["docs/identity-pool.md", "", MAX_INLINE_CHARS],
  ["docs/identity-pool.md", "", MAX_MANAGED_CHARS],
  ["docs/caching.md", "", MAX_TTL_S],
];

it.each(PLACES)("%s names the limit of the code: %s %d", (page, code, limit) => {
  const lines = readFileSync(page, "utf8").split("\n");
  const text = lines.filter((line) => line.includes(code)).join("\n");
  const numbers = text.replaceAll(/(?<=\d),(?=\d{3})/g, "").match(/\d+/g);
  expect(numbers).toContain(String(limit));
});
