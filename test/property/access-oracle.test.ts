import fc from "fast-check";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createOracle, type Difference, type Oracle } from "../support/access-oracle/compare.ts";
import { EDITS, edited, type Pair, REFACTORINGS, refactored } from "../support/access-oracle/edits.ts";
import { accessCase } from "../support/access-oracle/generated.ts";
import { createOracleModules } from "../support/access-oracle/modules.ts";
import { withOwn } from "../support/access-oracle/universe.ts";

vi.setConfig({ testTimeout: 600_000 });

let modules: Awaited<ReturnType<typeof createOracleModules>>;
beforeAll(async () => {
  modules = await createOracleModules();
}, 120_000);
afterAll(() => modules[Symbol.asyncDispose]());

function sampled(
  pairs: fc.Arbitrary<Pair>,
  count: number,
  seed: number,
): readonly (Pair & { readonly oracle: Oracle })[] {
  return fc
    .sample(pairs, { numRuns: count, seed })
    .map((pair) => ({ ...pair, oracle: createOracle(modules, pair.before, pair.after) }));
}

/** Draws requests of principals from a universe, one by one and not by classes. */
function draw({ universe, decide }: Oracle, count: number, seed: number): readonly Difference[] {
  const { points, people, ownValues } = universe;
  const own = fc.record(
    Object.fromEntries(Object.entries(ownValues).map(([claim, values]) => [claim, fc.constantFrom(...values)])),
    { requiredKeys: [] },
  );
  const request = fc
    .tuple(fc.constantFrom(...points), fc.constantFrom(...people), own)
    .map(([point, drawn, values]) => {
      const person = withOwn(
        drawn,
        Object.fromEntries(Object.entries(values).map(([claim, value = ""]) => [claim, value])),
      );
      return { point, person, ...decide(point, person) };
    });
  return fc.sample(request, { numRuns: count, seed });
}

it("a class of requests has one answer: OPA's interpreter gives it for each request alone", async () => {
  const cases = sampled(edited(accessCase), 25, 1).flatMap(({ oracle }, seed) => {
    const drawn = draw(oracle, 60, seed);
    return oracle.sides.map(({ data }, side) => ({ drawn, data, side }));
  });
  const answers = await modules.interpret(
    cases.map(({ drawn, data }) => ({
      data,
      asked: drawn.map(({ person, point, truths }) => ({
        principal: person,
        request: { method: point.method, path: point.path, ...(point.api && { api: point.api }) },
        holds: truths,
      })),
    })),
  );
  const seen = new Map<string, number>();
  for (const [at, { drawn, side }] of cases.entries()) {
    for (const [index, one] of drawn.entries()) {
      const letters = side === 0 ? one.before : one.after;
      // Whether a rule is public, no engine decides.
      if (!letters.startsWith("p")) expect({ ...one, letters }).toEqual({ ...one, letters: answers[at]?.[index] });
      for (const letter of letters) seen.set(letter, (seen.get(letter) ?? 0) + 1);
    }
  }
  console.log("decisions alone:", JSON.stringify(Object.fromEntries(seen)));
  expect(Math.min(...["a", "d", "n", "p"].map((letter) => seen.get(letter) ?? 0))).toBeGreaterThan(20);
});

it("refactorings change no decision, and each of them occurs", () => {
  const done = new Set<string>();
  // Some fit few policies, so that further ones are drawn for them.
  for (const [at, { how, before, after }] of fc.sample(refactored(accessCase), { numRuns: 3_000, seed: 2 }).entries()) {
    if (at >= 120 && how.every((one) => done.has(one))) continue;
    const differences = createOracle(modules, before, after).differences();
    expect({ how, before, after, differences }).toMatchObject({ differences: [] });
    for (const one of how) done.add(one);
  }
  expect(Object.keys(REFACTORINGS).filter((name) => !done.has(name))).toEqual([]);
});

it("each edit changes decisions of some policy", () => {
  const effective = new Set<string>();
  for (const { how, oracle } of sampled(edited(accessCase), 250, 3)) {
    if (oracle.differences().length > 0) for (const one of how) effective.add(one);
  }
  expect(Object.keys(EDITS).filter((name) => !effective.has(name))).toEqual([]);
});
