import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createIamDocuments, listChangedDocuments, toIamDocuments } from "../../../../analysis/iam/documents.ts";
import { toIamExport } from "../../../../analysis/iam/export.ts";
import type { PolicyIndex } from "../../../../contract/policy-index.ts";
import { type Rule, toRuleIndex } from "../../../support/rule-index.ts";

const RULE: fc.Arbitrary<Rule> = fc.record(
  {
    path: fc.constantFrom("/a", "/a/{x}", "/a/{x}/b", "/{y}/b", "/a/{rest+}", "/c/{x}"),
    verbs: fc.subarray(["GET", "PUT", "DELETE"], { minLength: 1 }),
    roles: fc.subarray(["user", "lead", "auditor"], { minLength: 1 }),
    when: fc.constantFrom([], [], ["recent"]),
  },
  { requiredKeys: ["path", "verbs", "roles", "when"] },
);
const POLICY = fc.record({ grants: fc.array(RULE, { maxLength: 4 }), denials: fc.array(RULE, { maxLength: 2 }) });

/** A policy, and the same with one more rule, or none. */
const PAIR = fc.tuple(POLICY, fc.constantFrom("grants", "denials", "none"), RULE).map(([one, kind, rule]) => {
  const other = kind === "none" ? one : { ...one, [kind]: [...one[kind as "grants"], rule] };
  return [toIndex(one), toIndex(other)] as const;
});

function toIndex({ grants, denials }: { readonly grants: readonly Rule[]; readonly denials: readonly Rule[] }) {
  const named = (rules: readonly Rule[]) => Object.fromEntries(rules.map((rule, at) => [`a.rule${at}`, rule]));
  return toRuleIndex(named(grants), named(denials.map(({ when, ...rule }) => ({ ...rule, unless: when ?? [] }))));
}

const lazily = createIamDocuments;
const exported = (index: PolicyIndex) => toIamDocuments(toIamExport(index, new Map(), "r", undefined));

describe("documents that are made when they are asked for", () => {
  it("differ exactly where those of the whole export do, whichever side is an export", () => {
    const seen = { changed: 0, same: 0 };
    fc.assert(
      fc.property(PAIR, ([before, after]) => {
        const expected = listChangedDocuments(exported(before), exported(after));
        for (const [one, other] of [
          [lazily(before), lazily(after)],
          [lazily(before), exported(after)],
        ] as const)
          expect(listChangedDocuments(one, other)).toEqual(expected);
        seen[expected.names.length > 0 ? "changed" : "same"] += 1;
      }),
      { numRuns: 300, seed: 15 },
    );
    expect(Math.min(seen.changed, seen.same)).toBeGreaterThan(50);
  });

  it("are not made if they follow from the same", () => {
    const index = toRuleIndex({ "a.read": { path: "/a/{x}" }, "a.lead": { path: "/a/{x}/b", roles: ["lead"] } });
    const more = toRuleIndex({ "a.read": { path: "/a/{x}" }, "a.lead": { path: "/a/{x}/c", roles: ["lead"] } });
    const made: string[] = [];
    const counted = (policy: PolicyIndex) => {
      const documents = createIamDocuments(policy);
      return { ...documents, statementsOf: (name: string) => `${made.push(name)}${documents.statementsOf(name)}` };
    };
    expect(listChangedDocuments(counted(index), counted(more))).toEqual({ names: ["Leads"], isExact: true });
    expect(made).toEqual(["Leads", "Leads"]);
  });

  it("may differ if the proofs take too many steps: all that may are listed, and none of a policy that is the same", () => {
    const grants = { "a.read": { path: "/a/{x}/b/{y}" }, "a.lead": { path: "/a/{x}/c/{y}", roles: ["lead"] } };
    const [index, more] = [toRuleIndex(grants), toRuleIndex({ ...grants, "a.more": { path: "/d", roles: ["lead"] } })];
    const denied = toRuleIndex(grants, { "a.no": { path: "/a/{x}/b/c" } });
    const all = ["", "Leads", "Users"];
    const compare = (one: PolicyIndex, other: PolicyIndex) =>
      listChangedDocuments(lazily(one), { ...lazily(other), isWhole: () => false });
    expect([compare(index, index), compare(index, more), compare(index, denied)]).toEqual([
      { names: [], isExact: true },
      { names: ["Leads"], isExact: false },
      { names: all, isExact: false },
    ]);
  });
});
