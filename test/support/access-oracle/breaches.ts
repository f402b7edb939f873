import fc from "fast-check";
import type { Breach } from "../../../analysis/access/invariant-breaches.ts";
import type { Atom } from "../../../analysis/access/model.ts";
import type { Invariant, InvariantRegion, InvariantStatement, InvariantWho } from "../../../contract/invariants.ts";
import { atomsOfWho, isAlone } from "./alone.ts";
import type { Oracle } from "./compare.ts";
import { APIS, CONDITIONS, someOf, template } from "./generated.ts";
import type { AccessCase } from "./policy.ts";
import { carries, type Person, type Point, toPerson, withOwn } from "./universe.ts";
import { isAbout, matches } from "./verify.ts";

const NOBODY: InvariantWho = { roles: [], groups: [], scopes: [], kinds: [], claims: [], issuers: [] };

const who: fc.Arbitrary<InvariantWho> = fc.oneof(
  someOf(["r1", "r2", "r3", "r4"], 1, 2).map((roles) => ({ ...NOBODY, roles })),
  someOf(["G1", "G2", "G3"], 1, 2).map((groups) => ({ ...NOBODY, groups })),
  fc.constantFrom(
    { ...NOBODY, scopes: ["s1"] },
    { ...NOBODY, kinds: ["user"] },
    { ...NOBODY, claims: [["custom:dep", "Audit"]] as const },
    { ...NOBODY, roles: ["authenticated"] },
  ),
);

const region: fc.Arbitrary<InvariantRegion> = fc.record({
  verbs: fc.constantFrom(["ANY"], ["GET"], ["DELETE", "PUT"], ["CONNECT"]),
  path: fc.oneof(fc.constantFrom("/{all+}", "/a/{all+}"), template),
  apis: fc.constantFrom([], [], [], APIS.slice(0, 1)),
});

const statement: fc.Arbitrary<InvariantStatement> = fc.oneof(
  fc.record({ kind: fc.constant("never" as const), who, isWhateverElse: fc.boolean(), region }),
  fc.record({ kind: fc.constant("only" as const), who, region }),
  fc.record({ kind: fc.constant("always" as const), who, region }),
  fc.record({ kind: fc.constant("disjoint" as const), whos: fc.tuple(who, who), region }),
  fc.record({ kind: fc.constant("disjoint" as const), whos: fc.tuple(who, who), region: fc.constant(undefined) }),
  fc.record({
    kind: fc.constant("requires" as const),
    conditions: fc
      .constantFrom(...Object.keys(CONDITIONS).filter((name) => !CONDITIONS[name]?.roles))
      .map((name) => [name]),
    region,
  }),
);

/** Generates invariants for generated policies. */
export const invariant: fc.Arbitrary<Invariant> = statement.map((one) => ({
  name: one.kind,
  title: undefined,
  statement: one,
}));

/** Adds what invariants name to a policy, so that it is part of the universe of the two. */
export function withNamed(policy: AccessCase, invariants: readonly Invariant[]): AccessCase {
  const statements = invariants.map(({ statement: one }) => one);
  const whos = statements.flatMap((one) =>
    one.kind === "requires" ? [] : one.kind === "disjoint" ? one.whos : [one.who],
  );
  const regions = statements.flatMap(({ region: one }) => (one === undefined ? [] : [one]));
  const named = {
    groups: whos.flatMap(({ groups }) => groups),
    scopes: whos.flatMap(({ scopes }) => scopes),
    kinds: whos.flatMap(({ kinds }) => kinds),
    claims: { "custom:dep": whos.flatMap(({ claims }) => claims.map(([, value]) => value)) },
  };
  const grants = regions.map(({ verbs, path, apis }, at) => {
    const rule = {
      roles: ["named"],
      verbs: [...new Set(["GET", ...verbs])],
      path,
      ...(apis.length > 0 && { api: apis }),
    };
    return [`two.named${at}`, rule] as const;
  });
  return {
    ...policy,
    roles: { ...policy.roles, named },
    grants: { ...policy.grants, ...Object.fromEntries(grants) },
  };
}

/** A request for which an invariant does not hold, as OPA decides it. */
export interface JudgedRequest {
  /** Undefined if the principal alone breaks it. */
  readonly point: Point | undefined;
  readonly person: Person;
  readonly letters: string;
}

