import type { ConditionReads } from "../../build/policy/condition-reads.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import { listRoleWays } from "../../contract/role-ways.ts";
import { type Change, toClaimChange, toLoss, toRoleChange } from "./changes.ts";
import type { Explain, Explanation } from "./explanation.ts";
import type { Asked } from "./input.ts";
import { formatUnmet } from "./unmet.ts";

/** A way in which a denied request could have been allowed: by a grant, with all that it lacks. */
export interface Way {
  readonly grant: string;
  readonly lacks: readonly string[];
}

/** The ways, the nearest first; and whether there are more, which were not looked for. */
export interface Ways {
  readonly ways: readonly Way[];
  readonly areAll: boolean;
}

/** The most inputs that are tried. Most requests need fewer than ten. */
const MAX_TRIES = 2000;

/** The most changes in one way, so that changes which undo each other come to an end. */
const MAX_LACKS = 12;

/** An attempt: the input with the changes so far, and the conditions that are assumed to be true. */
interface Attempt {
  readonly input: Asked;
  readonly assumed: ReadonlySet<string>;
  readonly lacks: readonly { readonly lack: string; readonly cost: number }[];
}

/**
 * Finds the ways in which a denied request could have been allowed.
 *
 * Each is confirmed: the module that ships explains the input with all changes, and only the stated conditions are open.
 *
 * @param reads - What the conditions of the candidates read, by their names.
 */
export function findWays(
  input: Asked,
  explain: Explain,
  { roles, grants }: PolicyIndex,
  reads: ReadonlyMap<string, ConditionReads>,
): Ways {
  const roleWays = listRoleWays(roles);
  const found = new Map<string, Way & { readonly cost: number }>();
  let tries = 0;

  function search(grant: string, attempt: Attempt): void {
    if (attempt.lacks.length > MAX_LACKS || tries >= MAX_TRIES) return;
    tries += 1;
    const next = toNext(grant, attempt, explain(attempt.input));
    if (next !== "allowed") {
      for (const one of next) search(grant, one);
      return;
    }
    const lacks = attempt.lacks.map(({ lack }) => lack);
    const cost = attempt.lacks.reduce((sum, one) => sum + one.cost, 0);
    const key = JSON.stringify([grant, [...lacks].sort()]);
    if (!found.has(key)) found.set(key, { grant, lacks, cost });
  }

  /** Lists the attempts that take away the first obstacle, or says that there is no obstacle but assumed conditions. */
  function toNext(name: string, attempt: Attempt, explanation: Explanation): "allowed" | readonly Attempt[] {
    const outcome = explanation.grants[name];
    const grant = grants[name];
    if (outcome === undefined || grant === undefined) return [];
    const { assumed } = attempt;
    if (!Object.values(outcome.roles).includes(true)) return gain(attempt, Object.keys(outcome.roles));
    const [unequal] = Object.keys(outcome.where).filter((parameter) => outcome.where[parameter] === false);
    if (unequal !== undefined) {
      const change = toClaimChange(attempt.input, grant.where[unequal] ?? "", outcome.params[unequal] ?? "");
      return [withChange(attempt, change)];
    }
    const unmet = Object.keys(outcome.when).find(
      (one) => outcome.when[one] === false && !assumed.has(`grant ${name} ${one}`),
    );
    if (unmet !== undefined) return meet(attempt, explanation, unmet, "grant", name);
    for (const [denial, { outcome: effect, unless, roles: concerned }] of Object.entries(explanation.denials)) {
      const open = Object.keys(unless).filter((one) => unless[one] === false);
      const lifting = open.find((one) => !assumed.has(`denial ${denial} ${one}`));
      if (effect !== "denial" || (open.length > 0 && lifting === undefined)) continue;
      const held = Object.keys(concerned).filter((role) => concerned[role]);
      return [
        ...(lifting === undefined ? [] : meet(attempt, explanation, lifting, "denial", denial)),
        ...lose(attempt, denial, held),
      ];
    }
    return "allowed";
  }

  function gain(attempt: Attempt, wanted: readonly string[]): readonly Attempt[] {
    return wanted.flatMap((role) =>
      roleWays
        .filter((way) => way.roles.includes(role))
        .map((way) => withChange(attempt, toRoleChange(attempt.input, way, role))),
    );
  }

  /** Assumes that a condition of a rule is true, or makes it true by a role that it asks for. */
  function meet(
    attempt: Attempt,
    explanation: Explanation,
    condition: string,
    kind: "grant" | "denial",
    rule: string,
  ): readonly Attempt[] {
    const held = explanation.decision.roles;
    const asked = (reads.get(condition)?.roles ?? []).filter((role) => !held.includes(role));
    const isMet = ({ grants: ofGrants, denials: ofDenials }: Explanation) =>
      kind === "grant" ? ofGrants[rule]?.when[condition] : ofDenials[rule]?.unless[condition];
    const byRole = gain(attempt, asked).filter(({ input: changed }) => isMet(explain(changed)) === true);
    if (byRole.length > 0) return byRole;
    const { params = {} } = (kind === "grant" ? explanation.grants : explanation.denials)[rule] ?? {};
    const unmet = formatUnmet(condition, attempt.input, reads.get(condition), held, params);
    const lack = kind === "grant" ? unmet : `the denial ${rule} stands: ${unmet}`;
    const assumed = new Set([...attempt.assumed, `${kind} ${rule} ${condition}`]);
    return [{ ...attempt, assumed, lacks: [...attempt.lacks, { lack, cost: kind === "grant" ? 1 : 2 }] }];
  }

  /** Takes everything from the caller that gives the roles of a denial. */
  function lose(attempt: Attempt, denial: string, held: readonly string[]): readonly Attempt[] {
    const carried = roleWays.filter((way) => way.roles.some((role) => held.includes(role)));
    const lost = carried.reduce<Attempt>((before, way) => {
      const change = toLoss(before.input, way);
      if (change === undefined) return before;
      return withChange(before, { ...change, lack: `${change.lack} (denial ${denial})` });
    }, attempt);
    const isLost = !Object.values(explain(lost.input).denials[denial]?.roles ?? {}).includes(true);
    return lost !== attempt && isLost ? [lost] : [];
  }

  for (const name of Object.keys(explain(input).grants).sort()) search(name, { input, assumed: new Set(), lacks: [] });
  const ways = [...found.values()].sort((one, other) => one.lacks.length - other.lacks.length || one.cost - other.cost);
  return { ways: ways.map(({ grant, lacks }) => ({ grant, lacks })), areAll: tries < MAX_TRIES };
}

function withChange(attempt: Attempt, { lack, cost, input }: Change): Attempt {
  return { ...attempt, input, lacks: [...attempt.lacks, { lack, cost }] };
}
