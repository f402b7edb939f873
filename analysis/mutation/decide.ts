import { createDataEvaluator } from "../../authorizer/policy/evaluator.ts";
import { type Decision, parseDecision } from "../../contract/decision.ts";
import { isObject } from "../../contract/json.ts";
import { parseTemplate } from "../../contract/path-template.ts";
import type { IndexedDenial, IndexedGrant, PolicyData, PolicyIndex } from "../../contract/policy-index.ts";
import { findCandidates, matches, methodsOf, splitPath } from "./candidates.ts";
import type { Changed } from "./mutants.ts";

/** Decides inputs by a policy, or by the policy with changed rules. */
export interface Decider {
  /** Decides one input; undefined if the engine decides nothing. */
  readonly decide: (input: unknown, changed?: readonly Changed[]) => Decision | undefined;
  /** Lists the conditions that the rules which match an input ask for, with their truth. */
  readonly conditionsOf: (input: unknown) => ReadonlyMap<string, boolean>;
}

/**
 * Creates a decider from the engine that ships.
 *
 * A decision depends on the grants and denials that match its method and path, and on the roles. So the engine is given an
 * index of these rules alone, and a decision costs the same however many rules the policy has.
 */
export function createDecider(module: WebAssembly.Module, { index, base }: PolicyData): Decider {
  const evaluate = createDataEvaluator(module);

  const run = (entrypoint: string, input: unknown, changed: readonly Changed[]): unknown => {
    const { method, path } = requestOf(input);
    const rules = rulesFor(index, method, path, changed);
    const isConditional = [...Object.values(rules.grants), ...Object.values(rules.denials)].some(hasConditions);
    // Only conditions read base data, which may be large.
    const data = isConditional && base !== undefined ? { data: base } : {};
    const compiled = toIndexFor(rules, index.roles, method, path);
    const result = evaluate(entrypoint, isObject(input) ? input : {}, { engine: { index: { compiled } }, ...data });
    return result.ok ? result.value : undefined;
  };

  return {
    decide(input, changed = []) {
      const decision = parseDecision(run("engine/decision", input, changed));
      return decision.ok ? decision.value : undefined;
    },
    conditionsOf(input) {
      const [{ result } = { result: undefined }] = (run("engine/explanation", input, []) ?? []) as {
        result?: unknown;
      }[];
      const { grants = {}, denials = {} } = (result ?? {}) as Partial<Explanation>;
      const found = [
        ...Object.values(grants).map(({ when }) => when),
        ...Object.values(denials).map(({ unless }) => unless),
      ];
      return new Map(found.flatMap((conditions) => Object.entries(conditions)));
    },
  };
}

interface Explanation {
  readonly grants: Readonly<Record<string, { readonly when: Readonly<Record<string, boolean>> }>>;
  readonly denials: Readonly<Record<string, { readonly unless: Readonly<Record<string, boolean>> }>>;
}

/** Reads the method and path of an input; empty texts match no rule. */
export function requestOf(input: unknown): { readonly method: string; readonly path: string } {
  const request = isObject(input) && isObject(input["request"]) ? input["request"] : {};
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return { method: text(request["method"]), path: text(request["path"]) };
}

type Rules = Pick<PolicyIndex, "grants" | "denials">;

function hasConditions(rule: IndexedGrant | IndexedDenial): boolean {
  return "when" in rule ? rule.when.length > 0 : rule.unless.length > 0;
}

function rulesFor(index: PolicyIndex, method: string, path: string, changed: readonly Changed[]): Rules {
  const names = findCandidates(index, method, path);
  const isChanged = new Set(changed.map(({ kind, name }) => `${kind} ${name}`));
  const grants = new Map<string, IndexedGrant>();
  const denials = new Map<string, IndexedDenial>();
  for (const name of names.grants) {
    const grant = index.grants[name];
    if (grant !== undefined && !isChanged.has(`grant ${name}`)) grants.set(name, grant);
  }
  for (const name of names.denials) {
    const denial = index.denials[name];
    if (denial !== undefined && !isChanged.has(`denial ${name}`)) denials.set(name, denial);
  }
  for (const one of changed) {
    if (one.rule === undefined || !isFor(one.rule, method, path)) continue;
    if (one.kind === "grant") grants.set(one.name, one.rule);
    else denials.set(one.name, one.rule);
  }
  return { grants: Object.fromEntries(grants), denials: Object.fromEntries(denials) };
}

function isFor({ verbs, path: template }: IndexedGrant | IndexedDenial, method: string, path: string): boolean {
  const segments = splitPath(path);
  return segments !== undefined && methodsOf(verbs).includes(method) && matches(parseTemplate(template), segments);
}

/** Makes the index of rules that all match one method and path: one place without literals. */
function toIndexFor(rules: Rules, roles: PolicyIndex["roles"], method: string, path: string): PolicyIndex {
  const length = splitPath(path)?.length ?? 0;
  const place = { grants: Object.keys(rules.grants).sort(), denials: Object.keys(rules.denials).sort() };
  const shape = { segments: length, literals: [], places: { "": { [method]: place } } };
  const exact = Array.from({ length: length + 1 }, (_, at) => (at === length ? [shape] : []));
  return { exact, greedy: [], ...rules, roles };
}
