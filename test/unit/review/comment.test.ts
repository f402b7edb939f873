import { expect, it } from "vitest";
import type { Access, Terms } from "../../../analysis/access/model.ts";
import { formatBlock, formatCellCode, formatCode, formatText } from "../../../contract/markdown.ts";
import { toFindingsPart, toInvariantsPart, toLockPart } from "../../../review/checks.ts";
import { formatComment, formatNotCompared, PLAIN } from "../../../review/comment.ts";
import { formatAnswer, formatShort } from "../../../review/markdown.ts";
import { FOLLOWS_UNKNOWN, ROUTES_NOT_READ, toConditionsPart, toTestsPart } from "../../../review/parts.ts";
import type { Review, ReviewedChange } from "../../../review/review.ts";
import { formatStates, toReviewedStates } from "../../../review/states.ts";

const GAIN: ReviewedChange = {
  ...{
    kind: "gain",
    who: "group Support",
    not: [],
    verbs: ["GET"],
    path: "/orders/{}",
    before: "none",
    after: "conditional",
  },
  terms: { before: [], after: ["when in_the_office"] },
  by: ["orders.read"],
  witness: { request: `GET /orders/a with {"cognito:groups":["Support"]}`, assumes: ["in_the_office"] },
};

const REVIEW: Review = {
  ...{ base: "origin/main", policies: "policies", changes: [GAIN], notes: [] },
  lock: { removed: [], added: ["allow | group Support | GET | /orders/{} | when in_the_office"] },
  parts: [toInvariantsPart({ total: 2, broken: [], problems: [], notices: [] })],
};

/** The part of a comment that readers see without opening anything. */
function visible(comment: string): string {
  return comment.replace(/<details>[\s\S]*?<\/details>/g, "").replace(/<!--.*-->/, "");
}

it("says who gains what first, and folds the rest", () => {
  expect(formatComment(REVIEW)).toBe(`<!-- rego-authorizer pull-request policies -->
### Access: 1 gain, compared with \`origin/main\`

- **Gain of** \`GET /orders/{}\` for \`group Support\`: none → \`when in_the_office\`, by \`orders.read\`

| checked | result |
| --- | --- |
| ✅ Invariants | all 2 hold |

<details>
<summary>Each change with a request that shows it: 1</summary>

- **Gain of** \`GET /orders/{}\` for \`group Support\`: none → \`when in_the_office\`, by \`orders.read\`; for example \`GET /orders/a with {"cognito:groups":["Support"]}\`, if \`in_the_office\`

</details>

<details>
<summary>Access lock: 1 added, 0 removed</summary>

\`\`\`diff
+allow | group Support | GET | /orders/{} | when in_the_office
\`\`\`

</details>


<sub>Proved for every principal, path and truth of conditions; conditions are compared by their text. Not proved: what an issuer puts into a token, what a condition means, and API Gateway itself.</sub>
`);
});

it("says plainly that nothing changes", () => {
  const comment = formatComment({
    ...REVIEW,
    changes: [],
    lock: { removed: [], added: [] },
    notes: ["a condition was renamed"],
  });
  expect(comment).toContain("### No change in access, compared with `origin/main`\n\n- a condition was renamed\n");
  expect(comment).not.toContain("<details>");
});

it("shows the text of a changed condition at once, and folds longer ones", () => {
  const condition = { name: "in_the_office", before: "a < 1", after: "a < 2" };
  const visibleWith = (after: string) =>
    visible(formatComment({ ...REVIEW, parts: [toConditionsPart([{ ...condition, after }])] }));
  expect(visibleWith("a < 2")).toContain("\n```diff\n# in_the_office\n-a < 1\n+a < 2\n```\n\n| checked | result |\n");
  const [before, after] = ['a in b; c(a) where b is ["x"]', 'a in b; c(a) where b is ["x", "y"]'];
  expect(toConditionsPart([{ name: "listed", before, after }]).details.slice(1, -1)).toEqual([
    ...["# listed", " a in b;", " c(a)", '-where b is ["x"]', '+where b is ["x", "y"]'],
  ]);
  expect(visibleWith("a < 2".repeat(200))).not.toContain("```");
});

it("says that nobody has looked at routes, caches and IAM documents", () => {
  const parts = [ROUTES_NOT_READ, ...FOLLOWS_UNKNOWN];
  expect(visible(formatComment({ ...REVIEW, parts })).match(/^\| ❔ .*$/gm)).toEqual([
    "| ❔ Routes of the API | not compared with the rules; `--openapi FILE` names the document that has them |",
    "| ❔ Caches of API Gateway | not compared: compare folders, Git refs, or two builds for the same routes |",
    "| ❔ IAM documents of groups | not compared: compare folders, Git refs, or two builds for the same routes |",
  ]);
});

