import fc from "fast-check";
import type { Route } from "../../contract/route.ts";
import type { WireRequest } from "../../simulator/arrival.ts";
import type { Condition, Denial, Grant, Policy } from "./oracle.ts";

/**
 * Conditions that read every kind of field: the time, the token, and parts of a request that can be in a key and that
 * can't.
 */
export const CACHE_CONDITIONS_REGO = `# METADATA
# schemas:
# - input: schema.input
package access.conditions

import data.engine.values

recent if input.now_s - values.number(input.principal.claims.auth_time) < 3600

office if net.cidr_contains("203.0.113.0/24", input.request.source_ip)

own if input.params.p1 == input.principal.claims.sub

senior if values.number(input.principal.claims.level) >= 3

# METADATA
# custom:
#   required: [request.headers.x-tenant]
blue if input.request.headers["x-tenant"][0] == "blue"

# METADATA
# custom:
#   required: [request.query.page]
first if input.request.query.page[0] == "1"

# METADATA
# custom:
#   late_by: 60
soon if input.now_s % 120 < 60

by_phone if input.request.headers["x-device"][0] == "phone"
`;

/** How late the passing of time may be noticed, in seconds, by the condition `soon`. */
export const LATE_BY_S = 60;

/** The same conditions in TypeScript. */
export const CACHE_CONDITIONS: Readonly<Record<string, Condition>> = {
  recent: ({ now_s, principal }) =>
    typeof principal?.claims?.["auth_time"] === "number" && now_s - principal.claims["auth_time"] < 3600,
  office: ({ request }) => /^203\.0\.113\.\d+$/.test(request.source_ip ?? ""),
  own: ({ principal }, params) => params["p1"] !== undefined && params["p1"] === principal?.claims?.["sub"],
  senior: ({ principal }) => Number(principal?.claims?.["level"]) >= 3,
  blue: ({ request }) => request.headers?.["x-tenant"]?.[0] === "blue",
  first: ({ request }) => request.query?.["page"]?.[0] === "1",
  soon: ({ now_s }) => now_s % 120 < LATE_BY_S,
  by_phone: ({ request }) => request.headers?.["x-device"]?.[0] === "phone",
};

/** A policy and the API that it is for. */
export interface CacheCase {
  readonly policy: Policy;
  readonly routes: readonly Route[];
}

const ROLES = ["r1", "r2", "r3"];
const SEGMENTS = ["items", "users", "a"];
const VALUES = ["1", "2", "items", "users", "a", "u1", "...", "a:b", "x@y", "$"];
const METHODS = ["GET", "PUT", "DELETE"];

function someOf<Value>(values: readonly Value[]): fc.Arbitrary<Value[]> {
  return fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });
}

/** Generates path templates whose parameters are named by their position, since siblings must have one name. */
export const template: fc.Arbitrary<string> = fc
  .tuple(
    fc.array(
      fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...SEGMENTS) }, { weight: 1, arbitrary: fc.constant("{}") }),
      {
        maxLength: 3,
      },
    ),
    fc.boolean(),
  )
  .map(([segments, isGreedy]) => {
    const named = segments.map((segment, at) => (segment === "{}" ? `{p${at}}` : segment));
    const tail = isGreedy ? [`{p${named.length}+}`] : [];
    return `/${[...named, ...tail].join("/")}`;
  });

const verbs = fc.oneof({ weight: 3, arbitrary: someOf(METHODS) }, { weight: 1, arbitrary: fc.constant(["ANY"]) });

/** Generates the conditions of a rule. Half of the rules have none, so that some routes are of the class token. */
function conditionsOf(names: readonly string[]): fc.Arbitrary<string[] | undefined> {
  return fc.oneof(fc.constant(undefined), someOf(names));
}

function grantOf(names: readonly string[]): fc.Arbitrary<Grant> {
  return template.chain((path) => {
    const [parameter] = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
    const where =
      parameter === undefined
        ? fc.constant(undefined)
        : fc.option(fc.constant({ [parameter]: "sub" }), { nil: undefined });
    return fc
      .record({ roles: someOf([...ROLES, "authenticated"]), verbs, where, when: conditionsOf(names) })
      .map(({ where: own, when, ...rest }) => ({ ...rest, path, ...(own && { where: own }), ...(when && { when }) }));
  });
}

function denialOf(names: readonly string[]): fc.Arbitrary<Denial> {
  return fc
    .record({ path: template, verbs, roles: fc.option(someOf(ROLES), { nil: undefined }), unless: conditionsOf(names) })
    .map(({ path, verbs: denied, roles, unless }) => ({
      path,
      verbs: denied,
      ...(roles && { roles }),
      ...(unless && { unless }),
    }));
}

/**
 * Generates policies, each with its API.
 *
 * @param names - Names of the conditions that rules may use.
 */
export function cacheCase(names: readonly string[]): fc.Arbitrary<CacheCase> {
  return fc
    .record({
      grants: fc.array(grantOf(names), { minLength: 2, maxLength: 6 }),
      denials: fc.array(denialOf(names), { maxLength: 2 }),
      others: fc.array(fc.record({ verb: fc.constantFrom(...METHODS, "ANY"), path: template }), { maxLength: 2 }),
      isForAll: fc.boolean(),
    })
    .map(({ grants, denials, others, isForAll }) => {
      const declared = [...grants, ...denials].flatMap((rule) => rule.verbs.map((verb) => ({ verb, path: rule.path })));
      const routes = [...declared, ...others, ...(isForAll ? [{ verb: "ANY", path: "/{p0+}" }] : [])];
      return {
        policy: {
          roles: {
            r1: { groups: ["G1"] },
            r2: { groups: ["G2"], includes: ["r3"] },
            r3: { groups: ["G3"] },
          },
          grants: Object.fromEntries(grants.map((rule, at) => [`area.g${at}`, rule])),
          denials: Object.fromEntries(denials.map((rule, at) => [`area.d${at}`, rule])),
        },
        routes: [...new Map(routes.map((route) => [`${route.verb} ${route.path}`, route])).values()],
      };
    });
}

