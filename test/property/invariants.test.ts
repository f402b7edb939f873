import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Breach } from "../../analysis/access/invariant-breaches.ts";
import { judgeInvariants } from "../../analysis/access/invariants.ts";
import type { InvariantRegion, InvariantStatement, InvariantWho } from "../../contract/invariants.ts";
import { methodsOfAll } from "../../contract/route.ts";
import { atomsOfRole, atomsOfWho, isAlone } from "../support/access-oracle/alone.ts";
import { createOracle, type Difference, type Oracle } from "../support/access-oracle/compare.ts";
import { accessCase, CONDITIONS, someOf, template } from "../support/access-oracle/generated.ts";
import { createOracleModules } from "../support/access-oracle/modules.ts";
import { type AccessCase, mapValues } from "../support/access-oracle/policy.ts";
import { carries, isOne, type Person, type Point, toPerson } from "../support/access-oracle/universe.ts";
import { matches } from "../support/access-oracle/verify.ts";

vi.setConfig({ testTimeout: 3_600_000 });

/** The number of generated policies, each with several invariants. `INVARIANT_POLICIES=2000` makes a longer run. */
const POLICIES = Number(process.env["INVARIANT_POLICIES"] ?? 2);
const SEED = Number(process.env["INVARIANT_SEED"] ?? 16);
const PER_POLICY = 8;

let modules: Awaited<ReturnType<typeof createOracleModules>>;
beforeAll(async () => {
  modules = await createOracleModules();
}, 120_000);
afterAll(() => modules[Symbol.asyncDispose]());

const NOBODY: InvariantWho = { roles: [], groups: [], scopes: [], kinds: [], claims: [], issuers: [] };

/** Generates who an invariant is about, of what the roles of a policy come by. */
function whoFor({ roles }: AccessCase): fc.Arbitrary<InvariantWho> {
  const all = Object.values(roles);
  const claims = all.flatMap((role) =>
    Object.entries(role.claims ?? {}).flatMap(([claim, values]) => values.map((value) => [claim, value] as const)),
  );
  const choices: readonly fc.Arbitrary<Partial<InvariantWho>>[] = [
    someOf(["authenticated", ...Object.keys(roles)], 1, 2).map((chosen) => ({ roles: chosen })),
    ...named(
      all.flatMap(({ groups = [] }) => groups),
      (groups) => ({ groups }),
    ),
    ...named(
      all.flatMap(({ scopes = [] }) => scopes),
      (scopes) => ({ scopes }),
    ),
    ...named(claims, (chosen) => ({ claims: chosen })),
    fc.constantFrom({ kinds: ["user"] }, { kinds: ["machine"] }),
  ];
  const issuers = [...new Set(all.flatMap((role) => role.issuers ?? []))];
  const tied =
    issuers.length === 0 ? fc.constant([]) : fc.oneof(fc.constant([]), fc.constant([]), someOf(issuers, 1, 1));
  return fc
    .tuple(fc.oneof(...choices), fc.oneof(fc.constant({}), ...choices), tied)
    .map(([one, other, ofIssuers]) => ({ ...NOBODY, ...other, ...one, issuers: ofIssuers }));
}

function named<Value>(values: readonly Value[], toWho: (chosen: Value[]) => Partial<InvariantWho>) {
  return values.length === 0 ? [] : [someOf([...new Set(values)], 1, 2).map(toWho)];
}

const region: fc.Arbitrary<InvariantRegion> = fc
  .tuple(
    fc.oneof(template, fc.constantFrom("/{p+}", "/a/{p+}", "/Audit/{p+}", "/")),
    fc.constantFrom(["ANY"], ["GET"], ["PUT", "DELETE"]),
    fc.constantFrom<readonly string[]>([], [], ["orders"], ["elsewhere"]),
  )
  .map(([path, verbs, apis]) => ({ path, verbs, apis }));

