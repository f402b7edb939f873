import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHANGES, type ExampleChange } from "../../dev/examples/changes.ts";
import { type ExampleRepositories, fileOfComment, renderComment } from "../../dev/examples/comments.ts";
import { createRepository } from "../../dev/examples/repository.ts";

// The comments on ten pull requests, as the command prints them in a repository. `npm run examples` writes them anew.

/** The most lines before the first thing to open, the rules of a table and blank lines included: a screen. */
const SCREEN = 36;

/** The changes that give nobody anything. */
const CLOSED = ["sample-a-grant-moves-into-an-area-of-its-own"];

let repositories: ExampleRepositories;
beforeAll(async () => {
  repositories = { sample: await createRepository("sample"), northwind: await createRepository("northwind") };
});
afterAll(async () => {
  for (const repository of Object.values(repositories)) await repository[Symbol.asyncDispose]();
});

const isListed = (line: string) => line.startsWith("- **");

describe.each(CHANGES)("the comment on $name", (change: ExampleChange) => {
  let comment: string;
  let exit: number;
  beforeAll(async () => {
    ({ output: comment, exit } = await renderComment(change, repositories));
  });

  it("is the one that is checked in; npm run examples writes it", () => {
    expect(comment).toBe(readFileSync(fileOfComment(change), "utf8"));
  });

  it("begins with the summary, and shows at most a screen before the first thing to open", () => {
    const [mark, summary, blank] = comment.split("\n");
    expect([mark, summary, blank]).toEqual([
      "<!-- rego-authorizer pull-request policies -->",
      expect.stringMatching(/^### (Access: \d.*|No change in access), compared with `main`$/),
      "",
    ]);
    expect((comment.split("<details>")[0] ?? "").split("\n").length).toBeLessThanOrEqual(SCREEN);
  });

  it("says that nothing changes, or has a request for each change", () => {
    const [shown = "", ...folded] = comment.split("<details>");
    const isClosed = CLOSED.includes(change.name);
    expect([exit, comment.includes("### No change in access"), shown.split("\n").some(isListed)]).toEqual(
      isClosed ? [0, true, false] : [1, false, true],
    );
    const listed = folded.join("").split("\n").filter(isListed);
    const [, counted] = /request that shows it: (\d+)/.exec(comment) ?? [undefined, "0"];
    expect(listed).toHaveLength(Number(counted));
    expect(
      listed.filter((line) => !/; for example `[A-Z]+ \/\S*( as a (user|machine))?( with \{.*\})?`/.test(line)),
    ).toEqual([]);
  });

  it("has nothing that another machine or day would write otherwise", () => {
    expect(comment).not.toContain(tmpdir());
    expect(comment).not.toContain(process.cwd());
    expect(comment).not.toMatch(/\b20\d\d-\d\d-\d\d/);
  });
});

it("each file is the comment on a change", () => {
  expect(readdirSync("test/conformance/comments").sort()).toEqual(
    CHANGES.map((change) => basename(fileOfComment(change))).sort(),
  );
});
