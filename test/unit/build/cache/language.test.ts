import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DENY_LIST } from "../../../../authorizer/gateway/token-answer.ts";
import { findCounterexample, ofResource, ofRoute, ofTemplate } from "../../../../build/cache/language.ts";

const EXCLUDED = DENY_LIST.flatMap(ofResource);

/** A path of which it is not so that a resource says on these routes what a template says. */
function counterexample(routes: readonly string[], resource: string, template: string, may = [template]) {
  return findCounterexample({
    universe: routes.flatMap(ofRoute),
    matched: ofResource(resource),
    excluded: EXCLUDED,
    must: ofTemplate(template),
    may: may.flatMap((other) => ofTemplate(other)),
  });
}

describe("a resource says the same as a template", () => {
  it.each<[string, string, readonly string[]]>([
    ["/", "/", ["/"]],
    ["/home", "/home", ["/home", "/home/{id}"]],
    ["/customers/*/orders", "/customers/{id}/orders", ["/customers/{id}/orders"]],
    ["/admin/?*", "/admin/{proxy+}", ["/admin/{proxy+}", "/admin"]],
    ["/?*", "/{proxy+}", ["/{proxy+}", "/"]],
    ["/*/?*", "/{a}/{b}", ["/{a}/{b}"]],
    // No route has more segments.
    ["/items/?*", "/items/{id}", ["/items", "/items/{id}"]],
  ])("%s and %s on %j", (resource, template, routes) => {
    expect(counterexample(routes, resource, template)).toBeUndefined();
  });
});

describe("a resource says something else, shown by the shortest path", () => {
  it.each<[string, string, readonly string[], object]>([
    ["/items/?*", "/items/{id}", ["/items/{id}", "/items/{id}/parts"], { path: "/items/x/parts", isMatched: true }],
    ["/a/*/b", "/a/{x}/b", ["/a/{p+}"], { path: "/a/x/x/b", isMatched: true }],
    ["/*", "/{proxy+}", ["/{proxy+}", "/"], { path: "/", isMatched: true }],
    ["/items", "/items/{id}", ["/items/{id}"], { path: "/items/x", isMatched: false }],
    ["/items/a*", "/items/{id}", ["/items/{id}"], { path: "/items/x", isMatched: false }],
  ])("%s and %s on %j", (resource, template, routes, found) => {
    expect(counterexample(routes, resource, template)).toEqual(found);
  });

  it("unless whoever has it has the other too", () => {
    const routes = ["/items/{id}", "/items/{id}/parts"];
    expect(counterexample(routes, "/items/?*", "/items/{id}", ["/items/{id}", "/items/{x}/parts"])).toBeUndefined();
  });
});

describe("the deny list", () => {
  it.each(DENY_LIST.map((pattern, at) => [pattern, at] as const))("without %s lets something through", (_, at) => {
    const found = findCounterexample({
      universe: ["/{proxy+}", "/"].flatMap(ofRoute),
      matched: ofResource("/*"),
      excluded: DENY_LIST.filter((_pattern, other) => other !== at).flatMap(ofResource),
      must: ["/{proxy+}", "/"].flatMap((template) => ofTemplate(template)),
      may: ["/{proxy+}", "/"].flatMap((template) => ofTemplate(template)),
    });
    expect(found).toMatchObject({ isMatched: true });
  });

  it("as it is lets nothing through that is not canonical, and all that is", () => {
    expect(counterexample(["/{proxy+}", "/"], "/*", "/{proxy+}", ["/{proxy+}", "/"])).toBeUndefined();
  });
});

/** The same question put to regular expressions, over all paths of a few characters. */
function tryAll(routes: readonly string[], resource: string, template: string): string | undefined {
  const toRegExp = (text: string, of: (part: string) => string | undefined) =>
    new RegExp(`^${text.replaceAll(/\{[^}]*\}|\*|\?|./g, (part) => of(part) ?? RegExp.escape(part))}$`, "s");
  const matched = toRegExp(resource, (part) => ({ "*": ".*", "?": "." })[part]);
  const parameter = (one: string, many: string) => (part: string) =>
    part.endsWith("+}") ? many : part.startsWith("{") ? one : undefined;
  const must = toRegExp(template, parameter("[^/]+", ".+"));
  const universe = routes.map((route) => toRegExp(route, parameter("[^/]*", ".*")));
  let paths = [""];
  for (let length = 0; length < 8; length += 1) {
    for (const path of paths) {
      const isServed = universe.some((route) =>
        [path, path.replace(/\/$/, ""), path.replace(/^\//, ""), path.replace(/^\/|\/$/g, "")].some((text) =>
          route.test(text),
        ),
      );
      const isCanonical = path === "/" || /^(\/(?!\.{1,2}(\/|$))[^/%]+)+$/.test(path);
      const isMatched = matched.test(path) && isCanonicalOrNotExcluded(path);
      if (isServed && isMatched !== (must.test(path) && isCanonical)) return path;
    }
    paths = paths.flatMap((path) => ["/", "a", "b", ".", "%"].map((character) => path + character));
  }
  return undefined;
}

function isCanonicalOrNotExcluded(path: string): boolean {
  return !/%|\/\/|\/\.{1,2}(\/|$)|\/.+\/$/.test(path);
}

it("agrees with trying all short paths", () => {
  const segment = fc.constantFrom("a", "b", "{x}");
  const template = fc
    .tuple(fc.array(segment, { maxLength: 2 }), fc.constantFrom("", "/{p+}"))
    .map(([list, tail]) => `/${list.join("/")}`.replace(/^\/$/, tail === "" ? "/" : "") + tail);
  const resource = fc
    .array(fc.constantFrom("/", "a", "b", "*", "?"), { maxLength: 4 })
    .map((list) => `/${list.join("")}`);
  let found = 0;
  fc.assert(
    fc.property(fc.array(template, { minLength: 1, maxLength: 3 }), resource, template, (routes, pattern, wanted) => {
      const shortest = counterexample(routes, pattern, wanted)?.path;
      const tried = tryAll(routes, pattern, wanted);
      if (shortest !== undefined && shortest.length < 8) {
        expect(tried?.length).toBe(shortest.length);
        found += 1;
      } else {
        expect(tried).toBeUndefined();
      }
    }),
    { numRuns: 40 },
  );
  expect(found).toBeGreaterThan(5);
});
