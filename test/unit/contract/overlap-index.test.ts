import fc from "fast-check";
import { expect, it } from "vitest";
import { createOverlapIndex } from "../../../contract/overlap-index.ts";
import { overlaps } from "../../../contract/path-template.ts";

const template = fc
  .tuple(fc.array(fc.constantFrom("a", "b", "{x}"), { maxLength: 4 }), fc.boolean())
  .map(([segments, isGreedy]) => `/${[...segments, ...(isGreedy ? ["{p+}"] : [])].join("/")}`);

it("finds exactly the templates that match a path in common with another one", () => {
  const counts = { found: 0, others: 0 };
  fc.assert(
    fc.property(fc.array(template, { maxLength: 30 }), template, (paths, wanted) => {
      const items = paths.map((path, at) => ({ path, at }));
      const expected = items.filter(({ path }) => overlaps(path, wanted));
      const found = createOverlapIndex(items)(wanted);
      expect([...found].sort((one, other) => one.at - other.at)).toEqual(expected);
      counts.found += expected.length;
      counts.others += items.length - expected.length;
    }),
    { numRuns: 1_000, seed: 15 },
  );
  expect(Math.min(counts.found, counts.others)).toBeGreaterThan(1_000);
});
