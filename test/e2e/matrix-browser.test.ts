import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toMatrix } from "../../analysis/matrix/matrix.ts";
import { formatPage } from "../../analysis/matrix/page.ts";
import { findChromium, renderIn } from "../support/browser.ts";
import { PRINCIPALS, toAccessPolicyOf } from "../unit/analysis/matrix/written-policy.ts";

// The page is opened from a file in Chromium, with its own script and policy of content.

const chromium = findChromium(process.env);

let folder: string;
let page: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rego-authorizer-matrix-"));
  const policy = toAccessPolicyOf({ ...PRINCIPALS, groups: ["A", "B", '<script>document.title = "run"</script>'] });
  const matrix = toMatrix(policy, "group", undefined);
  if (!matrix.ok) throw new Error(matrix.error.code);
  page = formatPage([matrix.value]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.runIf(chromium !== undefined)("the page of a matrix in a browser", () => {
  async function open(filter: string, text = page) {
    const file = join(folder, "matrix.html");
    await writeFile(file, text);
    const rendered = await renderIn(chromium ?? "", `${pathToFileURL(file).href}#${filter}`);
    const rows = [...rendered.matchAll(/<tr data-verbs="[^"]*"( hidden="")?>.*?<th scope="row">([^<]*)</g)];
    return {
      count: /id="count"[^>]*>([^<]*)</.exec(rendered)?.[1],
      shown: rows.filter(([, hidden]) => hidden === undefined).map(([, , head]) => head),
      title: /<title>([^<]*)</.exec(rendered)?.[1],
      rendered,
    };
  }

  it("shows all rows, and says how many", async () => {
    const { count, shown, title } = await open("");
    expect({ count, rows: shown.length, title }).toEqual({ count: "6 rows", rows: 6, title: "Access by group" });
  });

  it("shows the rows that a filter in its address wants", async () => {
    expect(await open("subject=group+B&access=own")).toMatchObject({
      count: "2 rows",
      shown: ["GET /o/x", "GET /o/{}"],
    });
    expect(await open("verb=DELETE&path=%2Fo%2F")).toMatchObject({ shown: ["DELETE /o/x", "DELETE /o/{}"] });
  });

  it("runs no script but its own, and loads nothing", async () => {
    const foreign = page.replace(
      "</main>",
      '<script>document.title = "run"</script><img src="data:,x" onerror="document.title = 1"></main>',
    );
    expect((await open("", foreign)).title).toBe("Access by group");
    expect(page).not.toMatch(/(src|href)=/);
    // A page without its policy runs the other script, so that the test can fail.
    const withoutPolicy = foreign.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "");
    expect((await open("", withoutPolicy)).title).not.toBe("Access by group");
  });
});

it("is a page that writes names as text, and whose cells have words", () => {
  expect(page).toContain("&lt;script&gt;");
  expect(page.match(/<script>/g)).toHaveLength(1);
  expect(page).toContain('<td class="own">own only<small>');
  expect(page).toContain('scope="row"');
});
