import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Example, ProblemEntry } from "../../contract/problem-codes/entry.ts";
import { PROBLEM_CHAPTERS, PROBLEM_CODES, type ProblemChapter } from "../../contract/problem-codes.ts";
import { findingsIn, problemsOf, problemsOfEach, reviewProblemsOf } from "../support/problem-examples.ts";

const ENTRIES: readonly (readonly [code: string, entry: ProblemEntry])[] = Object.entries(PROBLEM_CODES);

/** Codes without an example: no known policy leads to the one, and too long a policy to the other. */
const WITHOUT_EXAMPLE = ["layout.too_many_rules", "opa.other"];

it("every code is in one chapter", () => {
  const inChapters = PROBLEM_CHAPTERS.flatMap(({ entries }) => Object.keys(entries));
  expect(inChapters.sort()).toEqual(Object.keys(PROBLEM_CODES).sort());
});

it("the engine reports the codes of its chapters", async () => {
  const folder = "policies/engine/check";
  const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), "utf8")));
  const reported = new Set(files.flatMap((file) => [...file.matchAll(/"code": "([^"]+)"/g)].map(([, code]) => code)));
  const ofTheEngine = PROBLEM_CHAPTERS.filter(({ foundBy }) => foundBy === "engine");
  expect([...reported].sort()).toEqual(ofTheEngine.flatMap(({ entries }) => Object.keys(entries)).sort());
});

it("every code has a refused example and a corrected one", () => {
  const without = ENTRIES.filter(([, { refused, instead }]) => refused === null || instead === null);
  expect(without.map(([code]) => code)).toEqual(WITHOUT_EXAMPLE);
});

function entriesOf(wanted: ProblemChapter["foundBy"]) {
  return PROBLEM_CHAPTERS.filter(({ foundBy }) => foundBy === wanted).flatMap(({ entries }) => Object.entries(entries));
}

/** Codes of problems that do not stop the build. */
const OF_REVIEW = entriesOf("check");
const OF_NOTICES = entriesOf("notice");

describe.each(OF_NOTICES)("%s", (code, { refused, instead }) => {
  it("is noticed in the first example, which builds, and not in the corrected one", async () => {
    const { problems, notices } = await findingsIn(refused ?? {});
    expect([problems, [...new Set(notices.map((one) => one.code))]]).toEqual([[], expect.arrayContaining([code])]);
    const corrected = await findingsIn(instead ?? {});
    expect([corrected.problems, corrected.notices.filter((one) => one.code === code)]).toEqual([[], []]);
  });
});

describe.each(OF_REVIEW)("%s", (code, { refused, instead }) => {
  it("is the one problem of the refused example, and is not in the corrected one", async () => {
    expect((await reviewProblemsOf(refused ?? {})).map((one) => one.code)).toEqual([code]);
    expect(await reviewProblemsOf(instead ?? {})).toEqual([]);
  });

  it("does not stop the build", async () => {
    expect(await problemsOf(refused ?? {})).toEqual([]);
  });
});

const OF_BUILD = ENTRIES.filter(([code]) => [...OF_REVIEW, ...OF_NOTICES].every(([other]) => other !== code));

const REFUSED = OF_BUILD.flatMap(([code, { refused, isWholeFolder }]) =>
  refused === null ? [] : [{ code, refused, isWholeFolder }],
);

/**
 * Examples of rules in one file are checked together, since each run takes a second.
 *
 * Their names differ, and all that one can lend another is a name, a schema, or the parameters of paths. An example
 * about one of those is checked alone.
 */
const TOGETHER =
  /^(key|type|set|verb|template|where|rule|public|unsatisfiable)\.(?!no_route|any_issuer)|^condition\.(?!unknown|unused|missing_parameter)/;

/** Further examples that lend one another nothing while they are refused. */
const REFUSED_TOGETHER = /^(role|caller|input|denial)\./;

/** Examples that hide the problems of others: OPA refuses one, and another clashes with a rule for CONNECT. */
const HIDES_OTHERS = /^(condition\.count|public\.connect)$/;

/** Separates examples by the file that alone they have, without its package; undefined for other examples. */
function placeOf(example: Example): string | undefined {
  const [[file = "", text = ""] = [], ...others] = Object.entries(example);
  const isRules = typeof text === "string" && !text.includes("package ");
  return isRules && others.length === 0 ? file : undefined;
}

describe("the refused example has this problem only", () => {
  const codesTogether = new Map<string, readonly string[]>();
  beforeAll(async () => {
    const isCandidate = (code: string) =>
      (TOGETHER.test(code) || REFUSED_TOGETHER.test(code)) && !HIDES_OTHERS.test(code);
    const candidates = REFUSED.filter(({ code, isWholeFolder }) => isCandidate(code) && isWholeFolder !== true);
    for (const [place, examples] of Map.groupBy(candidates, ({ refused }) => placeOf(refused))) {
      if (place === undefined) continue;
      const found = await problemsOfEach(examples.map(({ refused }) => refused));
      for (const [at, { code }] of examples.entries()) {
        codesTogether.set(code, [...new Set(found?.[at]?.map((one) => one.code))]);
      }
    }
  });

  it.each(REFUSED)("$code", async ({ code, refused, isWholeFolder }) => {
    if (codesTogether.get(code)?.join() === code) return;
    const problems = await problemsOf(refused, isWholeFolder);
    expect({ problems, codes: [...new Set(problems.map((one) => one.code))] }).toEqual({ problems, codes: [code] });
  });
});

const INSTEAD = OF_BUILD.flatMap(([code, { instead }]) => (instead === null ? [] : [[code, instead] as const]));
const alone = INSTEAD.filter(([code]) => !TOGETHER.test(code));
const together = Map.groupBy(
  INSTEAD.filter(([code]) => TOGETHER.test(code)),
  ([code]) => (/^(condition|unsatisfiable)\./.test(code) ? "conditions" : "areas"),
);

describe("the corrected example builds", () => {
  it.each(alone)("%s", async (_, instead) => {
    expect(await problemsOf(instead)).toEqual([]);
  });

  it.each([...together])("%s, together", async (_, examples) => {
    expect(await problemsOf(joined(examples.map(([, instead]) => instead)))).toEqual([]);
  });
});

/** Joins examples into one: each file has the rules of all of them. */
function joined(examples: readonly Example[]): Example {
  const parts = examples.flatMap((example) => Object.entries(example));
  const byFile = Map.groupBy(parts, ([file]) => file);
  return Object.fromEntries([...byFile].map(([file, texts]) => [file, texts.map(([, text]) => text).join("\n")]));
}
