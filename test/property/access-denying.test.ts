import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { createBudget } from "../../analysis/access/budget.ts";
import { formatDenying, toSaid } from "../../analysis/access/denying.ts";
import type { Atom, RoleFormula, Who } from "../../analysis/access/model.ts";
import type { Denial } from "../../analysis/access/rules.ts";
import { createRoleTable, mergeWhos } from "../../analysis/access/who.ts";
import type { HeldRoles, IndexedRoles } from "../../contract/policy-index.ts";

vi.setConfig({ testTimeout: 600_000 });

/** The number of generated tables of roles, each with sixteen lists of denials. `DENIALS_RUNS=20000` makes a longer run. */
const RUNS = Number(process.env["DENIALS_RUNS"] ?? 400);
const SEED = Number(process.env["DENIALS_SEED"] ?? 15);

const ROLES = ["r1", "r2", "r3", "r4"];
const VARIABLES = [1, 2];
const ISSUERS = [undefined, "staff", "partner"];

function someRoles(minLength = 0, maxLength = 2) {
  return fc.uniqueArray(fc.constantFrom(...ROLES), { minLength, maxLength });
}

const seldom = fc.oneof({ weight: 3, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: someRoles(1) });

const held: fc.Arbitrary<HeldRoles> = fc
  .record({ G1: someRoles(), G2: seldom, s1: seldom, user: seldom, machine: seldom, Audit: seldom })
  .map(({ G1, G2, s1, user, machine, Audit }) => ({
    groups: { G1, G2 },
    scopes: { s1 },
    kinds: { user, machine },
    claims: { dep: { Audit } },
  }));

const table: fc.Arbitrary<IndexedRoles> = fc
  .record({ any: held, staff: held, partner: held, isTied: fc.boolean() })
  .map(({ any, staff, partner, isTied }) => ({ ...any, issuers: isTied ? { staff, partner } : {} }));

const denial: fc.Arbitrary<Denial> = fc.record({
  roles: someRoles(0, 1),
  variables: fc.subarray(VARIABLES, { maxLength: 1 }),
  formulas: fc.array(
    fc.array(fc.record({ has: someRoles(), lacks: someRoles(0, 1) }), { minLength: 1, maxLength: 2 }),
    {
      maxLength: 1,
    },
  ),
});

/** Lists of denials, some of which say what two others say together, in another order. */
const lists = fc
  .array(fc.array(denial, { minLength: 1, maxLength: 3 }), { minLength: 12, maxLength: 12 })
  .map((some) => [
    ...some,
    ...some.slice(0, 2).map((one, at) => [...one, ...(some[at + 1] ?? [])]),
    ...some.slice(0, 2).map((one, at) => [...(some[at + 1] ?? []), ...one].reverse()),
  ]);

/** Every principal that the atoms of the tables make. */
const people: readonly Who[] = ISSUERS.flatMap((issuer) => {
  const atoms: readonly Atom[] = [
    { by: "group", value: "G1" },
    { by: "group", value: "G2" },
    { by: "scope", value: "s1" },
    { by: "kind", value: "user" },
    { by: "kind", value: "machine" },
    { by: "claim", claim: "dep", value: "Audit" },
  ];
  let whos: readonly Who[] = [{ atoms: [], issuer }];
  for (const atom of atoms) {
    whos = whos.flatMap((who) => [who, ...[mergeWhos(who, { atoms: [atom], issuer: undefined }) ?? []].flat()]);
  }
  return whos;
});

const truths = VARIABLES.reduce<readonly (readonly number[])[]>(
  (all, variable) => all.flatMap((one) => [one, [...one, variable]]),
  [[]],
);

function isTrue(formula: RoleFormula, roles: ReadonlySet<string>): boolean {
  return formula.some(
    ({ has, lacks }) => has.every((role) => roles.has(role)) && lacks.every((role) => !roles.has(role)),
  );
}

/** Decides for every principal and every truth of the variables whether a denial holds. */
function decideAll(denials: readonly Denial[], roles: IndexedRoles): string {
  const { rolesOf } = createRoleTable(roles);
  const isDenied = (who: Who, holding: readonly number[]) => {
    const own = rolesOf(who);
    return denials.some((one) => {
      const isFor = one.roles.length === 0 || one.roles.some((role) => own.has(role));
      const isLiftable = one.variables.length + one.formulas.length > 0;
      const holds = (variable: number) => holding.includes(variable);
      return (
        isFor && !(isLiftable && one.variables.every(holds) && one.formulas.every((formula) => isTrue(formula, own)))
      );
    });
  };
  return people.map((who) => truths.map((holding) => (isDenied(who, holding) ? "d" : "-")).join("")).join(" ");
}

it("says of denials what they decide, whatever their order and number: the same exactly if they decide the same", () => {
  const counts = { same: 0, different: 0 };
  const law = fc.property(table, lists, (roles, some) => {
    const textOf = new Map<string, string>();
    const meaningOf = new Map<string, string>();
    for (const denials of some) {
      const said = toSaid(denials, createRoleTable(roles, createBudget().countMade));
      const [text, meaning] = [said.map(formatDenying).sort().join("\n"), decideAll(denials, roles)];
      counts[textOf.has(meaning) ? "same" : "different"] += 1;
      expect(text).toBe(textOf.get(meaning) ?? text);
      expect(meaning).toBe(meaningOf.get(text) ?? meaning);
      textOf.set(meaning, text);
      meaningOf.set(text, meaning);
    }
  });
  fc.assert(law, { numRuns: RUNS, seed: SEED });
  console.log("denials:", JSON.stringify(counts));
  expect(Math.min(counts.same, counts.different)).toBeGreaterThan(RUNS);
});
