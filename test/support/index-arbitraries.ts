import fc from "fast-check";
import type { EngineInput } from "../../contract/engine-input.ts";
import { HTTP_METHODS, methodsOf, type Route } from "../../contract/route.ts";
import { CACHE_CONDITIONS, template } from "./cache-arbitraries.ts";
import type { Policy } from "./oracle.ts";
import { type Hints, objectOf, type Pool, readInputSchema, readRuleSchema, type Schema } from "./schema-arbitraries.ts";

/**
 * A request of a principal, twice: with the same token, method and path, and with another time, address, headers and
 * query.
 */
export interface RequestTwice {
  readonly input: EngineInput;
  readonly again: EngineInput;
}

/** A policy, its API and the requests to it. */
export interface IndexCase {
  readonly policy: Policy;
  readonly routes: readonly Route[];
  readonly requests: readonly RequestTwice[];
}

/** The schemas of the generated policies and inputs. */
export interface Schemas {
  readonly grant: Schema;
  readonly denial: Schema;
  readonly role: Schema;
  readonly input: Schema;
}

/** Reads the schemas of the policy language. */
export async function readSchemas(): Promise<Schemas> {
  const [grant, denial, role, input] = await Promise.all([
    readRuleSchema("grant"),
    readRuleSchema("denial"),
    readRuleSchema("role"),
    readInputSchema(),
  ]);
  return { grant, denial, role, input };
}

const NOW_S = 1_700_000_000;

/** The times of requests, around the numbers of a policy. */
const TIMES = [NOW_S - 100_000, NOW_S - 1, NOW_S, NOW_S + 1, NOW_S + 100_000];

const ROLES = ["r1", "r2", "r3"];
const GROUPS = ["G1", "G2", "G3"];
const SCOPES = ["s/1", "s/2"];
const DEPARTMENTS = ["Audit", "Ops"];
const CLAIMS = ["sub", "custom:id"];
/** Segments of paths without percent-encoding, and values of claims. */
const VALUES = ["1", "2", "items", "users", "a", "u1"];
const ADDRESSES = ["203.0.113.7", "198.51.100.1"];
/** The names of issuers in roles and of principals; some roles are tied, and some principals are of another issuer. */
const ISSUER_NAMES = ["staff", "partner"];
const ISSUERS = ["https://one.example", "https://other.example"];

/** Values for a key without a hint: those that a request may have, so that the key matters to some requests. */
const POOL: Pool = {
  texts: [
    ...["user", "machine", "access", "id", "GET", "PUT", "blue", "phone", "level"],
    ...[...ROLES, ...GROUPS, ...SCOPES, ...DEPARTMENTS, ...CLAIMS, ...VALUES, ...ADDRESSES, ...ISSUERS],
    ...Object.keys(CACHE_CONDITIONS),
  ],
  numbers: [0, 1, 3, 60, 3600, ...TIMES, NOW_S - 50_000, NOW_S + 50_000, NOW_S * 2],
};

function someOf<Value>(values: readonly Value[], maxLength = 2): fc.Arbitrary<Value[]> {
  return fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength });
}

/**
 * Generates verbs: mostly of a few methods, so that rules overlap, and the schema's others as well. `CONNECT` belongs
 * to WebSocket APIs, at the root.
 */
function verbsOf(schema: Schema, path: string): fc.Arbitrary<readonly string[]> {
  const verbs = (schema.properties?.["verbs"]?.items?.enum ?? []).map(String);
  const others = path === "/" ? verbs : verbs.filter((verb) => verb !== "CONNECT");
  return fc.oneof<fc.MaybeWeightedArbitrary<readonly string[]>[]>(
    { weight: 4, arbitrary: someOf(["GET", "PUT"]) },
    { weight: 1, arbitrary: fc.constant(["ANY"]) },
    { weight: 1, arbitrary: someOf(others) },
  );
}

const conditions = someOf(Object.keys(CACHE_CONDITIONS));

/** Conditions that read nothing but the token. */
const conditionsOfToken = fc.constant(["senior"]);

/** The APIs of rules; most are for all, since IAM documents leave out the others. Requests are to the first. */
const apis = fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, someOf(["blue", "red"]));

/** Generates a grant or denial with every key that its schema has. */
function ruleOf(schema: Schema, hintsAt: (path: string) => Hints): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  return template.chain((path) =>
    objectOf(schema, { api: apis, path: fc.constant(path), verbs: verbsOf(schema, path), ...hintsAt(path) }, POOL),
  );
}

