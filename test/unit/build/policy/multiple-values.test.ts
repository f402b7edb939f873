import { describe, expect, it } from "vitest";
import { inConditions, inHelpers } from "../../../../contract/problem-codes/entry.ts";
import { problemsOf } from "../../../support/problem-examples.ts";

const TAGS = 'input.request.headers["x-tags"]';
const DECLARED = "# METADATA\n# custom:\n#   multiple: [request.headers.x-tags]\n";

async function codesOf(example: Parameters<typeof problemsOf>[0]): Promise<readonly string[]> {
  return [...new Set((await problemsOf(example)).map(({ code }) => code))];
}

describe("a header that may have several values", () => {
  it.each<[string, string]>([
    ["a value of it", `"red" in ${TAGS}`],
    ["some value of it", `{\n\tsome tag in ${TAGS}\n\ttag == "red"\n}`],
    ["its first value", `${TAGS}[0] == "red"`],
    ["any of its values by a variable", `{\n\tsome at\n\tstartswith(${TAGS}[at], "red")\n}`],
    ["the number of its values", `count(${TAGS}) == 1`],
    ["a name for it", `{\n\ttags := ${TAGS}\n\tvalues.all_in(tags, {"red"})\n}`],
    ["all of it, and one of its values", `{\n\tvalues.all_in(${TAGS}, {"red", "blue"})\n\t"red" in ${TAGS}\n}`],
    ["it as the allowed values", `values.all_in(input.principal.claims.tags, ${TAGS})`],
  ])("does not build with a test of %s", async (_, body) => {
    expect(await codesOf(inConditions(`${DECLARED}of_tags if ${body}`))).toEqual(["multiple.any_value"]);
  });

  it("does not build with a test of one value by a helper, in a file or as an argument", async () => {
    const helper = `is_red if "red" in ${TAGS}`;
    expect(await codesOf(inHelpers(`${DECLARED}of_tags if access_lib.is_red`, helper))).toEqual(["multiple.any_value"]);
    const argument = inHelpers(`${DECLARED}of_tags if access_lib.has_red(${TAGS})`, 'has_red(tags) if "red" in tags');
    expect(await codesOf(argument)).toEqual(["multiple.any_value"]);
  });

  it("does not build with a test of one value by a rule that may open", async () => {
    const text = `# METADATA\n# custom:\n#   multiple: [request.headers.x-tags]\n#   opens_when_missing: Few have it.\nof_tags if not "bad" in ${TAGS}`;
    expect(await codesOf(inConditions(text))).toEqual(["multiple.any_value"]);
  });

  it("does not build if not all of its values are in a list, by a rule that may open", async () => {
    const exempt = `${DECLARED.trimEnd()}\n#   opens_when_missing: Few have it.\n`;
    const test = `values.all_in(${TAGS}, {"red"})`;
    expect(await codesOf(inConditions(`${exempt}of_tags if not ${test}`))).toEqual(["multiple.any_value"]);
    const byHelper = inHelpers(`${exempt}of_tags if not access_lib.are_red`, `are_red if ${test}`);
    expect(await codesOf(byHelper)).toEqual(["multiple.any_value"]);
    expect(await codesOf(inConditions(`${exempt}of_tags if ${test}`))).toEqual([]);
  });

  it("may not have one value for another condition, which reads the same input", async () => {
    const all = `${DECLARED}of_tags if values.all_in(${TAGS}, {"red"})`;
    const other = `by_tag if values.all_in(${TAGS}, {"blue"})`;
    expect(await codesOf(inConditions(`${all}\n\n${other}`))).toEqual(["multiple.not_declared"]);
    expect(await codesOf(inConditions(`${all}\n\n${DECLARED}${other}`))).toEqual([]);
  });
});

it.each<[string, string]>([
  ["a list in the base of the rule", `values.all_in(${TAGS}, ["red", "blue"])`],
  ["the values of a claim", `values.all_in(${TAGS}, caller.values("custom:tags"))`],
  ["a claim that is a list", `values.all_in(${TAGS}, input.principal.claims.tags)`],
])("all of its values may be compared with %s", async (_, body) => {
  expect(await codesOf(inConditions(`${DECLARED}of_tags if ${body}`))).toEqual([]);
});

it("a header with one value is tested as before", async () => {
  expect(await codesOf(inConditions(`of_tags if "red" in ${TAGS}`))).toEqual([]);
});
