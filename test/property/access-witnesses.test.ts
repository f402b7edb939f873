import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareAccess } from "../../analysis/access/changes.ts";
import { parseAccessLock } from "../../analysis/access/lock.ts";
import { toLockPolicy } from "../../analysis/access/lock-policy.ts";
import type { AccessPolicy } from "../../analysis/access/model.ts";
import { toWitness, toWitnessFacts } from "../../analysis/access/witness.ts";
import { createExplain, findContradictions } from "../../analysis/compare/confirm.ts";
import { toLockText } from "../../analysis/compare/lock-file.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import { CONDITIONS, CONDITIONS_REGO, policyOfApis } from "../support/arbitraries.ts";
import { type CompiledConditions, compileConditions } from "../support/compiled-conditions.ts";
import { indexesOf } from "../support/indexes.ts";
import type { Policy } from "../support/oracle.ts";

const PAIRS = 12;

let engine: CompiledConditions;
let pairs: readonly (readonly [PolicyIndex, PolicyIndex])[];

/** Makes a policy of the rules of one and the roles of another, or one with a rule less. */
function toChanged(one: Policy, other: Policy, at: number): Policy {
  if (at % 3 === 0) return { ...one, roles: other.roles };
  if (at % 3 === 1) return { ...one, denials: other.denials };
  return { ...one, grants: Object.fromEntries(Object.entries(one.grants).slice(1)) };
}

beforeAll(async () => {
  engine = await compileConditions(CONDITIONS_REGO);
  const policies = fc.sample(policyOfApis, { seed: 15, numRuns: PAIRS });
  const changed = policies.map((one, at) => toChanged(one, policies[(at + 1) % PAIRS] ?? one, at));
  const indexes = await indexesOf(engine.opa, engine.root, [...policies, ...changed]);
  pairs = indexes.slice(0, PAIRS).flatMap((before, at) => {
    const after = indexes[PAIRS + at];
    return after === undefined ? [] : [[before, after] as const];
  });
});

afterAll(() => engine[Symbol.asyncDispose]());

function toPolicy({ grants, denials, roles }: PolicyIndex): AccessPolicy {
  const conditions = Object.keys(CONDITIONS).map((name) => {
    return [
      name,
      {
        digest: `sha256:${name.padEnd(64, "0").replace(/[^0-9a-f]/g, "0")}`,
        text: name,
        params: name === "own" ? ["p0"] : [],
      },
    ] as const;
  });
  return { grants, denials, roles, publicRules: [], conditions: Object.fromEntries(conditions) };
}

describe("a witness", () => {
  it("is explained by the module of each side as the change says, and not by that of the other side", () => {
    const module = new WebAssembly.Module(engine.wasm);
    let [changes, contradicted] = [0, 0];
    for (const [before, after] of pairs) {
      const [was, is] = [toPolicy(before), toPolicy(after)];
      const explains = [
        createExplain(module, { index: before, base: undefined }, was),
        createExplain(module, { index: after, base: undefined }, is),
      ] as const;
      const facts = toWitnessFacts(was, is);
      const found = compareAccess(was, is);
      for (const change of found.ok ? found.value : []) {
        const witness = toWitness(change, facts);
        expect(findContradictions(change, witness, facts, explains)).toEqual([]);
        changes += 1;
        const exchanged = [explains[1], explains[0]] as const;
        if (findContradictions(change, witness, facts, exchanged).length > 0) contradicted += 1;
      }
    }
    expect(changes).toBeGreaterThan(50);
    expect(contradicted).toBe(changes);
  });
});

describe("a lock", () => {
  it("is a policy with the same access and the same lock", () => {
    for (const policy of pairs.flat().map(toPolicy)) {
      const text = toLockText(policy);
      const lock = text.ok ? parseAccessLock(text.value) : text;
      if (!text.ok || !lock.ok) throw new Error("there is no lock");
      const made = toLockPolicy(lock.value);
      expect(toLockText(made)).toEqual(text);
      expect(compareAccess(policy, made)).toEqual({ ok: true, value: [] });
    }
  });
});