function whereOf(path: string): fc.Arbitrary<Readonly<Record<string, string>> | undefined> {
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");
  if (parameters.length === 0) return fc.constant(undefined);
  return fc.dictionary(fc.constantFrom(...parameters), fc.constantFrom(...CLAIMS), {
    minKeys: 1,
    maxKeys: 2,
    noNullPrototype: true,
  });
}

/** Generates a role; it may include some others, which must not lead back to it. */
function roleOf(schema: Schema, others: readonly string[]): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const hints: Hints = {
    groups: someOf(GROUPS),
    scopes: someOf(SCOPES),
    // Roles by kind are rare, since so many principals hold them.
    kinds: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, someOf(["user", "machine"])),
    claims: someOf(DEPARTMENTS).map((values) => ({ "custom:department": values })),
    issuers: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, someOf(ISSUER_NAMES)),
    includes: others.length === 0 ? fc.constant(undefined) : someOf(others),
  };
  return objectOf(schema, hints, POOL);
}

/**
 * Generates policies from the schemas of grants, denials and roles. A key that is new in a schema is generated without a
 * line here.
 *
 * @param when - The conditions of grants and denials.
 */
function policyOf({ grant, denial, role }: Schemas, when: fc.Arbitrary<readonly string[]>): fc.Arbitrary<Policy> {
  const roles = someOf([...ROLES, "authenticated"]);
  const grants = ruleOf(grant, (path) => ({ roles, where: whereOf(path), when }));
  const denials = ruleOf(denial, () => ({ roles: someOf(ROLES), unless: when }));
  return fc
    .record({
      grants: fc.array(grants, { minLength: 3, maxLength: 6 }),
      denials: fc.array(denials, { maxLength: 2 }),
      roles: fc.tuple(...ROLES.map((_, at) => roleOf(role, ROLES.slice(at + 1)))),
    })
    .map(({ grants: granted, denials: denied, roles: held }) => {
      const policy: unknown = {
        grants: Object.fromEntries(granted.map((rule, at) => [`area.g${at}`, rule])),
        denials: Object.fromEntries(denied.map((rule, at) => [`area.d${at}`, rule])),
        roles: Object.fromEntries(ROLES.map((name, at) => [name, held[at]])),
      };
      return policy as Policy;
    });
}

/**
 * Generates the routes of the policy's API: those that the policy names, some others, and perhaps one for all paths.
 */
function routesOf({ grants, denials }: Policy): fc.Arbitrary<readonly Route[]> {
  const named = [...Object.values(grants), ...Object.values(denials)].flatMap(({ verbs, path }) =>
    verbs.filter((verb) => verb !== "CONNECT").map((verb) => ({ verb, path })),
  );
  const others = fc.array(fc.record({ verb: fc.constantFrom("GET", "PUT", "ANY"), path: template }), { maxLength: 1 });
  return fc.tuple(others, fc.boolean()).map(([more, isForAll]) => {
    const routes = [...named, ...more, ...(isForAll ? [{ verb: "ANY", path: "/{p0+}" }] : [])];
    return [...new Map(routes.map((route) => [`${route.verb} ${route.path}`, route])).values()];
  });
}

const claims = fc
  .record({
    sub: fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...VALUES) }, fc.constantFrom(7, null, "", "a/b", "*")),
    "custom:id": fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...VALUES) }, fc.constantFrom(undefined, 7, "..")),
    "cognito:groups": fc.oneof({ weight: 8, arbitrary: fc.subarray(GROUPS) }, fc.constantFrom(undefined, "G1", [7])),
    "custom:department": fc.constantFrom(undefined, ...DEPARTMENTS, "[Audit, Ops]"),
    scope: fc.constantFrom(undefined, ...SCOPES, "s/2 s/1"),
    level: fc.constantFrom(undefined, 2, 3, "3"),
    auth_time: fc.constantFrom(undefined, ...TIMES, "soon"),
  })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));