it("puts the changes that differ only in who has them on one line", () => {
  const changes = ["a", "b", "c", "d", "e"].map((who) => ({ ...GAIN, who: `group ${who}` }));
  const lines = visible(formatComment({ ...REVIEW, changes })).split("\n");
  expect(lines.filter((line) => line.startsWith("- "))).toEqual([
    "- **Gain of** `GET /orders/{}` for `group a`, `group b`, `group c` and 2 more: none → `when in_the_office`, by `orders.read`",
  ]);
});

it("says what is asked for no longer, or besides, where that is all that differs", () => {
  const who = { atoms: [{ by: "group", value: "Support" }], issuer: undefined } as const;
  const of = (before: readonly Terms[], after: readonly Terms[], access: Access = "conditional") =>
    formatStates(
      toReviewedStates({
        ...{ kind: "gain", who, not: [], verbs: ["GET"], apis: undefined, by: [] },
        region: { path: "/tenants/{}/files/{+}", except: [] },
        ...{ before: access, after: access, terms: { before, after } },
      }),
    );
  const terms = (conditions: readonly string[], own: Terms["own"] = []) => ({ conditions, own });
  expect([
    of([terms(["a", "b", "c"])], [terms(["a", "b"])]),
    of([terms(["a"])], [terms(["a", "b"])]),
    of([terms(["a"])], []),
    of([terms(["a"], [[1, "custom:tenant"]])], [terms(["a"])]),
    of([terms(["a"])], [terms(["b"])]),
    of([terms(["a"]), terms(["b"])], [terms(["a"])]),
    of([terms(["a"])], [terms(["a", "b"])], "denied"),
    of([], [], "denied"),
  ]).toEqual([
    "no longer asks for `c`, and as before `when a + b`",
    "asks besides for `b`, and as before `when a`",
    "no longer asks for `a`",
    "no longer asks for `own /tenants/{custom:tenant}/files/{+}`, and as before `when a`",
    "`when a` → `when b`",
    "`when a` or `when b` → `when a`",
    "denied `unless a` → denied `unless a + b`",
    "denied",
  ]);
});

it("lists ten of the changes that no test notices, and how many there are besides", () => {
  const survivors = Array.from({ length: 12 }, (_, at) => ({
    ...{ rule: `a.b${at}`, change: "opened", location: `a.rego:${at}`, case: "{}" },
  }));
  const { details } = toTestsPart({ mutants: 12, noticed: 0, survivors });
  expect([details.filter((line) => line.startsWith("# ")).length, details.at(-1)]).toEqual([
    10,
    "and 2 more, which `rego-authorizer test --mutate` lists",
  ]);
});

it("says whom the changes are about that it does not show at once, if they are few", () => {
  const lastOf = (names: number) => {
    const changes = Array.from({ length: 12 }, (_, at) => ({ ...GAIN, path: `/a${at}`, who: `group ${at % names}` }));
    return visible(formatComment({ ...REVIEW, changes })).match(/^- and .*$/m)?.[0];
  };
  expect([lastOf(1), lastOf(12)]).toEqual(["- and 4 more, all for `group 0`, below", "- and 4 more, below"]);
});

