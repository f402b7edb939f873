import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { createNextVersion } from "../../dev/examples/next-version.ts";
import { EXAMPLES_PAGE, toExamplesPage } from "../../dev/examples/page.ts";
import { createRepository } from "../../dev/examples/repository.ts";

it("the page with the output of each command is the one that is checked in; npm run examples writes it", async () => {
  await using sample = await createRepository("sample");
  await using northwind = await createRepository("northwind");
  await using next = await createNextVersion();
  expect(await toExamplesPage({ sample, northwind }, next)).toBe(readFileSync(EXAMPLES_PAGE, "utf8"));
});
