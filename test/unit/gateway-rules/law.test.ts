import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findBrokenRules } from "../../../gateway-rules/find-broken-rules.ts";
import { type SimulatedApi, toShape } from "../../../simulator/simulated-api.ts";
import { createSimulator } from "../../../simulator/simulator.ts";
import { apiOf, echoing, requestOf } from "../../support/simulated.ts";

/** A resource: its methods, its literal children, and at most one variable child, which may be greedy. */
interface Resource {
  readonly verbs: readonly string[];
  readonly literals: Readonly<Record<string, Resource>>;
  readonly variable: Resource | "greedy" | undefined;
}

const VERBS = ["GET", "PUT", "ANY", "OPTIONS"] as const;
const LITERALS = ["orders", "v1.0", "a:b", "$metadata", "x_y-z"] as const;

/** Generates a tree of resources as the console would let one build it. */
function treeOf(depth: number): fc.Arbitrary<Resource> {
  const child = depth === 0 ? undefined : treeOf(depth - 1);
  return fc.record({
    verbs: fc.uniqueArray(fc.constantFrom(...VERBS), { maxLength: 3 }),
    literals:
      child === undefined ? fc.constant({}) : fc.dictionary(fc.constantFrom(...LITERALS), child, { maxKeys: 2 }),
    variable: fc.oneof(fc.constantFrom("greedy" as const, undefined), ...(child === undefined ? [] : [child])),
  });
}

const tree = treeOf(3);

/** Walks a tree, and names the parameters by their depth, so that a path has no name twice. */
function routesOf(resource: Resource, path = "", depth = 0): readonly { verb: string; path: string }[] {
  return [
    ...resource.verbs.map((verb) => ({ verb, path: path === "" ? "/" : path })),
    ...Object.entries(resource.literals).flatMap(([part, child]) => routesOf(child, `${path}/${part}`, depth + 1)),
    ...(resource.variable === "greedy" ? [{ verb: "ANY", path: `${path}/{p${depth}+}` }] : []),
    ...(typeof resource.variable === "object" ? routesOf(resource.variable, `${path}/{p${depth}}`, depth + 1) : []),
  ];
}

const withRoutes = (kind: "rest" | "http", routes: readonly { verb: string; path: string }[]): SimulatedApi =>
  apiOf(kind, {}, { routes: routes.map((route) => ({ ...route, authorizer: "main" })) });

type Change = (
  routes: readonly { verb: string; path: string }[],
  at: number,
) => readonly { verb: string; path: string }[];

/** Changes that break a rule of REST APIs, each with the code of the rule. */
const CHANGES: Readonly<Record<string, Change>> = {
  "route.twice": (routes, at) => [...routes, ...routes.slice(at, at + 1)],
  "route.siblings": (routes, at) => {
    const { path = "/" } = routes[at] ?? {};
    const parent = path.split("/").slice(0, -1).join("/");
    return [...routes, { verb: "PATCH", path: `${parent}/{one}/a` }, { verb: "PATCH", path: `${parent}/{two+}` }];
  },
  "path.greedy_last": (routes, at) => [...routes, { verb: "GET", path: `/more${at}/{rest+}/tail` }],
  "path.characters": (routes, at) => [...routes, { verb: "GET", path: `/more${at}/a@b` }],
  "path.partial_parameter": (routes, at) => [...routes, { verb: "GET", path: `/more${at}/{a}.json` }],
  "path.parameter_twice": (routes, at) => [...routes, { verb: "GET", path: `/more${at}/{a}/{a}` }],
  "path.empty_segment": (routes, at) => [...routes, { verb: "GET", path: `/more${at}//a` }],
  "route.verb": (routes, at) => [...routes, { verb: "TRACE", path: `/more${at}` }],
  "route.form": (routes, at) => [...routes, { verb: "GET", path: `more${at}` }],
};

describe("the simulator and the table of rules", () => {
  it("accept every tree of resources that keeps the rules, and serve each of its routes", async () => {
    await fc.assert(
      fc.asyncProperty(tree, fc.constantFrom("rest" as const, "http" as const), async (root, kind) => {
        const routes = routesOf(root);
        const api = withRoutes(kind, routes);
        expect(findBrokenRules(toShape(api))).toEqual([]);
        const simulator = createSimulator(api, async () => ({ response: undefined }));
        for (const { verb, path } of routes) {
          const method = verb === "ANY" ? "DELETE" : verb;
          const asked = path.replaceAll(/\{[^}]*\}/g, "value");
          const { status } = await simulator.send(requestOf(asked, "alice", { method }), 0);
          // The authorizer's response is not valid, which shows that the route was found.
          expect([method, asked, status]).toEqual([method, asked, 500]);
        }
      }),
      { numRuns: 100 },
    );
  });

  for (const [code, change] of Object.entries(CHANGES))
    it(`refuse a tree with a change that breaks ${code}, and name its rule`, () => {
      fc.assert(
        fc.property(tree, fc.nat(), (root, seed) => {
          const routes = [...routesOf(root), { verb: "GET", path: "/zero" }];
          const broken = withRoutes("rest", change(routes, seed % routes.length));
          expect(findBrokenRules(toShape(broken)).map((one) => one.code)).toContain(code);
          expect(() => echoing(broken)).toThrow();
          expect(() => echoing(withRoutes("rest", routes))).not.toThrow();
        }),
        { numRuns: 50 },
      );
    });
});
