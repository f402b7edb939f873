import fc from "fast-check";
import { expect, it } from "vitest";
import { createListWith, toStatements } from "../../../../analysis/iam/statements.ts";

const SEGMENTS = ["a", "b", "*", "${aws:PrincipalTag/t}"];
const resource = fc
  .tuple(fc.constantFrom("GET", "PUT", "*"), fc.array(fc.constantFrom(...SEGMENTS), { maxLength: 4 }))
  .map(([verb, segments]) => `${verb}/${segments.join("/").replace(/(^|\/)\*$/, "$1?*")}`);

/** Tells by a regular expression whether one resource matches all paths that another one does. */
function covers(wide: string, narrow: string): boolean {
  const [one, other] = [wide, narrow].map((text) => text.replaceAll("Tag/", "Tag:"));
  const parts = (one ?? "").split("/").map((part) => (/^\??\*$/.test(part) ? "[^]+" : RegExp.escape(part)));
  return parts.includes("[^]+") && new RegExp(`^${parts.join("/")}$`).test(other ?? "");
}

it("leaves out exactly the resources that another one covers", () => {
  const counts = { kept: 0, left: 0 };
  fc.assert(
    fc.property(fc.uniqueArray(resource, { maxLength: 30 }), (resources) => {
      const expected = resources
        .filter((one) => !resources.some((other) => other !== one && covers(other, one)))
        .sort();
      const [allowed] = toStatements(
        resources.map((one) => ({ resource: one, tags: [] })),
        createListWith([]),
        [],
      );
      expect(resources.length === 0 ? [] : allowed?.Resource).toEqual(expected);
      const shared = resources.slice(0, resources.length / 2);
      expect(createListWith(shared)(resources)).toEqual(expected);
      expect(createListWith(shared)(resources.slice(shared.length))).toEqual(expected);
      counts.kept += expected.length;
      counts.left += resources.length - expected.length;
    }),
    { numRuns: 1_000, seed: 16 },
  );
  expect(Math.min(counts.kept, counts.left)).toBeGreaterThan(1_000);
});
