import type { ConditionReads } from "../../build/policy/condition-reads.ts";
import { isText, own } from "../../contract/json.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import { listRoleWays, type RoleWay } from "../../contract/role-ways.ts";
import { type Change, carries, toClaimChange, toLoss, toRoleChange } from "./changes.ts";
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

/** An attempt to be allowed by a grant: the input with the changes so far, and the conditions that are assumed to be true. */
interface Attempt {
  readonly grant: string;
  readonly input: Asked;
  readonly changes: readonly Pick<Change, "isKept">[];
  readonly lacks: readonly { readonly lack: string; readonly key: string; readonly cost: number }[];
}

/**
 * Finds the ways in which a denied request could have been allowed.
 *
 * Each is confirmed: the module that ships explains the input with all changes, and only the stated conditions are open.
 * A way keeps each of its changes, and none has all changes of another one by the same grant. Attempts with the fewest changes
 * come first, so that the ways which are left out are the farthest.
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
  const found: Attempt[] = [];
  const seen = new Set<string>();
  let tries = 0;

  /** Tells whether an attempt has all changes of a way by the same grant, so that some of its changes are not needed. */
  function isCovered({ grant, lacks }: Attempt): boolean {
    const keys = new Set(keysOf(lacks));
    return found.some((way) => way.grant === grant && keysOf(way.lacks).every((key) => keys.has(key)));
  }

  function isNew({ grant, lacks }: Attempt): boolean {
    const text = JSON.stringify([grant, ...keysOf(lacks).sort()]);
    const wasSeen = seen.has(text);
    seen.add(text);
    return !wasSeen;
  }

  /** Lists the attempts that take away the first obstacle, or says that there is no obstacle but assumed conditions. */
  function toNext(attempt: Attempt, explanation: Explanation): "allowed" | readonly Attempt[] {
    const name = attempt.grant;
    const outcome = explanation.grants[name];
    const grant = grants[name];
    if (outcome === undefined || grant === undefined) return [];
    const assumed = new Set(keysOf(attempt.lacks));
    if (!Object.values(outcome.roles).includes(true)) return gain(attempt, Object.keys(outcome.roles));
    const [unequal] = Object.keys(outcome.where).filter((parameter) => outcome.where[parameter] === false);
    if (unequal !== undefined) {
      const change = toClaimChange(attempt.input, grant.where[unequal] ?? "", outcome.params[unequal] ?? "");
      return withChange(attempt, change);
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
        .flatMap((way) => withChange(attempt, toRoleChange(attempt.input, way, role))),
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
    // Without a role that the caller lacks, no other value makes the condition true.
    if (byRole.length > 0 && reads.get(condition)?.canHoldWith(held) !== true) return byRole;
    const { params = {} } = (kind === "grant" ? explanation.grants : explanation.denials)[rule] ?? {};
    const unmet = formatUnmet(condition, attempt.input, reads.get(condition), held, params);
    const lack = kind === "grant" ? unmet : `the denial ${rule} stands: ${unmet}`;
    const assumption = { lack, key: `${kind} ${rule} ${condition}`, cost: kind === "grant" ? 1 : 2 };
    return [{ ...attempt, lacks: [...attempt.lacks, assumption] }, ...byRole];
  }

  /** Takes everything from the caller that gives the roles of a denial. */
  function lose(attempt: Attempt, denial: string, held: readonly string[]): readonly Attempt[] {
    const giving = roleWays.filter((way) => way.roles.some((role) => held.includes(role)));
    let lost: readonly Attempt[] = [attempt];
    for (const way of giving) {
      lost = lost.flatMap((one) => {
        if (!carries(one.input.principal, way) && !isInText(one.input, way)) return [one];
        const change = toLoss(one.input, way);
        return withChange(one, { ...change, lack: `${change.lack} (denial ${denial})` });
      });
    }
    return lost.filter(({ input: after }) => {
      return !Object.values(explain(after).denials[denial]?.roles ?? {}).includes(true);
    });
  }

  /** Tells whether the text of a claim is a list that gives the roles of a way, which the engine alone takes apart. */
  function isInText({ principal, ...others }: Asked, { by, claim, roles: given }: RoleWay): boolean {
    const text = own(principal.claims, claim);
    if (by !== "claim" || !isText(text)) return false;
    const { decision } = explain({ ...others, principal: { ...principal, claims: { [claim]: text } } });
    return given.every((role) => decision.roles.includes(role));
  }

  // The attempts by the number of their changes. Each list is complete before its turn, since a next attempt has more changes.
  const waiting: Attempt[][] = [];
  function wait(attempt: Attempt): void {
    while (waiting.length <= attempt.lacks.length) waiting.push([]);
    waiting[attempt.lacks.length]?.push(attempt);
  }
  for (const grant of Object.keys(explain(input).grants).sort()) wait({ grant, input, changes: [], lacks: [] });
  for (const attempts of waiting) {
    for (const attempt of attempts) {
      if (tries >= MAX_TRIES || isCovered(attempt) || !isNew(attempt)) continue;
      tries += 1;
      const next = toNext(attempt, explain(attempt.input));
      if (next === "allowed") found.push(attempt);
      else for (const one of next) wait(one);
    }
  }
  const ways = found
    .map(({ grant, lacks }) => ({ grant, lacks, cost: lacks.reduce((sum, one) => sum + one.cost, 0) }))
    .sort((one, other) => one.lacks.length - other.lacks.length || one.cost - other.cost);
  return {
    ways: ways.map(({ grant, lacks }) => ({ grant, lacks: lacks.map(({ lack }) => lack) })),
    areAll: tries < MAX_TRIES,
  };
}

function keysOf(lacks: Attempt["lacks"]): string[] {
  return lacks.map(({ key }) => key);
}

/** Makes an attempt with one change more; none if the change does nothing, or takes back an earlier one. */
function withChange(attempt: Attempt, { lack, key, cost, input, isKept }: Change): readonly Attempt[] {
  const changes = [...attempt.changes, { isKept }];
  const isUseful = !isKept(attempt.input.principal) && changes.every((one) => one.isKept(input.principal));
  return isUseful ? [{ ...attempt, input, changes, lacks: [...attempt.lacks, { lack, key, cost }] }] : [];
}
