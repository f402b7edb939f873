import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { globOfTemplate } from "../../analysis/paths/iam-patterns.ts";
import { haveCommon } from "../../analysis/paths/language.ts";
import { parseEvent } from "../../authorizer/gateway/event.ts";
import { toRequest } from "../../authorizer/gateway/request.ts";
import { createEvaluator, type Evaluate } from "../../authorizer/policy/evaluator.ts";
import { compile, ENTRYPOINTS, listShipped } from "../../build/package/compile.ts";
import { DATA_DOCUMENT } from "../../build/policy/engine-queries.ts";
import { listRego } from "../../build/rego/files.ts";
import type { ApiKind } from "../../contract/api-kinds.ts";
import { namesOfParameters, overlaps, segmentsOf } from "../../contract/path-template.ts";
import type { Route } from "../../contract/route.ts";
import { createEngineWorkspace } from "../../dev/workspace.ts";
import { findRoute } from "../../simulator/find-route.ts";
import type { SimulatedApi } from "../../simulator/simulated-api.ts";
import { changed, createEvent, redirected } from "../support/events.ts";
import { opaIn } from "../support/opa.ts";
import { decide } from "../support/oracle.ts";
import { toFiles } from "../support/rego.ts";

type Params = Readonly<Record<string, string>>;

/** The result of a matcher: the parameters, if it gives any, or that the template does not match. */
type Verdict = { readonly matches: true; readonly params?: Params } | { readonly matches: false };

interface Case {
  readonly template: string;
  /** The decoded path. */
  readonly path: string;
  readonly matches: boolean;
  readonly params?: Params;
  /** The path as the client sends it, if it is not percent-encoded as usual. */
  readonly sent?: string;
  readonly but?: Readonly<
    Record<string, { readonly matches?: boolean; readonly params?: Params; readonly because: string }>
  >;
}

interface RouteCase {
  readonly api: "rest" | "http";
  readonly routes: readonly string[];
  readonly request: string;
  readonly serves: string | null;
}

const ROUTER_FILE = "the-most-specific-route-serves.json";
const folder = join(import.meta.dirname, "path-templates");
const read = (file: string) => JSON.parse(readFileSync(join(folder, file), "utf8"));
const files = readdirSync(folder).filter((name) => name.endsWith(".json") && name !== ROUTER_FILE);
const cases = new Map(files.map((file) => [file, read(file) as readonly Case[]]));
const all = [...cases.values()].flat();
const templates = [...new Set(all.map(({ template }) => template))];

/** A policy with a grant for each template. */
const policy = {
  roles: {},
  denials: {},
  grants: Object.fromEntries(
    templates.map((path, at) => [`cases.g${at}`, { roles: ["authenticated"], verbs: ["GET"], path }]),
  ),
};

let evaluate: Evaluate;
let overlapping: readonly boolean[];

beforeAll(async () => {
  await using workspace = await createEngineWorkspace(toFiles(policy));
  const { root } = workspace;
  const opa = await opaIn(root);
  const { stdout: data } = await opa("eval", "--format", "raw", "--data", "policies", DATA_DOCUMENT);
  const wasm = await compile(
    opa,
    join(root, "wasm.tar.gz"),
    listShipped(await listRego(root, "policies")),
    ENTRYPOINTS,
  );
  if (!wasm.ok) throw new Error(wasm.error);
  evaluate = createEvaluator(new WebAssembly.Module(wasm.value), Uint8Array.from(Buffer.from(data)).buffer);
  const pairs = JSON.stringify(all.map(({ template, path }) => [template, path]));
  const query = `[hit | some pair in ${pairs}; hit := count({1 | data.engine.templates.overlaps(pair[0], pair[1])}) == 1]`;
  overlapping = JSON.parse((await opa("eval", "--format", "raw", "--data", "policies/engine", query)).stdout);
});

const MATCHERS: Readonly<Record<string, (one: Case) => Verdict>> = {
  engine(one) {
    const answer = evaluate("engine/decision", inputOf(one));
    if (!answer.ok) throw new Error(JSON.stringify(answer.error));
    const [{ result }] = answer.value as [{ result: { params?: Readonly<Record<string, Params>> } }];
    return verdictOf(result.params?.[`cases.g${templates.indexOf(one.template)}`]);
  },
  "build checks": (one) => ({ matches: overlapping[all.indexOf(one)] === true }),
  "analysis: overlaps": ({ template, path }) => ({ matches: overlaps(template, path) }),
  "analysis: languages"({ template, path }) {
    return {
      matches: haveCommon(
        globOfTemplate(template),
        segmentsOf(path).map((literal) => ({ literal })),
      ),
    };
  },
  "simulator: rest": (one) => routed("rest", one),
  "simulator: http": (one) => routed("http", one),
  authorizer: authorized,
  oracle(one) {
    const { template: path } = one;
    const grants = { "a.g": { roles: ["authenticated"], verbs: ["GET"], path } };
    const decision = decide({ roles: {}, denials: {}, grants }, {}, inputOf(one));
    return verdictOf((decision["params"] as Readonly<Record<string, Params>> | undefined)?.["a.g"]);
  },
};

function inputOf({ path }: Case) {
  return { principal: { claims: {} }, request: { method: "GET", path }, now_s: 0 };
}

function verdictOf(params: Params | undefined): Verdict {
  return params === undefined ? { matches: false } : { matches: true, params };
}