/** Generates the fields of a request other than its method and path, from the schema of the input. */
function circumstancesOf({ input }: Schemas): fc.Arbitrary<EngineInput> {
  const { principal: _, params: __, ...properties } = input.properties ?? {};
  // `ambiguous` follows from headers and parameters, each of which has one value here.
  const { method: ___, path: ____, ambiguous: _____, ...ofRequest } = properties["request"]?.properties ?? {};
  const header = (values: readonly string[]) => fc.oneof(fc.constant(undefined), fc.constantFrom(...values));
  const headers = fc
    .record({ tenant: header(["blue", "red"]), device: header(["phone", "desk"]) })
    .map(({ tenant, device }) => ({
      ...(tenant !== undefined && { "x-tenant": [tenant] }),
      ...(device !== undefined && { "x-device": [device] }),
    }));
  const query = header(["1", "2"]).map((page) => (page === undefined ? {} : { page: [page] }));
  const hints: Hints = {
    source_ip: fc.constantFrom(...ADDRESSES),
    headers,
    query,
    // Each stage of each API has its own cache, so both requests have the same one.
    api_id: fc.constant("abcdef1234"),
    stage: fc.constant("prod"),
  };
  const request = objectOf({ properties: ofRequest, required: Object.keys(ofRequest) }, hints, POOL);
  const required = Object.keys(properties);
  return objectOf({ properties, required }, { now_s: fc.constantFrom(...TIMES), request }, POOL);
}

/** Generates principals with any claims. */
function principalOf({ input }: Schemas): fc.Arbitrary<NonNullable<EngineInput["principal"]>> {
  const schema = input.properties?.["principal"] ?? {};
  const required = ["id", "claims"];
  return objectOf(
    { ...schema, required },
    {
      id: fc.constant("someone"),
      claims,
      issuer: fc.constantFrom(...ISSUERS),
      issuer_name: fc.constantFrom(undefined, ...ISSUER_NAMES, "other"),
    },
    POOL,
  );
}

/** Generates requests, mostly at a path of a grant, else of a denial or route. The path has no percent-encoding. */
function requestTo({ grants, denials }: Policy, routes: readonly Route[], held: Readonly<Record<string, unknown>>) {
  const granted = Object.values(grants);
  const others = [...Object.values(denials), ...routes.map(({ verb, path }) => ({ verbs: [verb], path }))];
  const place = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...granted) },
    { weight: 2, arbitrary: fc.constantFrom(...others, ...granted) },
  );
  const fillings = fc.array(fc.constantFrom(...VALUES), { minLength: 6, maxLength: 6 });
  return fc
    .record({
      place,
      fillings,
      verb: fc.nat(20),
      isOwn: fc.nat(4).map((draw) => draw > 0),
      length: fc.integer({ min: 1, max: 2 }),
    })
    .map(({ place: { verbs, path, ...rule }, fillings: values, verb, isOwn, length }) => {
      const methods = verb === 20 ? HTTP_METHODS : verbs.flatMap(methodsOf);
      const where: Readonly<Record<string, string>> = "where" in rule ? (rule.where ?? {}) : {};
      const segments = path
        .slice(1)
        .split("/")
        .flatMap((segment, at) => {
          if (segment.endsWith("+}")) return values.slice(at, at + length);
          if (!segment.startsWith("{")) return [segment];
          const claim = held[where[segment.slice(1, -1)] ?? ""];
          return [isOwn && typeof claim === "string" && VALUES.includes(claim) ? claim : (values[at] ?? "")];
        });
      return { method: methods[verb % methods.length] ?? "GET", path: `/${segments.join("/")}` };
    });
}

function requestTwice(schemas: Schemas, policy: Policy, routes: readonly Route[]): fc.Arbitrary<RequestTwice> {
  const circumstances = circumstancesOf(schemas);
  return principalOf(schemas).chain((principal) =>
    fc
      .record({ request: requestTo(policy, routes, principal.claims ?? {}), one: circumstances, other: circumstances })
      .map(({ request, one, other }) => ({
        input: { ...one, principal, request: { ...one.request, ...request } },
        again: { ...other, principal, request: { ...other.request, ...request } },
      })),
  );
}

/** Generates policies from the schemas, each with an API and with requests to it. */
export function indexCase(schemas: Schemas, requests: number): fc.Arbitrary<IndexCase> {
  const policies = fc.oneof(policyOf(schemas, conditions), policyOf(schemas, conditionsOfToken));
  return policies.chain((policy) =>
    routesOf(policy).chain((routes) =>
      fc
        .array(requestTwice(schemas, policy, routes), { minLength: requests, maxLength: requests })
        .map((pairs) => ({ policy, routes, requests: pairs })),
    ),
  );
}
