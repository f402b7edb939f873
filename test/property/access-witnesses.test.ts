import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compareAccess } from "../../analysis/access/changes.ts";
import { judgeInvariants } from "../../analysis/access/invariants.ts";
import { parseAccessLock } from "../../analysis/access/lock.ts";
import { toLockPolicy } from "../../analysis/access/lock-policy.ts";
import type { AccessPolicy, Change } from "../../analysis/access/model.ts";
import { toWitness, toWitnessFacts, type Witness, type WitnessFacts } from "../../analysis/access/witness.ts";
import { createConfirming, createExplain, type Explain, findContradictions } from "../../analysis/compare/confirm.ts";
import { findBreachContradiction } from "../../analysis/compare/confirm-breach.ts";
import { toBreachWitness } from "../../analysis/compare/invariant-report.ts";
import { toLockText } from "../../analysis/compare/lock-file.ts";
import { toReadyTest } from "../../analysis/compare/ready-test.ts";
import type { Invariant, InvariantStatement, InvariantWho } from "../../contract/invariants.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import { CONDITIONS, CONDITIONS_REGO, policyOfApis } from "../support/arbitraries.ts";
import { type CompiledConditions, compileConditions } from "../support/compiled-conditions.ts";
import { indexesOf } from "../support/indexes.ts";
import type { Policy } from "../support/oracle.ts";
import { runReadyTests } from "../support/ready-tests.ts";

/** The number of generated pairs of policies. In half of them, a claim that grants compare with a segment gives roles. */
const PAIRS = Number(process.env["ACCESS_PAIRS"] ?? 16);
const SEED = Number(process.env["ACCESS_SEED"] ?? 15);

let engine: CompiledConditions;
let pairs: readonly (readonly [PolicyIndex, PolicyIndex])[];
let compared: readonly Compared[];
/** The same pairs, of which the conditions change, too. */
let comparedWithConditions: readonly Compared[];
/** The policies that grant nothing to anybody, and everything to everybody. */
let extremes: readonly PolicyIndex[];

const EVERYTHING = ["/", "/{p0+}"].map((path, at) => {
  return [`area0.g${at}`, { roles: ["authenticated"], verbs: ["ANY", "CONNECT"], path }] as const;
});
const EXTREMES: readonly Policy[] = [[], EVERYTHING].map((grants) => {
  return { grants: Object.fromEntries(grants), denials: {}, roles: {} };
});

/** Makes a policy of the rules of one and the roles of another, or one with a rule less. */
function toChanged(one: Policy, other: Policy, at: number): Policy {
  if (at % 3 === 0) return { ...one, roles: other.roles };
  if (at % 3 === 1) return { ...one, denials: other.denials };
  return { ...one, grants: Object.fromEntries(Object.entries(one.grants).slice(1)) };
}

/** Makes the claim that grants compare with segments give roles, by values that are segments. */
function withOwnRoles(policy: Policy): Policy {
  const values = { Audit: "a", "R&D": "b", Ops: "files" };
  const roles = Object.entries(values).reduce(
    (text, [from, to]) => text.replaceAll(JSON.stringify(from), JSON.stringify(to)),
    JSON.stringify(policy.roles).replaceAll("custom:department", "custom:id"),
  );
  const grants = JSON.stringify(policy.grants).replaceAll('"sub"', '"custom:id"');
  return { ...policy, roles: JSON.parse(roles), grants: JSON.parse(grants) };
}

beforeAll(async () => {
  engine = await compileConditions(CONDITIONS_REGO);
  const drawn = fc.sample(policyOfApis, { seed: SEED, numRuns: PAIRS });
  const policies = drawn.map((one, at) => (at % 2 === 0 ? one : withOwnRoles(one)));
  const changed = policies.map((one, at) => toChanged(one, policies[(at + 1) % PAIRS] ?? one, at));
  const indexes = await indexesOf(engine.opa, engine.root, [...policies, ...changed, ...EXTREMES]);
  extremes = indexes.slice(2 * PAIRS);
  pairs = indexes.slice(0, PAIRS).flatMap((before, at) => {
    const after = indexes[PAIRS + at];
    return after === undefined ? [] : [[before, after] as const];
  });
  const module = new WebAssembly.Module(engine.wasm);
  compared = pairs.map((pair) => toCompared(pair, module));
  comparedWithConditions = pairs.map((pair) => toCompared(pair, module, true));
}, 600_000);

