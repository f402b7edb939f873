import { createDataEvaluator } from "../../authorizer/policy/evaluator.ts";
import { type Decision, parseDecision } from "../../contract/decision.ts";
import { isObject } from "../../contract/json.ts";
import { packIndex } from "../../contract/pack-index.ts";
import { parseTemplate } from "../../contract/path-template.ts";
import type { IndexedDenial, IndexedGrant, PolicyData, PolicyIndex } from "../../contract/policy-index.ts";
import { methodsOfAll } from "../../contract/route.ts";
import { isDenialFor, isGrantFor } from "../../contract/rule-apis.ts";
import {
  type Asked,
  type Candidates,
  createFindCandidates,
  type FindCandidates,
  matches,
  splitPath,
} from "./candidates.ts";
import type { Changed } from "./mutants.ts";

/** Decides inputs by a policy, or by the policy with changed rules. */
export interface Decider {
  /** Decides one input; undefined if the engine decides nothing. */
  readonly decide: (input: unknown, changed?: readonly Changed[]) => Decision | undefined;
  readonly explain: (input: unknown) => Facts;
  readonly findCandidates: FindCandidates;
}

/** Facts about an input by the rules that match it. */
export interface Facts {
  /** All conditions that the policy asks for, with their truth. */
  readonly conditions: ReadonlyMap<string, boolean>;
  /** The values of the path's parameters, by the names that the rules give them. */
  readonly params: Readonly<Record<string, string>>;
}

/**
 * Creates a decider from the engine that ships.
 *
 * A decision depends on the grants and denials that match its API, method and path, and on the roles. So the engine is given an
 * index of these rules alone, and a decision costs the same however many rules the policy has.
 */
export function createDecider(module: WebAssembly.Module, { index, base }: PolicyData): Decider {
  const evaluate = createDataEvaluator(module);
  const findCandidates = createFindCandidates(index);

  const run = (entrypoint: string, input: unknown, changed: readonly Changed[]): unknown => {
    const asked = requestOf(input);
    const rules = rulesFor(index, findCandidates(asked), asked, changed);
    const isConditional = [...Object.values(rules.grants), ...Object.values(rules.denials)].some(hasConditions);
    // Only conditions read base data, which may be large.
    const data = isConditional && base !== undefined ? { data: base } : {};
    const roles = changed.reduce((own, one) => (one.kind === "roles" ? one.roles : own), index.roles);
    const compiled = packIndex({ ...rules, roles });
    const result = evaluate(entrypoint, isObject(input) ? input : {}, { engine: { index: { compiled } }, ...data });
    return result.ok ? result.value : undefined;
  };

  const conditions = [
    ...Object.values(index.grants).map(({ when }) => when),
    ...Object.values(index.denials).map(({ unless }) => unless),
  ];
  const when = [...new Set(conditions.flat())].sort();
  /** Makes a grant that asks for every condition on the path of an input. */
  const probeFor = (input: unknown): Changed => {
    const asked = requestOf(input);
    const { method, path } = asked;
    const names = findCandidates(asked);
    const rules = [
      ...names.denials.map((name) => index.denials[name]),
      ...names.grants.map((name) => index.grants[name]),
    ];
    const params = Object.fromEntries(rules.flatMap((rule) => Object.entries(rule?.params ?? {})));
    const tail = Object.fromEntries(rules.flatMap((rule) => Object.entries(rule?.tail ?? {})));
    const rule = { api: [], roles: [], verbs: [method], path, params, tail, where: {}, when };
    return { kind: "grant", name: "a probe of all conditions", rule };
  };

  return {
    findCandidates,
    decide(input, changed = []) {
      const decision = parseDecision(run("engine/decision", input, changed));
      return decision.ok ? decision.value : undefined;
    },
    explain(input) {
      const [{ result } = { result: undefined }] = (run("engine/explanation", input, [probeFor(input)]) ?? []) as {
        result?: unknown;
      }[];
      const { grants = {}, denials = {} } = (result ?? {}) as Partial<Explanation>;
      const rules = [...Object.values(denials), ...Object.values(grants)];
      return {
        conditions: new Map(rules.flatMap((rule) => Object.entries("when" in rule ? rule.when : rule.unless))),
        params: Object.fromEntries(rules.flatMap(({ params }) => Object.entries(params))),
      };
    },
  };
}

type Truths = Readonly<Record<string, boolean>>;
type Params = Facts["params"];

/** The parts of an explanation that are read here. */
interface Explanation {
  readonly grants: Readonly<Record<string, { readonly when: Truths; readonly params: Params }>>;
  readonly denials: Readonly<Record<string, { readonly unless: Truths; readonly params: Params }>>;
}

/** Reads what the look-up of rules depends on from an input; an empty method or path matches no rule. */
export function requestOf(input: unknown): Asked {
  const request = isObject(input) && isObject(input["request"]) ? input["request"] : {};
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return { api: text(request["api"]) || undefined, method: text(request["method"]), path: text(request["path"]) };
}

type Rules = Pick<PolicyIndex, "grants" | "denials">;

function hasConditions(rule: IndexedGrant | IndexedDenial): boolean {
  return "when" in rule ? rule.when.length > 0 : rule.unless.length > 0;
}

function rulesFor(index: PolicyIndex, names: Candidates, asked: Asked, changed: readonly Changed[]): Rules {
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
    if (one.kind === "roles" || one.rule === undefined || !isFor(one.rule, asked)) continue;
    if (one.kind === "grant" && isGrantFor(one.rule, asked.api)) grants.set(one.name, one.rule);
    if (one.kind === "denial" && isDenialFor(one.rule, asked.api)) denials.set(one.name, one.rule);
  }
  return { grants: Object.fromEntries(grants), denials: Object.fromEntries(denials) };
}

function isFor({ verbs, path: template }: IndexedGrant | IndexedDenial, { method, path }: Asked): boolean {
  const segments = splitPath(path);
  return segments !== undefined && methodsOfAll(verbs).includes(method) && matches(parseTemplate(template), segments);
}