function statementFor(policy: AccessCase): fc.Arbitrary<InvariantStatement> {
  const who = whoFor(policy);
  const conditions = someOf(Object.keys(CONDITIONS), 1, 2);
  return fc.oneof(
    fc.record({ kind: fc.constant("never" as const), who, region, isWhateverElse: fc.boolean() }),
    fc.record({ kind: fc.constant("only" as const), who, region }),
    fc.record({ kind: fc.constant("always" as const), who, region }),
    fc.record({ kind: fc.constant("requires" as const), conditions, region }),
    fc.record({
      kind: fc.constant("disjoint" as const),
      whos: fc.array(who, { minLength: 2, maxLength: 2 }),
      region,
    }),
  );
}

/** The roles that a principal holds, from the roles as they are written. */
function rolesOf(person: Person, { roles }: AccessCase): ReadonlySet<string> {
  const held = new Set(["authenticated"]);
  const add = (name: string): void => {
    if (held.has(name)) return;
    held.add(name);
    for (const other of roles[name]?.includes ?? []) add(other);
  };
  for (const [name, { issuers, ...role }] of Object.entries(roles)) {
    const isOfIssuer = issuers === undefined || issuers.includes(person.issuer_name ?? "");
    if (isOfIssuer && atomsOfRole(role).some((atom) => carries(person, atom))) add(name);
  }
  return held;
}

function holds(person: Person, who: InvariantWho, policy: AccessCase): boolean {
  if (who.issuers.length > 0 && !who.issuers.includes(person.issuer_name ?? "")) return false;
  const roles = rolesOf(person, policy);
  return who.roles.some((role) => roles.has(role)) || atomsOfWho(who).some((atom) => carries(person, atom));
}

/** Tells whether a point is in a region. The universe has one API besides those that the policy names. */
function isThere({ path, verbs, apis }: InvariantRegion, point: Point, { points }: Oracle["universe"]): boolean {
  const known = new Set(points.map(({ api }) => api));
  const isOfApi =
    apis.length === 0 || apis.some((api) => (known.has(api) ? api : OTHER_API) === (point.api ?? OTHER_API));
  const template = path.replaceAll(/\{\w+(\+?)\}/g, "{$1}");
  return isOfApi && methodsOfAll(verbs).includes(point.method) && matches(template, point.segments);
}

const OTHER_API = "another";

/** Finds a request that breaks an invariant, among all that OPA allows, and all that it does not allow always. */
function isBroken(
  statement: InvariantStatement,
  policy: AccessCase,
  universe: Oracle["universe"],
  allowed: readonly Difference[],
  refused: readonly Difference[],
): boolean {
  const there = (list: readonly Difference[]) =>
    list.filter(({ point }) => statement.region !== undefined && isThere(statement.region, point, universe));
  const isPublic = ({ before }: Difference) => before.includes("p");
  switch (statement.kind) {
    case "never":
      return there(allowed).some(
        ({ person }) =>
          holds(person, statement.who, policy) && (statement.isWhateverElse || isAlone(person, statement.who, policy)),
      );
    case "only":
      return there(allowed).some((one) => isPublic(one) || !holds(one.person, statement.who, policy));
    case "always":
      return there(refused).some((one) => !isPublic(one) && holds(one.person, statement.who, policy));
    case "disjoint":
      return there(allowed).some(({ person }) => statement.whos.filter((who) => holds(person, who, policy)).length > 1);
    case "requires":
      return there(allowed).some((one) => isPublic(one) || lacksOne(one, statement.conditions, policy));
    default:
      return statement satisfies never;
  }
}

