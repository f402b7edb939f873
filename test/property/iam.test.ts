import fc from "fast-check";
import { expect, it } from "vitest";
import { toPolicyDocument } from "../../analysis/iam/document.ts";
import { toIamExport } from "../../analysis/iam/export.ts";
import { parseCanonicalPath } from "../../authorizer/gateway/canonical-path.ts";
import { type IamExport, NO_GROUP } from "../../contract/iam-export.ts";
import { methodsOf } from "../../contract/route.ts";
import { createEngineWorkspace } from "../../dev/workspace.ts";
import { CONDITIONS, policy } from "../support/arbitraries.ts";
import { CACHE_CONDITIONS, type CacheCase, cacheCase } from "../support/cache-arbitraries.ts";
import { isAllowedByIam } from "../support/iam-simulation.ts";
import { indexesOf } from "../support/indexes.ts";
import { opaIn } from "../support/opa.ts";
import { decide, type Input, type Policy } from "../support/oracle.ts";

const POLICIES = 150;
const REQUESTS = 100;
const SEED = 6;

const API = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod";
const GROUPS = ["G1", "G2", "G3"];
const METHODS = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "CONNECT"];

/** Values that tags can and can't have. Claims are matched by tags; some of these are parts of paths. */
const VALUES = ["a", "b", "7", "1", "items", "users", "u1", "..."];
const ODD_VALUES = ["a/b", "a/items", ".", "..", "", "*", "?", "${x}", "${*}", "a b", "$", "*/*", "caf\u00e9", "a:b"];

/** Conditions of both kinds of generated policies; their reading of the request does not matter to a document. */
const ALL_CONDITIONS = { ...CACHE_CONDITIONS, ...CONDITIONS };

interface Requested {
  readonly method: string;
  /** The path as it arrives, percent-encoded. */
  readonly path: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Changes that make a canonical path not canonical. */
const ODDITIES: readonly ((path: string) => string)[] = [
  (path) => `${path}/`,
  (path) => `/${path}`,
  (path) => path.replace(/\/(?=[^/]*$)/, "//"),
  (path) => path.replace(/\/(?=[^/]*$)/, "/./"),
  (path) => `${path}/..`,
  (path) => path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  (path) => path.replace(/\/(?=[^/]*$)/, "%2F"),
  (path) => `${path};x=1`,
  (path) => `${path}%00`,
  (path) => `${path}/\${x}`,
  () => "/",
];

/** A path template and verb at which to send requests. */
interface Place {
  readonly verbs: readonly string[];
  readonly path: string;
  readonly where?: Readonly<Record<string, string>>;
}

/** Generates requests at one of some places, by a principal in any groups. */
function requestsAt(places: readonly Place[], odd: readonly string[]): fc.Arbitrary<Requested> {
  const value = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...VALUES) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
  );
  const claim = fc.option(value, { freq: 6, nil: undefined });
  const claims = fc
    .record({ sub: claim, id: claim, groups: fc.subarray(GROUPS), level: fc.constantFrom(2, 3) })
    .map(({ sub, id, groups, level }): Requested["claims"] => ({
      ...(sub !== undefined && { sub }),
      ...(id !== undefined && { "custom:id": id }),
      "cognito:groups": groups,
      level,
    }));
  return claims.chain((held) => {
    const own = ["sub", "custom:id"].flatMap((name) => (held[name] === undefined ? [] : [String(held[name])]));
    const filling = fc.oneof(fc.constantFrom(...VALUES, ...own, ...own), value);
    const change = fc.option(fc.constantFrom(...ODDITIES), { freq: 6, nil: undefined });
    return fc
      .record({
        place: fc.constantFrom(...places),
        fillings: fc.array(filling, { minLength: 8, maxLength: 8 }),
        isEncoded: fc.boolean(),
        change,
        verb: fc.nat(6),
        isOther: fc.nat(5).map((draw) => draw === 0),
      })
      .map(({ place, fillings, isEncoded, change: alter, verb, isOther }) => {
        const named = place.verbs.flatMap(methodsOf);
        const methods = isOther ? METHODS : named;
        const segments = place.path
          .slice(1)
          .split("/")
          .flatMap((segment, at) => {
            if (segment.endsWith("+}")) return fillings.slice(at, at + 1 + (verb % 3));
            const claim = held[place.where?.[segment.slice(1, -1)] ?? ""];
            if (typeof claim === "string" && verb !== 0) return [claim];
            return segment.startsWith("{") ? [fillings[at] ?? ""] : [segment];
          });
        // Percent-encoded as browsers do, or unchanged.
        const path = `/${segments.map((segment) => (isEncoded ? encodeURI(segment) : segment)).join("/")}`;
        return { method: methods[verb % methods.length] ?? "GET", path: alter?.(path) ?? path, claims: held };
      });
  });
}