/** Percent-encodes the characters that a path can't have as they are. */
function sentOf({ path, sent }: Case): string {
  return sent ?? encodeURI(path).replaceAll(/[?#]/g, encodeURIComponent);
}

function routed(kind: "rest" | "http", one: Case): Verdict {
  const found = findRoute(apiOf(kind, [{ verb: "GET", path: one.template }]), "GET", sentOf(one));
  if (found === undefined) return { matches: false };
  // A REST API hands parameters over as they arrive.
  const params = Object.entries(found.pathParameters).map(
    ([name, value]) => [name, kind === "rest" ? decodeURIComponent(value) : value] as const,
  );
  return { matches: true, params: Object.fromEntries(params) };
}

function apiOf(kind: "rest" | "http", routes: readonly Route[]): SimulatedApi {
  return { kind, stage: "prod", routes: routes.map((route) => ({ ...route, authorizer: "one" })), authorizers: {} };
}

/**
 * Gives the authorizer events in which API Gateway has matched the template, with all parameters that the path could
 * give, and some that it could not.
 *
 * The accepted parameters must be one set, the same for all kinds of API.
 */
function authorized(one: Case): Verdict {
  const kinds = ["rest-request", "http-1", "http-2"] as const;
  const [first, ...others] = kinds.map((kind) => {
    const path = kind === "rest-request" ? sentOf(one) : one.path;
    const taken = assignmentsOf(namesOfParameters(one.template), path).filter((params) =>
      isTaken(kind, one.template, path, params),
    );
    const decoded = taken.map((params) =>
      Object.fromEntries(
        // A parameter without a value is as good as missing.
        Object.entries(params).flatMap(([name, value]) =>
          value === "" ? [] : [[name, kind === "rest-request" ? decodeURIComponent(value) : value]],
        ),
      ),
    );
    expect(new Set(decoded.map((params) => JSON.stringify(params))).size).toBeLessThan(2);
    return verdictOf(decoded[0]);
  });
  for (const other of others) expect(other).toEqual(first);
  return first ?? { matches: false };
}

function isTaken(kind: ApiKind, template: string, path: string, params: Params): boolean {
  const event = redirected(kind, createEvent(kind, undefined), "GET", path);
  const route =
    kind === "http-2"
      ? { routeKey: `GET ${template}`, "requestContext.routeKey": `GET ${template}` }
      : { resource: template, "requestContext.resourcePath": template };
  const parsed = parseEvent(changed(event, { ...route, pathParameters: params }));
  return parsed.ok && toRequest(parsed.value).ok;
}

/** Lists every assignment of a part of the path, an empty string or no value to the parameters. */
function assignmentsOf(names: readonly string[], path: string): readonly Params[] {
  const segments = segmentsOf(path);
  const parts = segments.flatMap((_, from) =>
    segments.slice(from).map((_last, more) => segments.slice(from, from + more + 1).join("/")),
  );
  const values = [...new Set([...parts, ""])];
  return names.reduce<readonly Params[]>(
    (found, name) =>
      found.flatMap((params) => [
        params,
        ...values.map((value) => Object.fromEntries([...Object.entries(params), [name, value]])),
      ]),
    [{}],
  );
}

const timesRun = new Map<string, number>(Object.keys(MATCHERS).map((name) => [name, 0]));

describe.each(Object.entries(MATCHERS))("%s", (matcher, match) => {
  describe.each([...cases])("%s", (_, ofFile) => {
    it.each(ofFile.map((one) => [`${one.template} and ${one.sent ?? one.path}`, one] as const))("%s", (_name, one) => {
      timesRun.set(matcher, (timesRun.get(matcher) ?? 0) + 1);
      const exception = one.but?.[matcher];
      if (exception !== undefined && exception.matches === undefined) return;
      const { matches, params } = exception ?? one;
      const verdict = match(one);
      const isWhole = "params" in verdict;
      expect(verdict).toEqual({ matches, ...(isWhole && { params }) });
    });
  });
});

describe("the most specific route serves", () => {
  const routeCases = read(ROUTER_FILE) as readonly RouteCase[];
  it.each(routeCases.map((one) => [`${one.api}: ${one.request} of ${one.routes.join(", ")}`, one] as const))(
    "%s",
    (_, { api, routes, request, serves }) => {
      const [method = "", path = ""] = request.split(" ");
      // The order in which routes are declared makes no difference.
      const declared = routes.map((route) => {
        const [verb = "", template = ""] = route.split(" ");
        return { verb, path: template };
      });
      const found = [declared, declared.toReversed()].map((list) => findRoute(apiOf(api, list), method, path)?.route);
      const keys = found.map((route) => (route === undefined ? null : `${route.verb} ${route.path}`));
      expect(keys).toEqual([serves, serves]);
    },
  );
});

it("every exception for a matcher names an existing matcher and has a reason", () => {
  const exceptions = all.flatMap(({ but = {} }) => Object.entries(but));
  expect(exceptions.filter(([name, { because }]) => MATCHERS[name] === undefined || !because)).toEqual([]);
});

it("a case that matches names all of its parameters", () => {
  const unnamed = all.filter(({ template, matches, params = {} }) => {
    const names = matches ? namesOfParameters(template) : [];
    return Object.keys(params).sort().join() !== [...names].sort().join();
  });
  expect(unnamed).toEqual([]);
});

it("every matcher ran every case", () => {
  expect([...timesRun]).toEqual([...timesRun.keys()].map((matcher) => [matcher, all.length]));
});
