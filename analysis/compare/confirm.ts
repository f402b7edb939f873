import { createEvaluator } from "../../authorizer/policy/evaluator.ts";
import { isObject, isTexts, own } from "../../contract/json.ts";
import { toDataDocument } from "../../contract/policy-data.ts";
import type { PolicyData } from "../../contract/policy-index.ts";
import { formatRegion } from "../access/lock-lines.ts";
import type { AccessPolicy, Change, Terms } from "../access/model.ts";
import { formatWho } from "../access/who.ts";
import { keyOfInstance, type Witness, type WitnessFacts } from "../access/witness.ts";

/** The access at one input, as the module that ships explains it. */
export interface Explained {
  readonly isAllowed: boolean;
  /** The condition instances that would have to be true, in alternatives, none of which is implied by another. */
  readonly alternatives: readonly (readonly string[])[];
  /** Whether a denial concerns the principal that nothing lifts, and what lifts the others. */
  readonly isDenied: boolean;
  readonly unless: readonly string[];
}

/** Explains an input by one side's module; undefined if the engine explains nothing. */
export type Explain = (input: object) => Explained | undefined;

/** Lists the roles that the principal of an input holds; undefined if the engine lists none. */
type ListRoles = (input: object) => readonly string[] | undefined;

/** The answers of the module that ships about inputs. */
export interface Confirming {
  readonly explain: Explain;
  readonly listRoles: ListRoles;
}

/** Creates the functions that confirm claims by the module of a policy. */
export function createConfirming(module: WebAssembly.Module, data: PolicyData, policy: AccessPolicy): Confirming {
  const evaluate = createEvaluator(module, Uint8Array.from(Buffer.from(JSON.stringify(toDataDocument(data)))).buffer);
  const resultOf = (entrypoint: string, input: object): unknown => {
    const found = evaluate(entrypoint, input);
    const [first] = found.ok && Array.isArray(found.value) ? found.value : [];
    return isObject(first) ? first["result"] : undefined;
  };
  return {
    explain(input) {
      const result = resultOf("engine/explanation", input);
      return isExplanation(result) ? toExplained(result, policy) : undefined;
    },
    listRoles(input) {
      const result = resultOf("engine/entitlements", input);
      const roles = isObject(result) ? result["roles"] : undefined;
      return isTexts(roles) ? roles : undefined;
    },
  };
}

/** Creates the function that explains inputs by the module of a policy. */
export function createExplain(module: WebAssembly.Module, data: PolicyData, policy: AccessPolicy): Explain {
  return createConfirming(module, data, policy).explain;
}

/** Formats the ways in which the engine contradicts the analysis. */
export function formatContradictions(lines: readonly string[]): readonly string[] {
  return [BUG, ...lines.slice(0, MAX_SHOWN)];
}

/** The most contradictions that are shown. */
const MAX_SHOWN = 10;

const BUG =
  "the engine contradicts the analysis, which is a mistake of rego-authorizer and not of the policies; please report it with these lines:";

type Truths = Readonly<Record<string, boolean>>;

/** The parts of an explanation that are read here. */
interface Explanation {
  readonly decision: { readonly effect: string };
  readonly grants: Readonly<Record<string, { readonly roles: Truths; readonly where: Truths; readonly when: Truths }>>;
  readonly denials: Readonly<Record<string, { readonly roles: Truths; readonly unless: Truths }>>;
}

function isExplanation(value: unknown): value is Explanation {
  return isObject(value) && isObject(value["decision"]) && isObject(value["grants"]) && isObject(value["denials"]);
}

function toExplained({ decision, grants, denials }: Explanation, policy: AccessPolicy): Explained {
  const isRole = (name: string) => policy.conditions[name]?.roles !== undefined;
  /** Lists what is open: conditions that ask for more than roles. Undefined: one that asks for roles is false. */
  const openIn = (truths: Truths, rule: Positions | undefined): readonly string[] | undefined => {
    if (Object.entries(truths).some(([name, isTrue]) => isRole(name) && !isTrue)) return undefined;
    return Object.keys(truths).flatMap((name) => (isRole(name) ? [] : [toInstance(name, rule, policy)]));
  };
  let isDenied = false;
  const unless = new Set<string>();
  for (const [name, { roles, unless: lifting }] of Object.entries(denials)) {
    if (Object.keys(roles).length > 0 && !Object.values(roles).includes(true)) continue;
    const open = openIn(lifting, policy.denials[name]);
    if (open === undefined || Object.keys(lifting).length === 0) isDenied = true;
    else for (const one of open) unless.add(one);
  }
  const alternatives = Object.entries(grants).flatMap(([name, { roles, where, when }]) => {
    if (isDenied || !Object.values(roles).includes(true) || Object.values(where).includes(false)) return [];
    const open = openIn(when, policy.grants[name]);
    return open === undefined ? [] : [[...new Set([...open, ...unless])].sort()];
  });
  return {
    isAllowed: decision.effect === "allow",
    alternatives: toMinimal(alternatives),
    isDenied,
    unless: [...unless].sort(),
  };
}

