import fc from "fast-check";
import { expect, it } from "vitest";
import { type CoveringRule, toCoverage } from "../../../analysis/reach/coverage.ts";
import { findRoute } from "../../../simulator/find-route.ts";
import type { SimulatedApi } from "../../../simulator/simulated-api.ts";

const AT = { file: "policies/access/a.rego", line: 1 };
const routesOf = (...routes: readonly string[]) =>
  routes.map((text, at) => {
    const [verb = "", path = ""] = text.split(" ");
    return { verb, path, file: "api.yaml", line: at + 1 };
  });
const rulesOf = (...rules: readonly string[]): readonly CoveringRule[] =>
  rules.map((text) => {
    const [kind = "", verbs = "", path = ""] = text.split(" ");
    return { kind: kind as CoveringRule["kind"], name: text, verbs: verbs.split(","), path, ...AT };
  });
const summaryOf = (routes: readonly string[], rules: readonly string[], kind?: "rest" | "http") => {
  const coverage = toCoverage(routesOf(...routes), rulesOf(...rules), kind);
  const names = (list: readonly { verb: string; path: string }[]) => list.map(({ verb, path }) => `${verb} ${path}`);
  return {
    open: names(coverage.routesWithoutRule),
    denied: names(coverage.deniedRoutes),
    unused: coverage.rulesWithoutRoute.map(({ name }) => name),
  };
};

it.each<[string, readonly string[], readonly string[], Partial<ReturnType<typeof summaryOf>>]>([
  ["a route and a rule for it", ["GET /a"], ["grant GET /a"], {}],
  ["another path", ["GET /a"], ["grant GET /b"], { open: ["GET /a"], unused: ["grant GET /b"] }],
  ["another verb", ["GET /a"], ["grant POST,PUT /a"], { open: ["GET /a"], unused: ["grant POST,PUT /a"] }],
  ["ANY in the API", ["ANY /a"], ["grant POST /a"], {}],
  ["ANY in the policy", ["POST /a"], ["grant ANY /a"], {}],
  ["a denial alone", ["GET /a"], ["denial ANY /{all+}"], { denied: ["GET /a"] }],
  ["a denial beside a public rule", ["GET /a"], ["denial GET /a", "public GET /a"], {}],
  ["other names of parameters", ["GET /a/{x}"], ["grant GET /a/{y}"], {}],
  ["a greedy route", ["GET /{all+}"], ["grant GET /a/b"], {}],
  ["a greedy route and the root", ["GET /{all+}"], ["grant GET /"], { open: ["GET /{all+}"], unused: ["grant GET /"] }],
  [
    "a path that a more specific route serves",
    ["GET /a/{id}", "ANY /{all+}"],
    ["grant GET /a/{id}"],
    { open: ["ANY /{all+}"] },
  ],
  ["a verb that the more specific route lacks", ["GET /a/{id}", "ANY /{all+}"], ["grant GET,PUT /a/{id}"], {}],
  [
    "paths that several routes serve before",
    ["GET /{x}/b", "GET /{x}/{y}", "GET /{all+}"],
    ["grant GET /a/{y}"],
    { open: ["GET /{all+}"] },
  ],
  ["a preflight", ["OPTIONS /a"], [], {}],
  ["no route at all", [], ["grant GET /a"], { unused: ["grant GET /a"] }],
  ["no rule at all", ["GET /a"], [], { open: ["GET /a"] }],
])("finds what has nothing to do with each other: %s", (_, routes, rules, found) => {
  expect(summaryOf(routes, rules)).toEqual({ open: [], denied: [], unused: [], ...found });
});

it("knows which route comes first on each kind of API, and assumes nothing if the kind is not known", () => {
  const [routes, rules] = [["GET /a/{all+}", "GET /{x}/b"], ["grant GET /a/b"]];
  const open = (kind?: "rest" | "http") => summaryOf(routes, rules, kind).open;
  expect([open("rest"), open("http"), open()]).toEqual([["GET /{x}/b"], ["GET /a/{all+}"], []]);
});

it("compares the routes of several APIs each with its own, and leaves rules of WebSocket APIs out", () => {
  const routes = [
    { verb: "GET", path: "/{all+}", file: "a.yaml", line: 1, api: "a" },
    { verb: "GET", path: "/x", file: "b.yaml", line: 1, api: "b" },
  ];
  const rules = rulesOf("grant GET /x", "grant CONNECT /");
  const { routesWithoutRule, rulesWithoutRoute, rulesOfWebSocket } = toCoverage(routes, rules);
  expect([routesWithoutRule, rulesWithoutRoute, rulesOfWebSocket]).toEqual([[], [], [rules[1]]]);
});

const segment = fc.constantFrom("a", "b", "{x}");
const template = fc
  .tuple(fc.array(segment, { maxLength: 2 }), fc.boolean())
  .map(
    ([parts, isGreedy]) =>
      `/${[...parts.map((one, at) => one.replace("x", `x${at}`)), ...(isGreedy ? ["{p+}"] : [])].join("/")}`,
  );
/** The verbs above, and another one. */
const METHODS = ["GET", "PUT", "DELETE"];
const verb = fc.constantFrom("GET", "PUT", "ANY");

/** All paths that the templates above tell apart: they have at most three segments, the last of which may be greedy. */
const PATHS = [0, 1, 2, 3].flatMap((length) =>
  Array.from(
    { length: 3 ** length },
    (_, code) => `/${Array.from({ length }, (_, at) => "abc"[Math.floor(code / 3 ** at) % 3]).join("/")}`,
  ),
);

it("agrees with the simulator's routes, for every path that makes a difference", () => {
  const route = fc.record({ verb, path: template });
  const rule = fc.record({ kind: fc.constantFrom("grant", "denial", "public"), verb, path: template });
  const given = fc.tuple(
    fc.uniqueArray(route, { maxLength: 5, selector: ({ verb, path }) => `${verb} ${path.replaceAll(/x\d/g, "x")}` }),
    fc.array(rule, { maxLength: 4 }),
    fc.constantFrom<"rest" | "http">("rest", "http"),
  );
  let found = 0;
  fc.assert(
    fc.property(given, ([routes, rules, kind]) => {
      const api = (list: readonly { verb: string; path: string }[]): SimulatedApi => ({
        ...{ kind, stage: "prod", authorizers: {} },
        routes: list.map((one) => ({ ...one, authorizer: null })),
      });
      const reached = new Map<string, Set<string>>();
      const used = new Set<number>();
      for (const path of PATHS)
        for (const method of METHODS) {
          const served = findRoute(api(routes), method, path)?.route;
          if (served === undefined) continue;
          const key = `${served.verb} ${served.path}`;
          for (const [at, one] of rules.entries()) {
            if (findRoute(api([one]), method, path) === undefined) continue;
            used.add(at);
            reached.set(key, (reached.get(key) ?? new Set()).add(one.kind));
          }
        }
      const texts = routes.map((one) => `${one.verb} ${one.path}`);
      const expected = {
        open: texts.filter((text) => !reached.has(text)),
        denied: texts.filter((text) => [...(reached.get(text) ?? [])].join() === "denial"),
        unused: rules.filter((_, at) => !used.has(at)).map((one) => `${one.kind} ${one.verb} ${one.path}`),
      };
      found += expected.open.length * expected.unused.length;
      expect(
        summaryOf(
          texts,
          rules.map((one) => `${one.kind} ${one.verb} ${one.path}`),
          kind,
        ),
      ).toEqual(expected);
    }),
    { numRuns: 150, seed: 14 },
  );
  expect(found).toBeGreaterThan(0);
});
