import fc from "fast-check";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { toAccessLines } from "../../analysis/access/lines.ts";
import { formatLine } from "../../analysis/access/lock-lines.ts";
import type { AccessPolicy } from "../../analysis/access/model.ts";
import { createOracle } from "../support/access-oracle/compare.ts";
import { accessCase, CONDITIONS, denial } from "../support/access-oracle/generated.ts";
import { createOracleModules } from "../support/access-oracle/modules.ts";
import type { AccessCase } from "../support/access-oracle/policy.ts";

vi.setConfig({ testTimeout: 3_600_000 });

/** The number of generated pairs of policies. `ACCESS_PAIRS=6000` makes a longer run. */
const PAIRS = Number(process.env["ACCESS_PAIRS"] ?? 80);
const SEED = Number(process.env["ACCESS_SEED"] ?? 15);

let modules: Awaited<ReturnType<typeof createOracleModules>>;
beforeAll(async () => {
  modules = await createOracleModules();
}, 120_000);
afterAll(() => modules[Symbol.asyncDispose]());

/** Policies in which several denials meet, most of them under the same conditions or for the same roles. */
const crowded: fc.Arbitrary<AccessCase> = fc
  .tuple(
    accessCase,
    fc.array(denial, { minLength: 1, maxLength: 3 }),
    fc.array(
      fc.constantFrom([], ["office"], ["recent"], ["office", "recent"], ["has_r2"], ["either"], ["office", "not_r3"]),
      { minLength: 3, maxLength: 3 },
    ),
  )
  .map(([policy, denials, lifting]) => {
    const more = denials.map((one, at) => [`two.more${at}`, { ...one, unless: lifting[at] ?? [] }] as const);
    return { ...policy, denials: { ...policy.denials, ...Object.fromEntries(more) } };
  });

/** Adds a copy of a denial at fewer paths: without effect, if it is lifted by the same. */
function withNarrower(policy: AccessCase, drawn: number, literal: string): AccessCase {
  const rule = Object.values(policy.denials)[drawn % Object.keys(policy.denials).length];
  if (rule === undefined) return policy;
  const path = rule.path.replace(/\{\w+\+?\}/, literal);
  // A condition may read the parameter that is gone.
  const unless = (rule.unless ?? []).filter((name) => CONDITIONS[name]?.params.length === 0);
  return { ...policy, denials: { ...policy.denials, "one.narrower": { ...rule, path, unless } } };
}

function withoutDenial(policy: AccessCase, drawn: number): AccessCase {
  const entries = Object.entries(policy.denials);
  return { ...policy, denials: Object.fromEntries(entries.filter((_, at) => at !== drawn % entries.length)) };
}

function toLock(policy: AccessPolicy): readonly string[] {
  const lines = toAccessLines(policy);
  if (!lines.ok) throw new Error(JSON.stringify(lines.error));
  return lines.value.map(formatLine).sort();
}

it("locks of policies whose denials meet are equal exactly if OPA finds no difference", () => {
  const seen = { equal: 0, different: 0 };
  const pairs = fc
    .tuple(crowded, fc.nat(9), fc.constantFrom("a", "Audit"), fc.boolean())
    .map(([policy, drawn, literal, isDropped]) => {
      return [policy, isDropped ? withoutDenial(policy, drawn) : withNarrower(policy, drawn, literal)] as const;
    });
  const law = fc.property(pairs, ([before, after]) => {
    const oracle = createOracle(modules, before, after);
    const isEqual = oracle.differences().length === 0;
    const [first, second] = oracle.sides.map(({ access }) => toLock(access));
    if (isEqual) expect(second).toEqual(first);
    else expect(second).not.toEqual(first);
    seen[isEqual ? "equal" : "different"] += 1;
  });
  fc.assert(law, { numRuns: PAIRS, seed: SEED });
  console.log("locks:", JSON.stringify(seen));
  expect(Math.min(seen.equal, seen.different)).toBeGreaterThan(PAIRS / 10);
});
