import { closed, is, mapOf, oneOf, TEXT, TEXTS } from "./checks.ts";
import { isTexts } from "./json.ts";
import { parseResultSet } from "./result-set.ts";

/** A decision of the engine; all lists are sorted. */
export type Decision =
  | {
      readonly effect: "allow";
      /** At least one. */
      readonly grants: readonly string[];
      readonly params: Readonly<Record<string, Readonly<Record<string, string>>>>;
      readonly roles: readonly string[];
    }
  | {
      readonly effect: "deny";
      /** At least one. */
      readonly reasons: readonly string[];
      readonly denials: readonly string[];
      readonly unmet: Readonly<Record<string, readonly string[]>>;
      readonly roles: readonly string[];
    };

type Allow = Extract<Decision, { readonly effect: "allow" }>;
type Deny = Extract<Decision, { readonly effect: "deny" }>;

const FILLED = is((value) => isTexts(value) && value.length > 0);

const ALLOW = closed<Allow>({
  effect: is((effect) => effect === "allow"),
  grants: FILLED,
  params: mapOf(mapOf(TEXT)),
  roles: TEXTS,
});

const DENY = closed<Deny>({
  effect: is((effect) => effect === "deny"),
  reasons: FILLED,
  denials: TEXTS,
  unmet: mapOf(TEXTS),
  roles: TEXTS,
});

const DECISION = oneOf(ALLOW, DENY);

/** Parses the evaluator's result set for a decision. */
export function parseDecision(resultSet: unknown): ReturnType<typeof parseResultSet<Decision>> {
  return parseResultSet(resultSet, DECISION);
}