/** Finds a request that breaks an invariant, in the universe of a policy and itself. */
export function findBreach(oracle: Oracle, { statement: one }: Invariant): JudgedRequest | undefined {
  const { sides, decide } = oracle;
  const [{ policy }] = sides;
  const whos = one.kind === "requires" ? [] : one.kind === "disjoint" ? one.whos : [one.who];
  const describe = (person: Person) =>
    JSON.stringify(whos.map((some) => [isNamed(oracle, some, person), isAlone(person, some, policy)]));
  const { region: asked } = one;
  if (asked === undefined) {
    const person = oracle.universe.people.find((some) => isShared(oracle, whos, some));
    return person && { point: undefined, person, letters: "" };
  }
  const apis = asked.apis.length === 0 ? undefined : { only: asked.apis };
  const isInside = (point: Point) =>
    isAbout(asked.verbs, apis, point) && matches(toAnonymous(asked.path), point.segments);
  const { points, people } = oracle.listDistinct(isInside, describe);
  for (const point of points) {
    for (const person of people) {
      const { before: letters, truths } = decide(point, person);
      if (isBroken(oracle, policy, one, { point, person, letters }, truths)) return { point, person, letters };
    }
  }
  return undefined;
}

/** Tells whether a principal is all of some by the one thing that its token carries, or by a token that carries nothing. */
function isShared(oracle: Oracle, whos: readonly InvariantWho[], person: Person): boolean {
  return listCarried(person).length < 2 && whos.every((some) => isNamed(oracle, some, person));
}

/** Tells whether a decision breaks an invariant. */
function isBroken(
  oracle: Oracle,
  policy: AccessCase,
  one: InvariantStatement,
  { person, letters }: JudgedRequest,
  truths: readonly (readonly string[])[],
): boolean {
  const isAllowed = /[ap]/.test(letters);
  switch (one.kind) {
    case "never":
      return isAllowed && isNamed(oracle, one.who, person) && (one.isWhateverElse || isAlone(person, one.who, policy));
    case "only":
      return letters.includes("p") || (isAllowed && !isNamed(oracle, one.who, person));
    case "always":
      return isNamed(oracle, one.who, person) && /[nd]/.test(letters);
    case "disjoint":
      return isAllowed && one.whos.every((some) => isNamed(oracle, some, person));
    case "requires": {
      const digests = one.conditions.map((name) => policy.conditions[name]?.digest);
      const isMissing = (holding: readonly string[]) =>
        digests.some((digest) => !holding.some((instance) => instance.replace(/\(.*/, "") === digest));
      return truths.some((holding, at) => /[ap]/.test(letters[at] ?? "") && isMissing(holding));
    }
    default:
      return one satisfies never;
  }
}

function isNamed(oracle: Oracle, named: InvariantWho, person: Person): boolean {
  const roles = oracle.rolesOf(person);
  return named.roles.some((role) => roles.includes(role)) || atomsOfWho(named).some((atom) => carries(person, atom));
}

const CLAIMS_OF_ROLES = ["custom:dep", "custom:level"];

function listCarried({ kind, claims }: Person): readonly Atom[] {
  return [
    ...[claims["cognito:groups"] ?? []].flat().map((value): Atom => ({ by: "group", value })),
    ...(typeof claims["scope"] === "string" ? claims["scope"].split(" ") : []).map(
      (value): Atom => ({ by: "scope", value }),
    ),
    ...(kind === undefined || claims["scope"] !== undefined ? [] : [{ by: "kind", value: kind } as const]),
    ...CLAIMS_OF_ROLES.flatMap((claim) =>
      [claims[claim] ?? []].flat().map((value): Atom => ({ by: "claim", claim, value })),
    ),
  ];
}

function toAnonymous(path: string): string {
  return path.replaceAll(/\{\w+(\+?)\}/g, "{$1}");
}

/** Tells whether a reported breach is one: OPA decides so for a principal of the who, at a point of its path. */
export function isConfirmed(oracle: Oracle, { statement: one }: Invariant, breach: Breach): boolean {
  const { request } = breach;
  if (request === undefined) return one.kind === "disjoint" && isShared(oracle, one.whos, toPerson(breach.who));
  const isThere = (point: Point) =>
    isAbout([request.verb], undefined, point) &&
    point.api ===
      (request.api ?? (oracle.universe.points.some(({ api }) => api !== undefined) ? "another" : undefined)) &&
    matches(request.path, point.segments);
  const [{ policy }] = oracle.sides;
  const alone = toPerson(breach.who);
  const named = breach.who.atoms.flatMap((atom) => (atom.by === "claim" ? [atom.claim] : []));
  const lists = named.map((claim) => [claim, [alone.claims[claim] ?? []].flat()] as const);
  return oracle.universe.points.filter(isThere).some((point) => {
    // What is allowed to its owner only is refused to everybody else: a list equals no segment.
    const own = breach.terms.own.map(([at, claim]) => [claim, point.segments[at] ?? ""] as const);
    const person = withOwn(alone, Object.fromEntries(one.kind === "always" ? lists : own));
    const { before: letters, truths } = oracle.decide(point, person);
    return isBroken(oracle, policy, one, { point, person, letters }, truths);
  });
}
