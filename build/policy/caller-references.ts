import type { InputReference } from "../../contract/manifest.ts";
import { findNearest } from "../../contract/nearest.ts";
import type { ParsedFile } from "../rego/files.ts";
import { callsIn, nameOfRule, termsIn } from "../rego/syntax-tree.ts";
import type { Problem, ProblemText } from "./problem.ts";
import { createScope, fullName } from "./scope.ts";
import { type Definition, findHelper, type Vocabulary } from "./vocabulary.ts";

/** A call of a function of `data.engine.caller`. */
interface CallerCall {
  readonly function: "has_role" | "values";
  /** The role or claim that it names; undefined if the argument is not written out. */
  readonly argument: string | undefined;
}

/** The role that every principal holds, and that no policy defines. */
const BUILT_IN_ROLE = "authenticated";

/**
 * Checks the calls of `data.engine.caller` in conditions and helpers: the argument is written out, and the role exists.
 *
 * What the policy reads must be known from its text. A misspelt role would never be held, so that a condition would never
 * be true. The check is for exempt rules, too: there, a role that nobody holds would open.
 */
export function checkCallerCalls(sources: readonly ParsedFile[], vocabulary: Vocabulary): readonly Problem[] {
  const roles = sources.filter(({ part }) => part === "roles").flatMap(({ module }) => module.rules ?? []);
  const known = [...new Set([...roles.map(nameOfRule), BUILT_IN_ROLE])].sort();
  return sources
    .filter(({ part }) => part === "conditions" || part === "library")
    .flatMap((source) =>
      (source.module.rules ?? []).flatMap((rule) => {
        const definition = (vocabulary.helpers.get(`data.${source.package}.${nameOfRule(rule)}`) ?? []).find(
          (one) => one.rule === rule,
        );
        const calls = definition === undefined ? [] : callsOf(definition, vocabulary);
        const found = calls.flatMap((call) => problemOf(call, known) ?? []);
        return [...new Map(found.map((one) => [one.message, one])).values()].map(({ code, message }) => {
          return { code, file: source.file, line: rule.location.row, message: `${nameOfRule(rule)}: ${message}` };
        });
      }),
    );
}

function problemOf({ function: name, argument }: CallerCall, roles: readonly string[]): ProblemText | undefined {
  if (argument === undefined) {
    const message = `caller.${name} must be called with a string that is written out, so that the build knows what the policy reads`;
    return { code: "caller.computed_name", message };
  }
  if (name !== "has_role" || roles.includes(argument)) return undefined;
  const nearest = findNearest(argument, roles);
  const remedy = nearest === undefined ? `there are ${roles.join(", ")}` : `did you mean "${nearest}"?`;
  return { code: "caller.unknown_role", message: `there is no role ${JSON.stringify(argument)}; ${remedy}` };
}

/**
 * Lists the fields of the input that conditions read by `caller.values`. What `caller.has_role` reads is what the engine
 * reads of each principal anyway, to find its roles.
 *
 * @param condition - The name of the condition that counts; undefined: all do.
 */
export function referencesByCaller(vocabulary: Vocabulary, condition?: string): readonly InputReference[] {
  return callsFromConditions(vocabulary, condition).flatMap(
    ({ function: name, argument }): readonly InputReference[] => {
      if (name !== "values" || argument === undefined) return [];
      const claim = ["principal", "claims", argument];
      // Only a machine has scopes.
      return argument === "scope" ? [claim, ["principal", "kind"]] : [claim];
    },
  );
}

/** Lists the roles that a condition asks for by `caller.has_role`, sorted. */
export function rolesAskedBy(vocabulary: Vocabulary, condition: string): readonly string[] {
  const roles = callsFromConditions(vocabulary, condition).flatMap(({ function: name, argument }) =>
    name === "has_role" && argument !== undefined ? [argument] : [],
  );
  return [...new Set(roles)].sort();
}

/**
 * Tells whether a condition can be true of a principal who holds no roles but these: one of its definitions asks for no other
 * role, and neither does one of each helper that it refers to.
 */
export function canHoldWith(vocabulary: Vocabulary, condition: string, roles: readonly string[]): boolean {
  const isOpen = (definition: Definition): boolean =>
    callsOf(definition, vocabulary).every(
      ({ function: name, argument }) => name !== "has_role" || argument === undefined || roles.includes(argument),
    ) && helpersOf(definition, vocabulary).every((definitions) => definitions.some(isOpen));
  return (vocabulary.helpers.get(`data.access.conditions.${condition}`) ?? []).some(isOpen);
}

function callsFromConditions(vocabulary: Vocabulary, condition: string | undefined): readonly CallerCall[] {
  return reachedFromConditions(vocabulary, condition).flatMap((definition) => callsOf(definition, vocabulary));
}

/** Lists the definitions of all conditions, or of one, and those of the helpers that they refer to, directly or not. */
function reachedFromConditions(vocabulary: Vocabulary, condition: string | undefined): readonly Definition[] {
  const isCondition = ({ package: name, rule }: Definition) =>
    name === "data.access.conditions" && (condition === undefined || nameOfRule(rule) === condition);
  const reached = new Set([...vocabulary.helpers.values()].flat().filter(isCondition));
  // A set that grows while it is iterated over is iterated over to its end.
  for (const definition of reached) {
    for (const helper of helpersOf(definition, vocabulary).flat()) reached.add(helper);
  }
  return [...reached];
}

/** Lists the helpers that a definition refers to itself, each with all its definitions. */
function helpersOf(definition: Definition, vocabulary: Vocabulary): readonly (readonly Definition[])[] {
  const scope = createScope(definition, vocabulary);
  return termsIn(definition.rule).flatMap((term) => {
    const helper = findHelper(fullName(term, scope), vocabulary);
    return helper === undefined || helper.includes(definition) ? [] : [helper];
  });
}

function callsOf(definition: Definition, vocabulary: Vocabulary): readonly CallerCall[] {
  const scope = createScope(definition, vocabulary);
  return callsIn(definition.rule).flatMap(([operator, argument]): readonly CallerCall[] => {
    const [, name] = /^data\.engine\.caller\.(has_role|values)$/.exec(fullName(operator, scope)) ?? [];
    if (name !== "has_role" && name !== "values") return [];
    return [{ function: name, argument: argument?.type === "string" ? argument.value : undefined }];
  });
}