it("is a screen long, and shorter than GitHub's limit, however much changes", () => {
  const path = "/a".repeat(400);
  const changes = Array.from({ length: 5_000 }, (_, at) => ({
    ...GAIN,
    who: `group ${"`😀|".repeat(50)}${at}`,
    path: `${path}${at}`,
  }));
  const added = changes.map(({ who }) => `allow | ${who} | GET | /orders`);
  const parts = Array.from({ length: 6 }, (_, at) =>
    toFindingsPart(
      [],
      added.map((line) => `${at}: ${line}`),
    ),
  );
  const comment = formatComment({ ...REVIEW, changes, lock: { removed: [], added }, parts });
  expect(comment.length).toBeLessThan(65_536);
  expect(comment.length).toBeGreaterThan(40_000);
  expect(visible(comment).split("\n").length).toBeLessThan(45);
  // What is cut off is closed, so that the rest of the page is not in it.
  expect(comment.match(/<details>/g)?.length).toBe(comment.match(/<\/details>/g)?.length);
  expect(comment.match(/^`{3,}(?:diff)?$/gm)?.length).toBe(14);
  expect(comment).toMatch(/\d+ more lines: `rego-authorizer diff origin\/main` prints all/);
  const refusal = formatNotCompared(REVIEW, added);
  expect([refusal.length < 65_536, /and \d+ more lines\n$/.test(refusal)]).toEqual([true, true]);
});

it("has no HTML in a terminal, and what looks like it in a policy stays", () => {
  const text = formatComment({ ...REVIEW, notes: ["a_b &lt; <sub>"] }, PLAIN);
  expect(text).toMatch(/^### Access: 1 gain, /);
  expect(text).toContain("\n- a_b &lt; <sub>\n");
  expect(text).toContain("\nAccess lock: 1 added, 0 removed:\n\n```diff\n");
  expect(text.replace("- a_b &lt; <sub>", "")).not.toMatch(/<|&#/);
  expect(formatNotCompared(REVIEW, ["gone"], PLAIN)).toMatch(/^### Access: nothing was compared/);
});

it("shows names from the policy as code, in which Markdown, HTML and mentions mean nothing", () => {
  const names = [
    "a|b",
    "`",
    "``x`",
    " a ",
    "<img src=x onerror=alert(1)>",
    "@octocat",
    "a\nb\u202e",
    "[x](https://evil.example)",
    "x".repeat(200),
  ];
  expect(names.map(formatShort)).toEqual([
    "`a|b`",
    "`` ` ``",
    "``` ``x` ```",
    "`  a  `",
    "`<img src=x onerror=alert(1)>`",
    "`@octocat`",
    "`a\\u000ab\\u202e`",
    "`[x](https://evil.example)`",
    `\`${"x".repeat(119)}…\``,
  ]);
  expect(formatBlock(["````", "a\nb", "</details>"])).toEqual(["`````", "````", "a\\u000ab", "</details>", "`````"]);
  expect(formatCellCode("a|`b`")).toBe("`` a\\|`b` ``");
  expect(formatText("@a <b> *c* [d](e)")).toBe("&#64;a &lt;b&gt; &#42;c&#42; &#91;d&#93;(e)");
  // In a table, a bar would end the cell.
  const part = { title: "IAM", state: "look", summary: `for ${formatCode("a|b")}`, details: [] } as const;
  expect(formatComment({ ...REVIEW, parts: [part] })).toContain("| 👀 IAM | for `a\\|b` |");
});

it("writes what a command prints as a sentence and a block of code, which no name can end", () => {
  expect(formatAnswer("denied: GET /a, for <x>\n\n  role ```: held\n")).toBe(
    "**denied: GET /a, for &lt;x&gt;**\n\n````text\n  role ```: held\n````\n",
  );
  expect(formatAnswer("fine\n")).toBe("**fine**\n");
});

it("has a mark for each folder of policies, which no name can end", () => {
  const markOf = (policies: string) => formatComment({ ...REVIEW, policies }).split("\n")[0];
  expect(markOf("teams/a policies")).toBe("<!-- rego-authorizer pull-request teams/a_policies -->");
  expect(markOf("x --> <script>")).toBe("<!-- rego-authorizer pull-request x_____script_ -->");
});

it("tells what must not be merged from what a person should judge", () => {
  expect(
    [
      toInvariantsPart({
        ...{ total: 3, broken: ["stay_out"], notices: [] },
        problems: ["policies/access/invariants.rego:3: broken"],
      }),
      toInvariantsPart({ total: 0, broken: [], problems: [], notices: [] }),
      toLockPart("policies", "stale"),
      toLockPart("policies", "current"),
      toFindingsPart(["a.rego:3: old"], ["a.rego:5: old", "a.rego:9: new"]),
      toTestsPart({
        mutants: 2,
        noticed: 1,
        survivors: [{ rule: "a.b", change: "opened", location: "a.rego:1", case: "{}" }],
      }),
      toTestsPart({ mutants: 2, noticed: 2, survivors: [] }),
    ].map(({ state, summary }) => [state, summary]),
  ).toEqual([
    ["wrong", "1 of 3 is broken: `stay_out`"],
    ["unknown", "the policy has none"],
    ["wrong", "`policies/access.lock` is stale; `rego-authorizer lock` writes it"],
    ["fine", "`policies/access.lock` has the access of the policy"],
    ["look", "1 new; 1 as before"],
    ["look", "tests notice 1 of 2 mutants of the rules that change access"],
    ["fine", "tests notice all 2 mutants of the rules that change access"],
  ]);
});