function placesOf({ grants, denials }: Policy, routes: CacheCase["routes"] = []): readonly Place[] {
  const declared = routes.map(({ verb, path }) => ({ verbs: [verb], path }));
  const open = Object.values(grants).filter(({ when }) => when === undefined);
  const owned = open.filter(({ where }) => where !== undefined);
  const all: readonly Place[] = [
    ...open,
    ...owned,
    ...owned,
    ...owned,
    ...Object.values(grants),
    ...Object.values(denials),
    ...declared,
  ];
  // Paths that a wildcard would match by mistake.
  const near = all.map(({ path, ...rest }) => ({ ...rest, path: path.replaceAll(/\{(\w+)\}/g, "{$1}/{$1}") }));
  return [...all, ...near];
}

/** Finds the grants that the policy gives for a path that the authorizer would accept. */
function grantsOf(rules: Policy, { method, path, claims }: Requested, now_s = 2000): readonly string[] {
  const canonical = parseCanonicalPath(path, "encoded");
  if (!canonical.ok) return [];
  const input: Input = { principal: { kind: "user", claims }, request: { method, path: canonical.value }, now_s };
  const decision = decide(rules, ALL_CONDITIONS, input);
  return decision.effect === "allow" ? (decision["grants"] as readonly string[]) : [];
}

/** Formats the ARN of a request. A WebSocket API's request has no verb, and its path is the root. */
function arnOf({ method, path }: Requested): string {
  return method === "CONNECT" && path === "/" ? `${API}/$connect` : `${API}/${method}${path}`;
}

/** Sets the principal tags that an identity pool would set. */
function tagsOf({ tags }: IamExport, claims: Requested["claims"]): Readonly<Record<string, string>> {
  const set = Object.entries(tags).flatMap(([claim, tag]) => {
    const value = claims[claim];
    return typeof value === "string" ? [[tag, value] as const] : [];
  });
  return Object.fromEntries(set);
}

/** Tells whether a request has a route. */
function isDeclared(routes: CacheCase["routes"], { method, path }: Requested): boolean {
  const grants = Object.fromEntries(
    routes.map((route, at) => [`r.${at}`, { roles: ["authenticated"], verbs: [route.verb], path: route.path }]),
  );
  const canonical = parseCanonicalPath(path, "encoded");
  // A document is not proved for other paths.
  if (!canonical.ok) return true;
  const input: Input = { principal: {}, request: { method, path: canonical.value }, now_s: 0 };
  return decide({ roles: {}, grants, denials: {} }, {}, input).effect === "allow";
}

interface Case {
  readonly policy: Policy;
  readonly routes: CacheCase["routes"] | undefined;
}

/**
 * Adds to each grant with claims one with an additional parameter, in the same roles, to test that no document confuses
 * the two.
 */
function withLonger({ grants, ...rest }: Policy): Policy {
  const longer = Object.entries(grants).flatMap(([name, { where, when: _, ...grant }]) =>
    where === undefined || grant.path.endsWith("+}")
      ? []
      : [[`${name}_longer`, { ...grant, path: `${grant.path}/{more}` }]],
  );
  return { ...rest, grants: { ...grants, ...Object.fromEntries(longer) } };
}

const policiesAnywhere = policy.map((rules): Case => ({ policy: rules, routes: undefined }));
const policiesOfApis = cacheCase(["senior", "office", "recent"]);

