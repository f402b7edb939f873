import fc from "fast-check";
import { expect, it } from "vitest";
import { createGlobIndex } from "../../../../analysis/paths/glob-index.ts";
import { type Glob, haveCommon, ONE, RUN } from "../../../../analysis/paths/language.ts";

const glob = fc.array(fc.constantFrom<Glob[number]>({ literal: "a" }, { literal: "b" }, ONE, RUN), { maxLength: 5 });

it("finds exactly the patterns that have a text in common with another one, in their order", () => {
  const counts = { found: 0, others: 0 };
  fc.assert(
    fc.property(fc.array(glob, { maxLength: 30 }), glob, (globs, wanted) => {
      const items = globs.map((one, at) => ({ one, at }));
      const index = createGlobIndex(items.slice(0, 20), ({ one }) => one);
      for (const item of items.slice(20)) index.add(item);
      const expected = items.filter(({ one }) => haveCommon(one, wanted));
      expect(index.near(wanted)).toEqual(expected);
      expect(index.hasNear(wanted)).toBe(expected.length > 0);
      counts.found += expected.length;
      counts.others += items.length - expected.length;
    }),
    { numRuns: 1_000, seed: 15 },
  );
  expect(Math.min(counts.found, counts.others)).toBeGreaterThan(1_000);
});
