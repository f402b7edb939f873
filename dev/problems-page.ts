import type { Example, ProblemEntry } from "../contract/problem-codes/entry.ts";
import { PROBLEM_CHAPTERS } from "../contract/problem-codes.ts";

const INTRODUCTION = `<!-- Generated from contract/problem-codes/ by \`npm run generate\`. -->

# Problems

\`rego-authorizer check\` and \`build\` refuse a policy that has a problem, and print a line for each:

\`\`\`
policies/access/orders.rego:12: orders.list: there is no role "custommer"; there are authenticated, customer [role.unknown]
\`\`\`

The line names the file and the line in it, says what is wrong and what to do, and ends with a code. This page explains
the codes. They are stable, so that you can search for them; the wording of the messages may change.

Each code has an example that the build refuses, and one that shows what to write instead. Examples leave out the lines
above the rules: areas begin with \`package access.orders\`, roles with \`package access.roles\`, invariants with \`package access.invariants\`, and conditions with these
lines. Helpers have the same lines with \`package access_lib\`:

\`\`\`rego
# METADATA
# schemas:
# - input: schema.input
package access.conditions

import data.access_lib
import data.engine.values
\`\`\`
`;

const FOUND_BY = {
  build: "The build finds these problems.",
  engine: "The engine finds these problems: `data.engine.problems` lists them in every editor with OPA, too.",
  check: "`rego-authorizer check` and `test` find these problems; a policy that has them builds.",
  notice:
    "`check` and `build` print these, most of them with `--openapi`. They are not problems: the policy builds, and the exit code is 0.",
};

/** Formats `docs/problems.md`: the codes by chapter, each with its reason and its examples. */
export function toProblemsPage(): string {
  const contents = PROBLEM_CHAPTERS.map(({ title, entries }) => {
    const codes = Object.keys(entries).map((code) => `[\`${code}\`](#${code})`);
    return `- ${title}: ${codes.join(", ")}`;
  });
  const chapters = PROBLEM_CHAPTERS.map(({ title, entries, foundBy }) => {
    const sections = Object.entries(entries).map(([code, entry]) => toSection(code, entry));
    return [`## ${title}`, FOUND_BY[foundBy], ...sections].join("\n\n");
  });
  return `${[INTRODUCTION.trimEnd(), contents.join("\n"), ...chapters].join("\n\n")}\n`;
}

/** Formats the section of a code. The code has its own anchor, since GitHub removes the dot from the anchor of a heading. */
function toSection(code: string, { title, why, refused, instead }: ProblemEntry): string {
  const anchor = `<a id="${code}"></a>`;
  return [
    anchor,
    `### \`${code}\``,
    `**${title}** ${why}`,
    ...toBlocks("Refused", refused),
    ...toBlocks("Instead", instead),
  ].join("\n\n");
}

function toBlocks(heading: string, example: Example | null): readonly string[] {
  return Object.entries(example ?? {}).flatMap(([path, text], at) => {
    const file = path.replace("../", "");
    const caption = `${at === 0 ? heading : "and"}, in \`${file}\`:`;
    if (typeof text !== "string") return [`${caption} a symbolic link to \`${text.linkTo}\`.`];
    const language = file.toLowerCase().endsWith(".rego") ? "rego" : (file.split(".").at(-1) ?? "");
    return [caption, `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``];
  });
}