/** A request and its sender: an index into the tokens of a world, or nobody. */
export interface Sent {
  readonly request: Omit<WireRequest, "headers">;
  readonly headers: readonly (readonly [string, string])[];
  readonly sender: number | undefined;
  /** Seconds since the previous request. */
  readonly afterS: number;
}

/** Changes that make a canonical path not canonical. */
const ODDITIES: readonly ((path: string) => string)[] = [
  (path) => `${path}/`,
  (path) => `${path}/`,
  (path) => `${path}//`,
  (path) => `${path}%2F`,
  (path) => path.replace("/", "//"),
  (path) => path.replace(/\/([^/]*)$/, "//$1"),
  (path) => path.replace(/\/([^/]*)$/, "/./$1"),
  (path) => path.replace(/\/([^/]*)$/, "/../$1"),
  (path) => `${path === "/" ? "" : path}/.`,
  (path) => `${path === "/" ? "" : path}/..`,
  (path) => `${path};x=1`,
  (path) => path.replace(/\/([^/]+)\//, "/$1%2Fy/"),
  (path) => `${path}%2fx`,
  (path) => `${path}%2Fx`,
  (path) => `${path}%61`,
  (path) => `${path}%20y`,
  (path) => `${path}*`,
  (path) => `${path}%3Fx`,
  (path) => `${path}#x`,
  (path) => `${path}\\x`,
  (path) => `${path}\${x}`,
  (path) => `${path}\${*}`,
  (path) => `${path}%25`,
  (path) => `${path}%c3%a9`,
];

/**
 * Generates sequences of requests. They are combined from a small pool, so that most requests repeat an earlier one, by
 * the same or another sender, at the same or another time.
 */
export function sequenceFor(given: CacheCase, senders: number): fc.Arbitrary<readonly Sent[]> {
  const pick = fc.tuple(fc.nat(4), fc.nat(3), fc.nat(4));
  return fc
    .tuple(
      fc.array(sentTo(given, senders), { minLength: 8, maxLength: 8 }),
      fc.array(pick, { minLength: 20, maxLength: 50 }),
    )
    .map(([pool, picks]) =>
      picks.flatMap(([what, who, how]) => {
        const [asked, sent, circumstances] = [pool[what], pool[who], pool[how]];
        if (asked === undefined || sent === undefined || circumstances === undefined) return [];
        const { sourceIp, query } = circumstances.request;
        return [{ ...sent, headers: circumstances.headers, request: { ...asked.request, sourceIp, query } }];
      }),
    );
}

/** Generates requests that mostly match a route or a grant of the API. */
function sentTo({ policy, routes }: CacheCase, senders: number): fc.Arbitrary<Sent> {
  const templates = [...routes.map(({ path }) => path), ...Object.values(policy.grants).map(({ path }) => path)];
  const values = fc.array(fc.constantFrom(...VALUES), { minLength: 6, maxLength: 6 });
  const path = fc.tuple(fc.constantFrom(...templates), values).map(([chosen, list]) => {
    const segments = chosen.split("/").slice(1);
    return `/${segments
      .map((segment, at) =>
        segment.endsWith("+}") ? `${list[at]}/${list[at + 1]}` : segment.startsWith("{") ? list[at] : segment,
      )
      .join("/")}`;
  });
  const odd = fc.option(fc.constantFrom(...ODDITIES), { freq: 4, nil: undefined });
  const header = (name: string, options: readonly string[]) =>
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(...options).map((value) => [[name, value] as const]) },
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.constant(options.map((value) => [name, value] as const)) },
    );
  return fc
    .record({
      path: fc.tuple(path, odd).map(([text, change]) => change?.(text) ?? text),
      method: fc.constantFrom(...METHODS, "GET", "HEAD"),
      query: fc.oneof(
        { weight: 6, arbitrary: fc.constantFrom("page=1", "page=2") },
        { weight: 1, arbitrary: fc.constantFrom("", "page=1&page=2", "page=") },
      ),
      tenant: header("x-tenant", ["blue", "red"]),
      device: header("X-Device", ["phone", "desk"]),
      sourceIp: fc.constantFrom("203.0.113.7", "198.51.100.1"),
      place: fc.constantFrom(undefined, "api.example.com", "api.example.com/v1", "other.example.com"),
      sender: fc.option(fc.nat(senders - 1), { freq: 15, nil: undefined }),
      afterS: fc.constantFrom(0, 0, 1, 7, 59, 60, 61, 299, 300),
    })
    .map(({ tenant, device, sender, afterS, place, path: wanted, ...request }) => {
      const [domainName, base] = place?.split("/") ?? [];
      const located = base === undefined ? wanted : `/${base}${wanted}`;
      return {
        request: { ...request, path: located, ...(domainName !== undefined && { domainName }) },
        headers: [...tenant, ...device],
        sender,
        afterS,
      };
    });
}
