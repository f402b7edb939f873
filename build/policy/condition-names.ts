import type { ParsedFile, Part } from "../rego/files.ts";
import { type Rule, type Term, termsIn } from "../rego/syntax-tree.ts";
import type { Problem } from "./problem.ts";
import { fieldOfTerm, textsIn } from "./rule-values.ts";
import { createScope, fullName } from "./scope.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Finds conditions that a grant or denial names and nobody defines, and conditions that nobody names. */
export function checkNames(sources: readonly ParsedFile[], vocabulary: Vocabulary): readonly Problem[] {
  const rulesOf = (wanted: Part) =>
    sources
      .filter(({ part }) => part === wanted)
      .flatMap(({ file, module }) => (module.rules ?? []).map((rule) => ({ file, rule, line: rule.location.row })));
  const conditions = rulesOf("conditions");
  const defined = new Set(conditions.map(({ rule }) => nameOfCondition(rule)));
  const named = rulesOf("area").flatMap(({ rule, file, line }) =>
    conditionsOf(rule).map((name) => ({ name, file, line })),
  );
  const required = rulesOf("invariants").flatMap(({ rule, file, line }) =>
    textsIn(fieldOfTerm(rule.head.value, "requires")).map((name) => ({ name, file, line })),
  );
  const used = new Set([...named.map(({ name }) => name), ...listReferredTo(vocabulary)]);

  const unknown = named
    .filter(({ name }) => !defined.has(name))
    .map(
      ({ name, file, line }): Problem => ({
        code: "condition.unknown",
        file,
        line,
        message: `there is no condition "${name}"; conditions are rules of package access.conditions`,
      }),
    );
  const unknownToInvariants = required
    .filter(({ name }) => !defined.has(name))
    .map(
      ({ name, file, line }): Problem => ({
        code: "invariant.unknown_condition",
        file,
        line,
        message: `"requires" names the condition "${name}", and there is none; conditions are rules of package access.conditions`,
      }),
    );
  const unused = conditions
    .filter(({ rule }) => !used.has(nameOfCondition(rule)))
    .map(
      ({ rule, file, line }): Problem => ({
        code: "condition.unused",
        file,
        line,
        message: `no grant or denial names the condition ${nameOfCondition(rule)}; name it in when or unless, or remove it`,
      }),
    );
  return [...unknown, ...unknownToInvariants, ...unused];
}

/** Lists the conditions that other conditions and helpers refer to. */
function listReferredTo(vocabulary: Vocabulary): readonly string[] {
  return [...vocabulary.helpers.values()].flat().flatMap((definition) => {
    const scope = createScope(definition, vocabulary);
    const names = termsIn([definition.rule.head.value, definition.rule.body]).map((term) => fullName(term, scope));
    return names.flatMap((name) => /^data\.access\.conditions\.([^.]+)/.exec(name)?.[1] ?? []);
  });
}

function nameOfCondition({ head }: Rule): string {
  return String(head.ref[0]?.value);
}

function conditionsOf({ head }: Rule): readonly string[] {
  const keys = head.value?.type === "object" ? head.value.value : [];
  return keys.flatMap(([key, value]) => (key.value === "when" || key.value === "unless" ? stringsIn(value) : []));
}

function stringsIn(term: Term): readonly string[] {
  const items = term.type === "set" || term.type === "array" ? term.value : [];
  return items.flatMap((item) => (item.type === "string" ? [item.value] : []));
}
