import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ExampleRepositories } from "../../dev/examples/comments.ts";
import { createNextVersion, type NextVersion } from "../../dev/examples/next-version.ts";
import { CHAPTERS, EXAMPLES_PAGE, renderChapter, toExamplesPage } from "../../dev/examples/page.ts";
import { createRepository } from "../../dev/examples/repository.ts";

// The page with the output of each command, as the commands print it. `npm run examples` writes it anew.

const PAGE = readFileSync(EXAMPLES_PAGE, "utf8");
const SECTIONS = PAGE.trimEnd()
  .split(/\n\n(?=## )/)
  .slice(1);

let repositories: ExampleRepositories;
let next: NextVersion;
beforeAll(async () => {
  repositories = { sample: await createRepository("sample"), northwind: await createRepository("northwind") };
  next = await createNextVersion();
});
afterAll(async () => {
  for (const one of [...Object.values(repositories), next]) await one[Symbol.asyncDispose]();
});

it.each(CHAPTERS.map((chapter, at) => [chapter.title, chapter, SECTIONS[at]] as const))(
  "%s: the page has what the commands print",
  async (_title, chapter, section) => {
    expect(await renderChapter(chapter, repositories, next)).toBe(section);
  },
);

it("the page has its introduction, and no other chapter", () => {
  expect(PAGE).toBe(toExamplesPage(SECTIONS));
  expect(SECTIONS).toHaveLength(CHAPTERS.length);
});