it.each<[string, fc.Arbitrary<Case>]>([
  ["for all paths", policiesAnywhere],
  [
    "for all paths, of policies with many similar grants",
    policiesOfApis.map(({ policy: rules }) => ({ policy: rules, routes: undefined })),
  ],
  [
    "for all paths, of policies with an additional parameter beside each claim",
    fc.oneof(policiesAnywhere, policiesOfApis).map((one) => ({ policy: withLonger(one.policy), routes: undefined })),
  ],
  ["for the routes of an API", policiesOfApis],
])(
  "no document of a group allows what the policy does not, nor lacks a grant of the policy without listing the gap: %s",
  async (name, cases) => {
    await using workspace = await createEngineWorkspace({});
    const opa = await opaIn(workspace.root);
    const drawn = fc.sample(cases, { numRuns: POLICIES, seed: SEED });
    const indexes = await indexesOf(
      opa,
      workspace.root,
      drawn.map((one) => one.policy),
    );
    const counts = { comparisons: 0, allowed: 0, allowedByTag: 0, granted: 0, gaps: 0, partial: 0 };
    for (const [at, { policy: rules, routes }] of drawn.entries()) {
      const index = indexes[at];
      if (index === undefined) continue;
      const exported = toIamExport(index, new Map(), "r", routes);
      counts.gaps += exported.gaps.length;
      counts.partial += exported.gaps.filter(({ reason }) => reason.includes(": but not ")).length;
      const documents = new Map(
        [...Object.keys(exported.groups), undefined].map((group) => [
          group,
          toPolicyDocument(exported, group, API) ?? {},
        ]),
      );
      const requests = fc.sample(requestsAt(placesOf(rules, routes), ODD_VALUES), {
        numRuns: REQUESTS,
        seed: SEED + at,
      });
      for (const one of requests) {
        if (routes !== undefined && !isDeclared(routes, one)) continue;
        if (one.method === "CONNECT" && one.path !== "/") continue;
        const mine = one.claims["cognito:groups"] as readonly string[];
        const grants = grantsOf(rules, one);
        for (const group of [...mine, undefined]) {
          const document = documents.get(group);
          if (document === undefined) continue;
          const isAllowed = isAllowedByIam(document, arnOf(one), tagsOf(exported, one.claims));
          counts.comparisons += 1;
          if (isAllowed) counts.allowed += 1;
          if (isAllowed && !isAllowedByIam(document, arnOf(one), {})) counts.allowedByTag += 1;
          if (isAllowed && grants.length === 0)
            expect(JSON.stringify({ one, group, rules, routes, document })).toBe("not allowed");

          const alone = { ...one, claims: { ...one.claims, "cognito:groups": group === undefined ? [] : [group] } };
          const certain = grantsOf(rules, alone).filter((grant) => isCertain(rules, exported, grant, alone, group));
          if (certain.length === 0) continue;
          counts.granted += 1;
          if (!isAllowed) {
            const seen = { one, group, certain, gaps: exported.gaps, rules, routes, document };
            expect(JSON.stringify(seen)).toBe("allowed, or listed");
          }
        }
      }
    }
    console.log(name, JSON.stringify(counts));
    expect(counts.comparisons).toBeGreaterThan(10_000);
    expect(counts.allowed).toBeGreaterThan(500);
    expect(counts.allowedByTag).toBeGreaterThan(50);
    expect(counts.granted).toBeGreaterThan(500);
  },
);

/** Tells whether the reason of a gap is about a request: it may name methods, and patterns of the paths that are lost. */
function explains(reason: string, method: string, path: string): boolean {
  const [, methods] = /^([A-Z, ]+): /.exec(reason) ?? [];
  if (methods !== undefined && !methods.split(", ").includes(method)) return false;
  const [, patterns] = /: but not (.*), denied for other grants$/.exec(reason) ?? [];
  if (patterns === undefined) return true;
  return patterns
    .split(", ")
    .some((pattern) =>
      new RegExp(`^${pattern.replaceAll(/[$.+]/g, "\\$&").replace("?*", ".+").replaceAll("*", ".*")}$`).test(path),
    );
}

/** Tells whether no listed gap explains why the document lacks the grant. */
function isCertain(
  rules: Policy,
  { gaps }: IamExport,
  grant: string,
  { method, path, claims }: Requested,
  group: string | undefined,
): boolean {
  const isListed = gaps.some(
    ({ where, what, reason, documents }) =>
      what === "grant_missing" &&
      where === grant &&
      documents?.includes(group ?? NO_GROUP) !== false &&
      explains(reason, method, path),
  );
  // A value as it is in a policy; other values may arrive encoded, or can't be a tag's value.
  const isPlain = /^(\/[\w.~!$&'()+,=:@-]+)*\/?$/.test(path);
  const where = Object.values(rules.grants[grant]?.where ?? {});
  const isTagged = where.every((claim) => !String(claims[claim]).includes("/"));
  const denial_wider = gaps
    .filter(({ what }) => what === "denial_wider")
    .flatMap(({ where: name }) => rules.denials[name] ?? []);
  const isWidened = denial_wider.some(({ verbs, path: template }) => {
    const meant = verbs.includes("ANY") || verbs.includes(method);
    const pattern = template
      .split("/")
      .map((segment) => (segment.startsWith("{") ? ".+" : segment.replaceAll(/[^\w-]+/g, ".*")))
      .join("/");
    return meant && new RegExp(`^${pattern}$`).test(path);
  });
  return !isListed && isPlain && isTagged && !isWidened;
}
