import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { overlaps } from "../../../contract/path-template.ts";
import { judgeRoute, type PublicRule } from "../../../contract/public-rules.ts";
import { methodsOfAll, type Route } from "../../../contract/route.ts";
import { findRoute } from "../../../simulator/find-route.ts";

function rule(verbs: string, path: string, more: Partial<PublicRule> = {}): PublicRule {
  return { name: `ops.${path}`, verbs: verbs.split(","), path, ...more };
}

function route(text: string): Route {
  const [verb = "", path = ""] = text.split(" ");
  return { verb, path };
}

describe("a route by itself", () => {
  it.each([
    ["GET /health", "public"],
    ["HEAD /health", "closed"],
    ["POST /health", "closed"],
    ["ANY /health", "partly"],
    ["ANY /hook", "public"],
    ["DELETE /hook", "public"],
    ["GET /docs/{page}", "public"],
    ["GET /docs/{other_name}", "public"],
    ["GET /docs/faq", "public"],
    ["GET /docs/{page}/images", "closed"],
    ["GET /docs/{page+}", "partly"],
    ["GET /{proxy+}", "partly"],
    ["GET /{name}", "partly"],
    ["POST /{proxy+}", "partly"],
    ["GET /home", "closed"],
    ["CONNECT /", "closed"],
  ])("%s is %s", (text, kind) => {
    const rules = [rule("GET", "/health"), rule("ANY", "/hook"), rule("GET", "/docs/{page}")];
    expect(judgeRoute(rules, route(text)).kind).toBe(kind);
  });

  it("is public by several rules, each for some of its verbs", () => {
    const rules = [rule("GET,HEAD,OPTIONS,PATCH", "/hook"), rule("DELETE,POST,PUT", "/{name}")];
    expect(judgeRoute(rules, route("ANY /hook"))).toEqual({ kind: "public", rules: ["ops./hook", "ops./{name}"] });
    expect(judgeRoute(rules.slice(0, 1), route("ANY /hook"))).toEqual({ kind: "partly", rules: ["ops./hook"] });
  });

  it("is public only for an API that the rule is for", () => {
    const rules = [rule("GET", "/health", { apis: ["orders"] })];
    const kinds = [undefined, "admin", "orders"].map((api) => judgeRoute(rules, route("GET /health"), [], api).kind);
    expect(kinds).toEqual(["closed", "closed", "public"]);
  });
});

describe("a route beside a more specific one", () => {
  it.each([
    ["ANY /{proxy+}", ["GET /health"], "closed"],
    ["GET /{proxy+}", ["ANY /health"], "closed"],
    ["POST /{proxy+}", ["GET /health"], "closed"],
    ["ANY /{proxy+}", ["POST /health"], "partly"],
    ["ANY /{proxy+}", ["GET /{name}"], "closed"],
    ["GET /{name}", ["GET /health"], "closed"],
    ["ANY /health", ["GET /health"], "closed"],
    ["ANY /health", ["POST /health"], "partly"],
    ["GET /health", ["ANY /{proxy+}"], "public"],
  ])("%s beside %j is %s", (text, others, kind) => {
    const routes = [text, ...others].map(route);
    expect(judgeRoute([rule("GET", "/health")], route(text), routes).kind).toBe(kind);
  });
});

const segment = fc.constantFrom("a", "b", "{x}");
const exact = fc.array(segment, { minLength: 1, maxLength: 2 }).map((parts) => named(parts));
const template = fc.oneof(
  exact,
  fc.array(segment, { maxLength: 1 }).map((parts) => named([...parts, "{r+}"])),
);
const verb = fc.constantFrom("ANY", "GET", "POST");

/** Gives parameters of one path names that differ. */
function named(parts: readonly string[]): string {
  return `/${parts.map((part, at) => part.replace("x", `x${at}`)).join("/")}`;
}

// One verb that routes name, one that another route may name, and one that only ANY stands for.
const METHODS = ["GET", "POST", "PUT"];
const PATHS = ["a", "b", "c"].flatMap((one) => [
  `/${one}`,
  ...["a", "b", "c"].flatMap((two) => [`/${one}/${two}`, `/${one}/${two}/c`]),
]);

describe.each(["rest", "http"] as const)("on a generated %s API, of the requests that it gives to a route", (kind) => {
  it("all are public for a public route, and none for a closed one", () => {
    const seen = { public: 0, closed: 0, partly: 0 };
    fc.assert(
      fc.property(
        fc.array(fc.record({ verb, path: template }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.record({ verb, path: exact }), { minLength: 1, maxLength: 3 }),
        (routes, open) => {
          const rules = open.map((one, at): PublicRule => ({ name: `a.${at}`, verbs: [one.verb], path: one.path }));
          const api = {
            kind,
            stage: "s",
            routes: routes.map((one) => ({ ...one, authorizer: null })),
            authorizers: {},
          };
          const isPublic = (method: string, path: string) =>
            rules.some((one) => methodsOfAll(one.verbs).includes(method) && overlaps(one.path, path));
          const given = METHODS.flatMap((method) =>
            PATHS.map((path) => ({ to: findRoute(api, method, path)?.route, open: isPublic(method, path) })),
          );
          for (const one of routes) {
            const own = given.filter(({ to }) => to?.verb === one.verb && to.path === one.path);
            const { kind: judged } = judgeRoute(rules, one, routes);
            seen[judged] += 1;
            if (judged === "public") expect(own.filter(({ open: isOpen }) => !isOpen)).toEqual([]);
            if (judged === "closed") expect(own.filter(({ open: isOpen }) => isOpen)).toEqual([]);
          }
        },
      ),
      { numRuns: 300, seed: 14 },
    );
    // Positive controls: each judgement occurs.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
  });
});