afterAll(() => engine[Symbol.asyncDispose]());

/** Makes the policy that is compared. If its conditions are changed, they have their names and other digests. */
function toPolicy({ grants, denials, roles }: PolicyIndex, areChanged = false): AccessPolicy {
  const conditions = Object.keys(CONDITIONS).map((name) => {
    return [
      name,
      {
        digest: `sha256:${name.padEnd(64, areChanged ? "1" : "0").replace(/[^0-9a-f]/g, "0")}`,
        text: name,
        params: name === "own" ? ["p0"] : [],
      },
    ] as const;
  });
  return { grants, denials, roles, publicRules: [], conditions: Object.fromEntries(conditions) };
}

/** Two policies with the changes between them, and the modules that explain them. */
interface Compared {
  readonly indexes: readonly [PolicyIndex, PolicyIndex];
  readonly facts: WitnessFacts;
  readonly explains: readonly [Explain, Explain];
  readonly shown: readonly { readonly change: Change; readonly witness: Witness }[];
}

function toCompared(
  indexes: readonly [PolicyIndex, PolicyIndex],
  module: WebAssembly.Module,
  areChanged = false,
): Compared {
  const [was, is] = [toPolicy(indexes[0]), toPolicy(indexes[1], areChanged)];
  const facts = toWitnessFacts(was, is);
  const found = compareAccess(was, is);
  return {
    indexes,
    facts,
    explains: [
      createExplain(module, { index: indexes[0], base: undefined }, was),
      createExplain(module, { index: indexes[1], base: undefined }, is),
    ],
    shown: (found.ok ? found.value : []).map((change) => ({ change, witness: toWitness(change, facts) })),
  };
}

describe("a witness", () => {
  it("is explained by the module of each side as the change says, and not by that of the other side", () => {
    let [changes, contradicted] = [0, 0];
    for (const { facts, explains, shown } of compared) {
      const exchanged = [explains[1], explains[0]] as const;
      for (const { change, witness } of shown) {
        expect(findContradictions(change, witness, facts, explains)).toEqual([]);
        changes += 1;
        if (findContradictions(change, witness, facts, exchanged).length > 0) contradicted += 1;
      }
    }
    expect(changes).toBeGreaterThan(50);
    expect(contradicted).toBe(changes);
  });

  it("is explained so, too, if conditions change together with the rules", () => {
    const kinds = new Map<string, number>();
    for (const { facts, explains, shown } of comparedWithConditions) {
      for (const { change, witness } of shown) {
        expect(findContradictions(change, witness, facts, explains)).toEqual([]);
        const states = `${change.kind} ${change.before} ${change.after}`;
        kinds.set(states, (kinds.get(states) ?? 0) + 1);
      }
    }
    // What one side alone has does not count as a changed condition.
    const ofConditions = [...kinds.keys()].filter((states) => states.startsWith("condition "));
    expect(ofConditions.filter((states) => /(none|denied)/.test(states)).sort()).toEqual(["condition denied denied"]);
    expect(ofConditions.length).toBeGreaterThan(1);
    expect(kinds.get("loss conditional denied")).toBeGreaterThan(0);
  });
});

/** The most tests of each form that are run. */
const MAX_TESTS = 12;

