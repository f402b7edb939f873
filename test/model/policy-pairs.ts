import fc from "fast-check";
import type { Denial, Grant, Policy } from "../support/oracle.ts";

const ROLES: Policy["roles"] = { r1: { groups: ["G1"] }, r2: { groups: ["G2"] } };
const PATHS = ["/items/{p1}", "/a", "/b", "/c/{p1+}"];

/** Conditions whose result does not depend on the time, so that a decision is the same whenever it is made. */
const CONDITIONS = ["office", "blue", "first", "senior", "by_phone"];

const conditions = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 3, arbitrary: fc.constantFrom(...CONDITIONS).map((name) => [name]) },
  { weight: 1, arbitrary: fc.uniqueArray(fc.constantFrom(...CONDITIONS), { minLength: 2, maxLength: 2 }) },
);

/** What a rule is about; one in eight is about `$connect` of a WebSocket API. */
const target = fc.oneof(
  {
    weight: 7,
    arbitrary: fc.record({
      verbs: fc.constantFrom(["GET"], ["GET", "PUT"], ["ANY"]),
      path: fc.constantFrom(...PATHS, "/{p0+}"),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ verbs: ["CONNECT"], path: "/" }) },
);

const grant: fc.Arbitrary<Grant> = fc
  .record({
    roles: fc.constantFrom(["r1"], ["r1", "r2"], ["r2"], ["authenticated"]),
    target,
    when: conditions,
  })
  .map(({ target: own, ...rest }) => ({ ...rest, ...own }))
  .map(({ when, ...rest }) => ({ ...rest, ...(when && { when }) }));

const denial: fc.Arbitrary<Denial> = fc
  .record({
    verbs: fc.constantFrom(["GET"], ["ANY"]),
    path: fc.constantFrom(...PATHS),
    roles: fc.constantFrom(undefined, ["r1"]),
    unless: conditions,
  })
  .map(({ roles, unless, ...rest }) => ({ ...rest, ...(roles && { roles }), ...(unless && { unless }) }));

/** A policy as two lists, so that a change is a change of one entry. */
interface Draft {
  readonly grants: readonly Grant[];
  readonly denials: readonly Denial[];
}

const draft: fc.Arbitrary<Draft> = fc.record({
  grants: fc.array(grant, { minLength: 2, maxLength: 4 }),
  denials: fc.array(denial, { maxLength: 1 }),
});

/** Changes as a security team makes them: of roles alone, of a condition, of a rule. */
const change: fc.Arbitrary<(from: Draft) => Draft> = fc.oneof(
  fc.tuple(fc.nat(3), grant).map(([at, { roles }]) => (from: Draft) => ({
    ...from,
    grants: from.grants.map((own, n) => (n === at ? { ...own, roles } : own)),
  })),
  fc.tuple(fc.nat(3), grant).map(([at, other]) => (from: Draft) => ({
    ...from,
    grants: from.grants.map((own, n) => (n === at ? other : own)),
  })),
  grant.map((added) => (from: Draft) => ({ ...from, grants: [added, ...from.grants].slice(0, 5) })),
  denial.map((added) => (from: Draft) => ({ ...from, denials: [added] })),
  fc.constant((from: Draft) => ({ ...from, denials: [] })),
  // Two rules exchange their paths: the same cache keys, for other routes.
  fc.constant(({ grants: [one, other, ...rest], denials }: Draft) =>
    one && other
      ? { grants: [withTargetOf(one, other), withTargetOf(other, one), ...rest], denials }
      : { grants: [], denials },
  ),
  draft.map((whole) => () => whole),
);

function withTargetOf(rule: Grant, { verbs, path }: Grant): Grant {
  return path === "/" || rule.path === "/" ? { ...rule, verbs, path } : { ...rule, path };
}

function toPolicy({ grants, denials }: Draft): Policy {
  return {
    roles: ROLES,
    grants: Object.fromEntries(grants.map((rule, at) => [`area.g${at}`, rule])),
    denials: Object.fromEntries(denials.map((rule, at) => [`area.d${at}`, rule])),
  };
}

/** Generates a history of a policy: each is a change of the one before. */
export function history(length: number): fc.Arbitrary<readonly Policy[]> {
  return fc.tuple(draft, fc.array(change, { minLength: length - 1, maxLength: length - 1 })).map(([first, changes]) => {
    const drafts = [first];
    for (const apply of changes) drafts.push(apply(drafts.at(-1) ?? first));
    return drafts.map(toPolicy);
  });
}
