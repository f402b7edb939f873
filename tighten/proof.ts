import type { AccessPolicy, Change, TooManyTests } from "../analysis/access/model.ts";
import { covers } from "../contract/path-template.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { methodsOf } from "../contract/route.ts";
import { applyProposals, type Proposal, toNames } from "./proposals.ts";
import type { Use } from "./usage.ts";

/** Compares the access of two policies. */
export type Compare = (before: AccessPolicy, after: AccessPolicy) => Result<readonly Change[], TooManyTests>;

/** A proof that proposals take access away, and give nobody any. */
export interface Proof {
  /** The access that all proposals together take away. */
  readonly losses: readonly Change[];
  /** The proposals that would give somebody access. There are none, unless the product has an error. */
  readonly opening: readonly Proposal[];
}

/**
 * Proves that each proposal only closes, alone and with the others.
 *
 * A proposal changes one grant, and what a policy allows is what any grant allows without what denials forbid. So the grant that
 * is left, compared with the one before, shows all that a proposal may open.
 */
export function proveClosing(
  policy: AccessPolicy,
  proposals: readonly Proposal[],
  compare: Compare,
): Result<Proof, TooManyTests> {
  const opening: Proposal[] = [];
  for (const proposal of proposals) {
    const alone = { ...onlyGrants(policy, new Set([proposal.grant])), denials: {}, publicRules: [] };
    const changes = compare(alone, applyProposals(alone, [proposal]));
    if (!changes.ok) return changes;
    if (!changes.value.every(isClosing)) opening.push(proposal);
  }
  const whole = compare(policy, applyProposals(policy, proposals));
  if (!whole.ok) return err(whole.error);
  const isProved = opening.length > 0 || whole.value.every(isClosing);
  return ok({ losses: whole.value.filter(isClosing), opening: isProved ? opening : proposals });
}

function onlyGrants(policy: AccessPolicy, names: ReadonlySet<string>): AccessPolicy {
  const grants = [...names].flatMap((name) => {
    const grant = policy.grants[name];
    return grant === undefined ? [] : [[name, grant] as const];
  });
  return { ...policy, grants: Object.fromEntries(grants) };
}

/** Tells whether a change gives nobody access. A guard changes nothing but the reason of a deny. */
function isClosing({ kind }: Change): boolean {
  return kind === "loss" || kind === "guard";
}

/** Counts the logged decisions that proposals would turn from Allow to Deny. */
export function countFlips(policy: AccessPolicy, proposals: readonly Proposal[], uses: readonly Use[]): number {
  const touched = new Set(proposals.map(({ grant }) => grant));
  const concerned = uses.filter(({ grants: names }) => names.some((name) => touched.has(name)));
  if (concerned.length === 0) return 0;
  const { grants } = applyProposals(onlyGrants(policy, new Set(concerned.flatMap((use) => use.grants))), proposals);
  const parts = new Map(
    proposals.map((one) => [
      one.grant,
      one.kind === "narrow path" ? toNames(one.grant, one.paths.length, policy.grants) : [one.grant],
    ]),
  );
  const isAllowed = ({ grants: names, method, roles, route }: Use) =>
    names
      .flatMap((name) => parts.get(name) ?? [name])
      .some((name) => {
        const grant = grants[name];
        if (grant === undefined) return false;
        const isInside = policy.grants[name]?.path === grant.path || (route !== undefined && covers(grant.path, route));
        return (
          isInside && grant.roles.some((role) => roles.has(role)) && grant.verbs.flatMap(methodsOf).includes(method)
        );
      });
  return concerned.reduce((sum, use) => (isAllowed(use) ? sum : sum + use.decisions), 0);
}