describe("the test of a change", () => {
  const SIDES: readonly (readonly [name: string, isLock: readonly [boolean, boolean]])[] = [
    ["two policies", [false, false]],
    ["a lock and a policy", [true, false]],
    ["a policy and a lock", [false, true]],
  ];

  it.each(SIDES)("of %s passes after the change and not before, in OPA and in WebAssembly", async (_, isLock) => {
    const tests = compared.flatMap(({ indexes, explains, shown }) =>
      shown.flatMap(({ change, witness }) => {
        const [before, after] = explains;
        const known = [isLock[0] ? undefined : before, isLock[1] ? undefined : after] as const;
        const text = toReadyTest(change, witness, known);
        return text === undefined ? [] : [{ text, indexes }];
      }),
    );
    const isConditional = ({ text }: (typeof tests)[number]) => text.includes("with data.access.conditions.");
    const some = [
      ...tests.filter((one) => !isConditional(one)).slice(0, MAX_TESTS),
      ...tests.filter(isConditional).slice(0, MAX_TESTS),
    ];
    const ran = await runReadyTests(engine, some);
    const right = { inOpa: [false, true], inWasm: [false, true] };
    expect(ran.map((one, at) => ({ ...one, text: some[at]?.text }))).toEqual(
      some.map(({ text }) => ({ ...right, text })),
    );
    expect(some.length).toBe(2 * MAX_TESTS);
  });
});

const WHO: InvariantWho = { roles: [], groups: [], scopes: [], kinds: [], claims: [], issuers: [] };
const [GROUP, ROLES]: readonly InvariantWho[] = [
  { ...WHO, groups: ["G1"] },
  { ...WHO, roles: ["r1", "r2"] },
];
const STATEMENTS: readonly InvariantStatement[] = ["/{all+}", "/a/{all+}", "/{p0}"].flatMap((path) => {
  const region = { verbs: path === "/a/{all+}" ? ["GET"] : ["ANY", "CONNECT"], path, apis: [] };
  return [
    { kind: "never", who: GROUP ?? WHO, isWhateverElse: path === "/{p0}", region },
    { kind: "only", who: ROLES ?? WHO, region },
    { kind: "always", who: ROLES ?? WHO, region },
    { kind: "always", who: { ...WHO, roles: ["authenticated"] }, region },
    { kind: "requires", conditions: ["recent"], region },
    { kind: "disjoint", whos: [ROLES ?? WHO, GROUP ?? WHO], region: path === "/{p0}" ? undefined : region },
  ];
});
const INVARIANTS: readonly Invariant[] = STATEMENTS.map((statement) => {
  return { name: statement.kind, title: undefined, statement };
});

describe("the witness of a broken invariant", () => {
  it("is explained by the module as the breach says, and not by one that decides the contrary", () => {
    const module = new WebAssembly.Module(engine.wasm);
    const confirmingOf = (index: PolicyIndex) => createConfirming(module, { index, base: undefined }, toPolicy(index));
    const [ofNothing, ofEverything] = extremes.map(confirmingOf);
    if (ofNothing === undefined || ofEverything === undefined) throw new Error("there are two extremes");
    const seen = new Map<string, number>();
    for (const [index] of pairs.slice(0, PAIRS / 2)) {
      const access = toPolicy(index);
      const [confirming, facts] = [confirmingOf(index), toWitnessFacts(access, access)];
      const judged = judgeInvariants(access, INVARIANTS);
      for (const { invariant, breach } of judged.ok ? judged.value : []) {
        if (breach === undefined) continue;
        const { input } = toBreachWitness(breach, invariant.statement.kind, facts);
        expect(findBreachContradiction(invariant, breach, input, confirming)).toBe(undefined);
        const contrary = invariant.statement.kind === "always" ? ofEverything : ofNothing;
        expect(findBreachContradiction(invariant, breach, input, contrary)).toContain(invariant.name);
        seen.set(invariant.name, (seen.get(invariant.name) ?? 0) + 1);
      }
    }
    expect([...seen.keys()].sort()).toEqual(["always", "disjoint", "never", "only", "requires"]);
    expect(Math.min(...seen.values())).toBeGreaterThan(5);
  });
});

describe("a lock", () => {
  it("is a policy with the same access and the same lock", () => {
    for (const policy of pairs.flat().map((index) => toPolicy(index))) {
      const text = toLockText(policy);
      const lock = text.ok ? parseAccessLock(text.value) : text;
      if (!text.ok || !lock.ok) throw new Error("there is no lock");
      const made = toLockPolicy(lock.value);
      expect(toLockText(made)).toEqual(text);
      expect(compareAccess(policy, made)).toEqual({ ok: true, value: [] });
    }
  });
});