interface Positions {
  readonly params: Readonly<Record<string, number>>;
  readonly tail: Readonly<Record<string, number>>;
}

/** Names the instance of a condition under a rule: `is_assigned(1)`. */
function toInstance(name: string, rule: Positions | undefined, { conditions }: AccessPolicy): string {
  const positions = (conditions[name]?.params ?? []).map(
    (param) =>
      own(rule?.params ?? {}, param) ?? (own(rule?.tail ?? {}, param) === undefined ? "-" : `${rule?.tail[param]}+`),
  );
  return positions.length === 0 ? name : `${name}(${positions.join(",")})`;
}

function toMinimal(found: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const byText = [...new Map(found.map((one) => [JSON.stringify(one), one])).values()];
  return byText.filter(
    (one) => !byText.some((other) => other !== one && other.every((condition) => one.includes(condition))),
  );
}

/**
 * Checks that the modules explain the witness of a change as the change says: which access each side gives, and what it asks for.
 *
 * @param explains - By side; undefined for a lock.
 * @returns A line for each side that does not.
 */
export function findContradictions(
  change: Change,
  witness: Witness,
  facts: Pick<WitnessFacts, "sides">,
  [before, after]: readonly [before: Explain | undefined, after: Explain | undefined],
): readonly string[] {
  return ([0, 1] as const).flatMap((side): readonly string[] => {
    const explain = side === 0 ? before : after;
    if (explain === undefined) return [];
    const nameOf = (instance: string) => keyOfInstance(side, instance, facts);
    const reason = findDisagreement(change, witness, side, explain(witness.input), nameOf);
    if (reason === undefined) return [];
    const what = `${change.kind} of ${formatWho(change.who)} at ${formatRegion(change.region)}`;
    return [`${what}, ${side === 0 ? "before" : "after"}: ${reason}; ${JSON.stringify(witness.input)}`];
  });
}

function findDisagreement(
  change: Change,
  { input }: Witness,
  side: 0 | 1,
  explained: Explained | undefined,
  nameOf: (instance: string) => string,
): string | undefined {
  const [access, terms] = side === 0 ? [change.before, change.terms.before] : [change.after, change.terms.after];
  if (explained === undefined) return "the engine explains nothing";
  // The engine is not invoked for a public route.
  if (access === "public") return undefined;
  if (isOfDenials(change)) {
    const isDenied = explained.isDenied || explained.unless.length > 0;
    if (isDenied !== (access === "denied")) return `a denial ${isDenied ? "concerns" : "does not concern"} it`;
    if (explained.isDenied) return undefined;
    return differs([terms.flatMap(({ conditions }) => conditions)], [explained.unless], nameOf);
  }
  const segments = input.request?.path?.slice(1).split("/") ?? [];
  // Two positions with one text equal a claim together, whatever the change says of one of them.
  const holds = ({ own }: Terms) => own.every(([at, claim]) => input.principal?.claims?.[claim] === segments[at]);
  const expected = toMinimal(terms.filter(holds).map(({ conditions }) => conditions));
  const differing = differs(expected, explained.alternatives, nameOf);
  if (differing !== undefined) return differing;
  const isOpen = expected.some((one) => one.length === 0);
  if (isOpen && !explained.isAllowed) return "the engine denies it";
  return expected.length === 0 && explained.isAllowed ? "the engine allows it" : undefined;
}

/** Tells whether a change is about denials alone, since neither side allows anything. */
function isOfDenials({ kind, before, after }: Change): boolean {
  return (
    kind === "guard" || (kind === "condition" && [before, after].every((one) => one === "none" || one === "denied"))
  );
}

function differs(
  expected: readonly (readonly string[])[],
  found: readonly (readonly string[])[],
  nameOf: (instance: string) => string,
): string | undefined {
  const write = (lists: readonly (readonly string[])[]) =>
    JSON.stringify(
      lists
        .map((one) => [...new Set(one.map(nameOf))].sort())
        .sort((one, other) => (one.join() < other.join() ? -1 : 1)),
    );
  return write(expected) === write(found)
    ? undefined
    : `the engine asks for ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`;
}