function lacksOne({ before, truths, person }: Difference, required: readonly string[], policy: AccessCase): boolean {
  const roles = rolesOf(person, policy);
  return required.some((name) => {
    const { digest, roles: formula } = CONDITIONS[name] ?? { digest: name };
    if (formula !== undefined) {
      return !formula.some(
        ({ has, lacks }) => has.every((one) => roles.has(one)) && !lacks.some((one) => roles.has(one)),
      );
    }
    return truths.some(
      (held, at) => before[at] === "a" && !held.some((instance) => instance.replace(/\(.*/, "") === digest),
    );
  });
}

/** Adds rules and a role without effect, so that the universe has the paths and methods of the regions, and both kinds. */
function withPaths(policy: AccessCase, paths: readonly string[]): AccessCase {
  const extra = paths.map(
    (path, at) => [`one.extra${at}`, { roles: ["r9"], verbs: ["GET", "PUT", "DELETE"], path }] as const,
  );
  const roles = { ...policy.roles, seen: { kinds: ["user", "machine"] } };
  return { ...policy, roles, grants: { ...policy.grants, ...Object.fromEntries(extra) } };
}

const OPEN = { roles: ["authenticated"], verbs: ["ANY", "CONNECT"] };

function isShown({ who, request, access }: Breach, list: readonly Difference[], universe: Oracle["universe"]): boolean {
  return list.some(({ point, person, before }) => {
    if (request === undefined) return false;
    const { verb, path, api } = request;
    if (!isThere({ path, verbs: [verb], apis: api === undefined ? [] : [api] }, point, universe)) return false;
    if (access === "public") return before.includes("p");
    const others = Object.keys(person.claims).filter((claim) => toPerson(who).claims[claim] === undefined);
    return isOne(person, who) && person.kind === toPerson(who).kind && !others.includes("cognito:groups");
  });
}

/** The facts of all conditions, since an invariant may require one that no rule names. */
const FACTS = mapValues(CONDITIONS, ({ digest, params, roles }) => {
  return { digest: `sha256:${digest}`, text: digest, params, ...(roles && { roles }) };
});

const counts = { broken: 0, held: 0 };

describe("invariants of generated policies, judged by all decisions of OPA", () => {
  it("are broken exactly if OPA has a request that breaks them, and the witness is one", () => {
    const policies = accessCase.chain((policy) =>
      fc.tuple(fc.constant(policy), fc.array(statementFor(policy), { minLength: PER_POLICY, maxLength: PER_POLICY })),
    );
    const law = fc.property(policies, ([written, statements]) => {
      const paths = [...new Set(statements.flatMap(({ region: there }) => (there === undefined ? [] : [there.path])))];
      const policy = withPaths(written, paths);
      const shut = {
        ...policy,
        grants: mapValues(policy.grants, (grant) => ({ ...grant, roles: ["r9"] })),
        publicRules: {},
      };
      const open = {
        ...policy,
        grants: { ...policy.grants, "two.all": { ...OPEN, path: "/{p+}" }, "two.root": { ...OPEN, path: "/" } },
        denials: {},
      };
      const oracle = createOracle(modules, policy, shut);
      const allowed = oracle.differences(Number.POSITIVE_INFINITY);
      const refused = createOracle(modules, policy, open).differences(Number.POSITIVE_INFINITY);
      const [{ access }] = oracle.sides;
      for (const statement of statements) {
        const judged = judgeInvariants(access, [{ name: "it", title: undefined, statement }], FACTS);
        const breach = judged.ok ? judged.value[0]?.breach : undefined;
        const expected = isBroken(statement, policy, oracle.universe, allowed, refused);
        expect({ statement, isBroken: breach !== undefined, breach }).toEqual({
          statement,
          isBroken: expected,
          breach,
        });
        if (expected) counts.broken += 1;
        else counts.held += 1;
        if (breach !== undefined) {
          expect({
            breach,
            isShown: isShown(breach, statement.kind === "always" ? refused : allowed, oracle.universe),
          }).toEqual({
            breach,
            isShown: true,
          });
        }
      }
    });
    fc.assert(law, { numRuns: POLICIES, seed: SEED, endOnFailure: true });
    expect(Math.min(counts.broken, counts.held)).toBeGreaterThan((POLICIES * PER_POLICY) / 5);
  });
});
