import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { compareAccess } from "../../analysis/access/changes.ts";
import { toAccessLines } from "../../analysis/access/lines.ts";
import type { AccessPolicy } from "../../analysis/access/model.ts";
import { createOracle, type Oracle } from "../support/access-oracle/compare.ts";
import { CHANGE_LINES, edited, type Pair, refactored } from "../support/access-oracle/edits.ts";
import { accessCase } from "../support/access-oracle/generated.ts";
import { createOracleModules } from "../support/access-oracle/modules.ts";
import { findUncancelled, findWrong } from "../support/access-oracle/verify.ts";

vi.setConfig({ testTimeout: 3_600_000 });

/** The number of generated pairs of policies; half of them are made equal. `ACCESS_PAIRS=20000` makes a longer run. */
const PAIRS = Number(process.env["ACCESS_PAIRS"] ?? 2_000);
const SEED = Number(process.env["ACCESS_SEED"] ?? 15);

let modules: Awaited<ReturnType<typeof createOracleModules>>;
beforeAll(async () => {
  modules = await createOracleModules();
}, 120_000);
afterAll(() => modules[Symbol.asyncDispose]());

/** The lines, and the digests of the conditions that they name, which stand in a lock beside them. */
function toLock(policy: AccessPolicy): readonly string[] {
  const lines = toAccessLines(policy);
  if (!lines.ok) throw new Error(JSON.stringify(lines.error));
  const instances = lines.value.flatMap((line) => {
    if (line.kind === "public") return [];
    return line.kind === "allow" ? line.terms.conditions : line.unless;
  });
  const names = new Set(instances.map((instance) => instance.replace(/\(.*/, "")));
  return [
    ...lines.value.map((line) => JSON.stringify(line)).sort(),
    ...[...names].sort().map((name) => `${name} ${policy.conditions[name]?.digest}`),
  ];
}

function changesOf({ sides: [before, after] }: Oracle) {
  const changes = compareAccess(before.access, after.access);
  if (!changes.ok) throw new Error(JSON.stringify(changes.error));
  return changes.value;
}

const counts = { pairs: 0, equal: 0, changes: 0, decisions: 0, requests: 0 };

/** Checks a law on generated pairs. A pair for which it fails is made as small as possible. */
function holdsFor(pairs: fc.Arbitrary<Pair>, check: (oracle: Oracle, pair: Pair) => void): void {
  const property = fc.property(pairs, (pair) => {
    const oracle = createOracle(modules, pair.before, pair.after);
    check(oracle, pair);
    counts.pairs += 1;
    counts.decisions += oracle.counts().decisions;
    counts.requests += oracle.counts().requests;
  });
  fc.assert(property, { numRuns: PAIRS / 2, seed: SEED });
}

describe("the access of two policies, compared with what OPA decides", () => {
  afterAll(() => console.log(JSON.stringify(counts)));

  it("is equal after refactorings: no change and no line", () => {
    holdsFor(refactored(accessCase), (oracle, { how }) => {
      counts.equal += 1;
      expect(oracle.differences()).toEqual([]);
      expect(changesOf(oracle)).toEqual([]);
      const [before, after] = oracle.sides.map(({ access }) => toLock(access));
      if (!how.some((one) => CHANGE_LINES.includes(one))) expect(after).toEqual(before);
    });
  });

  it("has every change after an edit, each as OPA decides it, and other lines exactly if there is one", () => {
    holdsFor(edited(accessCase), (oracle, { how }) => {
      const changes = changesOf(oracle);
      counts.changes += changes.length;
      expect(findWrong(oracle, changes)).toEqual([]);
      expect(changes.flatMap((change) => findUncancelled(oracle, change))).toEqual([]);
      const isEqual = oracle.differences().length === 0;
      if (isEqual) counts.equal += 1;
      expect(changes.length === 0).toBe(isEqual);
      if (how.some((one) => CHANGE_LINES.includes(one))) return;
      const [before, after] = oracle.sides.map(({ access }) => JSON.stringify(toLock(access)));
      expect(before === after).toBe(isEqual);
    });
  });
});
