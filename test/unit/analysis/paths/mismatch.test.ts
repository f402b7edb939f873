import fc from "fast-check";
import { expect, it } from "vitest";
import { globOfTemplate } from "../../../../analysis/paths/iam-patterns.ts";
import { createAutomaton, createIntersection, type Glob, RUN } from "../../../../analysis/paths/language.ts";
import { createProofs, findMismatch, type Question } from "../../../../analysis/paths/mismatch.ts";
import { allPaths, declaredPaths, isBeyond, isCommon } from "../../../../analysis/paths/proof.ts";
import { findCounterexample } from "../../../../analysis/paths/search.ts";

// `x` is a segment that the search would name itself, and `<one>` one of the values that it gives to a claim.
const LITERALS = ["a", "b", "c", "x", "y", "<one>"];

const path = fc
  .tuple(fc.array(fc.constantFrom(...LITERALS, "{p}", "{q}"), { minLength: 1, maxLength: 3 }), fc.boolean())
  .map(([segments, isGreedy]) => {
    const named = segments.map((segment, at) => segment.replace("}", `${at}}`));
    return `/${[...named, ...(isGreedy ? ["{rest+}"] : [])].join("/")}`;
  });

const template = fc.tuple(path, fc.constantFrom("none", "first", "all")).map(([made, bound]) => {
  const names = [...made.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
  const used = bound === "none" ? [] : bound === "first" ? names.slice(0, 1) : names;
  return { path: made, where: Object.fromEntries(used.map((name) => [name, name.startsWith("p") ? "sub" : "id"])) };
});

const question: fc.Arbitrary<Question> = fc.record({
  template,
  universe: fc.oneof(fc.constant(allPaths()), fc.array(path, { maxLength: 4 }).map(declaredPaths)),
  may: fc.array(template, { maxLength: 3 }),
  spared: fc.array(
    path.map((one) => globOfTemplate(one)),
    { maxLength: 2 },
  ),
  isForAllVerbs: fc.boolean(),
});

it("a proof that is known gives the answer that the search for it would give", () => {
  const shared = createProofs(Number.POSITIVE_INFINITY);
  const counts = { questions: 0, mismatches: 0 };
  fc.assert(
    fc.property(question, (one) => {
      const found = findMismatch(one, createProofs());
      expect(findMismatch(one, shared)).toEqual(found);
      counts.questions += 1;
      if (found !== undefined) counts.mismatches += 1;
    }),
    { numRuns: 5_000, seed: 16 },
  );
  expect(counts.mismatches).toBeGreaterThan(1_000);
  expect(counts.questions - counts.mismatches).toBeGreaterThan(200);
  expect(shared.known.size).toBeLessThan(counts.questions - 500);
});

const STEPS = { left: Number.POSITIVE_INFINITY };

it("what shows symbol by symbol is what the search would find", () => {
  const counts = { common: 0, beyond: 0, others: 0 };
  const globs = fc.array(
    path.map((one) => globOfTemplate(one)),
    { maxLength: 3 },
  );
  const universes = fc.option(fc.array(path, { maxLength: 4 }), { nil: undefined });
  fc.assert(
    fc.property(universes, path, globs, (routes, one, others) => {
      const universe = routes === undefined ? allPaths() : declaredPaths(routes);
      const arriving = routes === undefined ? [[RUN]] : routes.map((route) => globOfTemplate(route));
      const isThere = (these: readonly Glob[], except: readonly Glob[]) => {
        const both = createIntersection(createAutomaton(arriving), createAutomaton(these));
        const [all, none] = [createAutomaton([[RUN]]), createAutomaton([])];
        return (
          findCounterexample({ universe: both, matched: all, must: none, may: createAutomaton(except) }, "z") !==
          undefined
        );
      };
      const glob = globOfTemplate(one);
      const isAny = others.some((other) => {
        const both = createIntersection(createAutomaton(arriving), createAutomaton([other]));
        const claim = { matched: createAutomaton([glob]), must: createAutomaton([]), may: createAutomaton([]) };
        return findCounterexample({ universe: both, ...claim }, "z") !== undefined;
      });
      expect(isCommon(universe, others, glob, STEPS)).toBe(isAny);
      const isMore = isThere([glob], others);
      expect(isBeyond(universe, glob, others, STEPS)).toBe(isMore);
      if (isAny) counts.common += 1;
      if (isMore) counts.beyond += 1;
      if (!(isAny && isMore)) counts.others += 1;
    }),
    { numRuns: 3_000, seed: 16 },
  );
  expect(Math.min(...Object.values(counts))).toBeGreaterThan(200);
});

/** Any two of these templates have paths in common, in which other literals stand. */
function toGrid(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => {
    const segments = Array.from({ length: 12 }, (_, position) => (position === at % 12 ? `l${at}` : `{p${position}}`));
    return `/${segments.join("/")}`;
  });
}

it("a search that takes too long proves nothing", () => {
  const [first = "", ...others] = toGrid(40);
  const may = others.map((other) => ({ path: other }));
  const asked = { template: { path: first }, universe: allPaths(), may, isForAllVerbs: true };
  expect(findMismatch(asked, createProofs(0))).toEqual({ code: "too_long" });
  expect(
    isBeyond(
      allPaths(),
      globOfTemplate(first),
      may.map((one) => globOfTemplate(one.path)),
      { left: 0 },
    ),
  ).toBe(undefined);
  expect(isCommon(declaredPaths(others), [globOfTemplate(first)], [RUN], { left: 0 })).toBe(true);
});
