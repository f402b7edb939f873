import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MAX_INLINE_CHARS, sizeOf, toPolicyDocument } from "../../../../analysis/iam/document.ts";
import { toIamExport } from "../../../../analysis/iam/export.ts";
import { SAMPLE_ARN } from "../../../../analysis/iam/formats.ts";
import { DENY_LIST } from "../../../../authorizer/gateway/token-document.ts";
import type { IamExport } from "../../../../contract/iam-export.ts";
import { createDist, type TestDist } from "../../../support/infra.ts";
import { type Rule, toRuleIndex } from "../../../support/rule-index.ts";

const text = await readFile("docs/identity-pool.md", "utf8");
const section = text.slice(text.indexOf("## Sizes")).split("\n## ")[0] ?? "";
const prose = section.replaceAll("\n", " ");

let dist: TestDist;
beforeAll(async () => {
  dist = await createDist();
});
afterAll(() => dist[Symbol.asyncDispose]());

function sizeIn(exported: IamExport, group: string | undefined): number {
  const document = toPolicyDocument(exported, group, SAMPLE_ARN);
  return document === undefined ? 0 : sizeOf(document);
}

it("the documentation has the actual sizes of the sample policy", async () => {
  const exported: IamExport = JSON.parse(await readFile(`${dist.distPath}/iam.json`, "utf8"));
  const groups = ["Admins", "Support", "Customers"].map((name) => [name, sizeIn(exported, name)] as const);
  const sizes = [...groups, ["authenticated", sizeIn(exported, undefined)] as const];
  const documented = sizes.map(([name, size]) => `\`${name}\` ${size.toLocaleString("en-US")}`).join(", ");
  expect(prose).toContain(`and its own routes: ${documented}.`);
  expect(prose).toContain(`Every document has ${DENY_LIST.length} patterns`);
});

/** Grants by the first column of the table. */
const KINDS: Readonly<Record<string, (at: number) => Rule>> = {
  "one verb, no parameter": (at) => ({ path: `/resources-${at}/a/items` }),
  "one verb, a parameter": (at) => ({ path: `/resources-${at}/{id}/items` }),
  "one verb, a parameter with `where`": (at) => ({ path: `/resources-${at}/{id}/items`, where: { id: "sub" } }),
  "`ANY`, a parameter": (at) => ({ path: `/resources-${at}/{id}/items`, verbs: ["ANY"] }),
  "one verb, `{proxy+}`": (at) => ({ path: `/resources-${at}/{proxy+}` }),
};

it.each(Object.entries(KINDS))("the documented number of grants fits: %s", (kind, toRule) => {
  const sizeWith = (count: number, isDeclared: boolean) => {
    const rules = [...Array(count).keys()].map(toRule);
    const index = toRuleIndex(Object.fromEntries(rules.map((rule, at) => [`a.g${at}`, rule])));
    const routes = rules.flatMap(({ path, verbs = ["GET"] }) => verbs.map((verb) => ({ verb, path })));
    return sizeIn(toIamExport(index, new Map(), "r", isDeclared ? routes : undefined), "Users");
  };
  const row = section.split("\n").find((line) => line.startsWith(`| ${kind} `));
  const documented = (row?.split("|").slice(2, 4) ?? []).map(Number);
  const fits = documented.flatMap((count, at) =>
    [count, count + 1].map((one) => sizeWith(one, at === 0) <= MAX_INLINE_CHARS),
  );
  expect(fits).toEqual([true, false, true, false]);
});
