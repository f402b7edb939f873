import fc from "fast-check";
import { expect, it } from "vitest";
import { segmentsOfPattern, segmentsOfTemplate, toIntersections } from "../../../../analysis/paths/intersections.ts";

it.each<[string, string, readonly string[]]>([
  ["/orders/{id}", "/orders/{id}/audit", ["/orders/*/audit"]],
  ["/orders/{id}", "/{kind}/{id}/log", ["/orders/*/log"]],
  ["/orders/{id}", "/orders", []],
  ["/orders/{id}", "/users/{id}", []],
  ["/tenants/{t}/users", "/tenants/{t}/files/{path+}", ["/tenants/*/files/users", "/tenants/*/files/*/users"]],
  ["/{a}/b", "/{x}/{y}/b", ["/*/*/b"]],
  ["/a/{x}", "/a/{p+}", ["/a/?*"]],
])("the pattern of %s opens of %s these paths", (granted, declared, expected) => {
  expect([...toIntersections(segmentsOfTemplate(declared), segmentsOfPattern(granted))].sort()).toEqual(
    [...expected].sort(),
  );
});

it("a parameter that has to equal a claim stands for one segment", () => {
  const pattern = segmentsOfPattern("/a/{x}/b", { x: "sub" });
  expect(toIntersections(segmentsOfTemplate("/a/{y}/{z}/b"), pattern)).toEqual([]);
  expect(toIntersections(segmentsOfTemplate("/a/{y}/b"), pattern)).toEqual(["/a/*/b"]);
});

const segment = fc.constantFrom("a", "b", "{x}");
const template = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(
    ([segments, isGreedy]) =>
      `/${segments.map((one, at) => one.replace("x", `x${at}`)).join("/")}${isGreedy ? "/{p+}" : ""}`,
  );
const path = fc
  .array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 7 })
  .map((segments) => `/${segments.join("/")}`);

/** Makes the expression of a template, in which a parameter is one segment, or of its pattern, in which a `*` matches slashes. */
function toExpression(text: string, parameter: string): RegExp {
  return new RegExp(`^${text.replaceAll(/\{p\+\}|\?\*/g, ".+").replaceAll(/\{x\d\}|\*/g, parameter)}$`);
}

it("the patterns match every path that the route and the pattern of the grant match, and nothing outside of that pattern", () => {
  let common = 0;
  fc.assert(
    fc.property(template, template, fc.array(path, { minLength: 20, maxLength: 20 }), (granted, declared, paths) => {
      const found = toIntersections(segmentsOfTemplate(declared), segmentsOfPattern(granted));
      const isOpened = (text: string) => toExpression(granted, ".+").test(text);
      for (const text of paths) {
        const isDenied = found.some((pattern) => toExpression(pattern, ".+").test(text));
        const isCommon = isOpened(text) && toExpression(declared, "[^/]+").test(text);
        if (isCommon) common += 1;
        if (isCommon && found.length > 0)
          expect([granted, declared, text, isDenied]).toEqual([granted, declared, text, true]);
        if (isDenied) expect([granted, declared, text, isOpened(text)]).toEqual([granted, declared, text, true]);
      }
    }),
    { numRuns: 1000, seed: 3 },
  );
  expect(common).toBeGreaterThan(500);
});
