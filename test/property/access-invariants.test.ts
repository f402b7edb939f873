import fc from "fast-check";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { judgeInvariants } from "../../analysis/access/invariants.ts";
import { findBreach, invariant, isConfirmed, withNamed } from "../support/access-oracle/breaches.ts";
import { createOracle } from "../support/access-oracle/compare.ts";
import { accessCase } from "../support/access-oracle/generated.ts";
import { createOracleModules } from "../support/access-oracle/modules.ts";

vi.setConfig({ testTimeout: 3_600_000 });

/** The number of generated policies, each with some invariants. `ACCESS_PAIRS=2000 ACCESS_SEED=2` makes another, longer run. */
const POLICIES = Number(process.env["ACCESS_PAIRS"] ?? 200);
const SEED = Number(process.env["ACCESS_SEED"] ?? 16);
const PER_POLICY = 6;

let modules: Awaited<ReturnType<typeof createOracleModules>>;
beforeAll(async () => {
  modules = await createOracleModules();
}, 120_000);
afterAll(() => modules[Symbol.asyncDispose]());

it("an invariant is broken exactly if OPA decides a request otherwise, and the witness is such a request", () => {
  const seen = { broken: 0, kept: 0 };
  const cases = fc.tuple(accessCase, fc.array(invariant, { minLength: PER_POLICY, maxLength: PER_POLICY }));
  fc.assert(
    fc.property(cases, ([drawn, invariants]) => {
      const oracle = createOracle(modules, drawn, withNamed(drawn, invariants));
      const judged = judgeInvariants(oracle.sides[0].access, invariants);
      if (!judged.ok) throw new Error(JSON.stringify(judged.error));
      for (const { invariant: one, breach } of judged.value) {
        // OPA finds none of its own, or confirms the one that is reported.
        const found = breach === undefined ? findBreach(oracle, one) : undefined;
        expect({ one, found }).toEqual({ one, found: undefined });
        const isRight = breach === undefined || isConfirmed(oracle, one, breach);
        expect({ one, breach, isRight }).toEqual({ one, breach, isRight: true });
        seen[breach === undefined ? "kept" : "broken"] += 1;
      }
    }),
    { numRuns: POLICIES, seed: SEED },
  );
  console.log("invariants:", JSON.stringify(seen));
  expect(Math.min(seen.broken, seen.kept)).toBeGreaterThan(POLICIES);
});
