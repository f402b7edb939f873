import { writeFile } from "node:fs/promises";
import { CHANGES } from "./changes.ts";
import { fileOfComment, renderComment } from "./comments.ts";
import { createNextVersion } from "./next-version.ts";
import { CHAPTERS, EXAMPLES_PAGE, renderChapter, toExamplesPage } from "./page.ts";
import { createRepository } from "./repository.ts";

// `npm run examples` writes what commands print about realistic changes: the comments on ten pull requests, and a page with each command.

await using sample = await createRepository("sample");
await using northwind = await createRepository("northwind");
await using next = await createNextVersion();
const repositories = { sample, northwind };
for (const change of CHANGES) {
  await writeFile(fileOfComment(change), (await renderComment(change, repositories)).output);
}
const chapters: string[] = [];
for (const chapter of CHAPTERS) chapters.push(await renderChapter(chapter, repositories, next));
await writeFile(EXAMPLES_PAGE, toExamplesPage(chapters));
