import type { CfnIdentityPoolRoleAttachment } from "aws-cdk-lib/aws-cognito";
import type { Dist } from "../../build/package/dist.ts";

/** Chooses a group's role by an attribute of a directory. */
export interface RoleRule {
  /** Such as `custom:department`. Its user must not be able to change it. */
  readonly claim: string;
  readonly value: string;
  /**
   * How they are compared. `Contains` and `StartsWith` also take in values that nobody thought of: `NoAdmins` contains
   * `Admins`.
   *
   * @default "Equals"
   */
  readonly match?: "Equals" | "Contains" | "StartsWith";
  /** Whose role it is. */
  readonly group: string;
}

/** Rules for one provider, claims' and values' lengths (Cognito identity pools API reference, "RulesConfigurationType", "MappingRule"). */
const MAX_RULES = 25;
const MAX_CLAIM_CHARS = 64;
const MAX_VALUE_CHARS = 128;

/** What is wrong with rules, a line each. */
export function findRuleFaults(rules: readonly RoleRule[], groups: readonly string[]): readonly string[] {
  return [
    ...(rules.length === 0 ? ["there is no rule; leave rules out to let the token choose"] : []),
    ...(rules.length > MAX_RULES
      ? [`there are ${rules.length} rules, more than the ${MAX_RULES} of Cognito; let the token choose instead`]
      : []),
    ...rules.flatMap(({ claim, value, group }) => [
      ...(groups.includes(group)
        ? []
        : [`a rule gives the role of ${group}, a group that the policy has not; it has ${groups.join(", ")}`]),
      ...(claim.length >= 1 && claim.length <= MAX_CLAIM_CHARS
        ? []
        : [`a rule's claim must have 1 to ${MAX_CLAIM_CHARS} characters`]),
      ...(value.length >= 1 && value.length <= MAX_VALUE_CHARS
        ? []
        : [`a rule's value must have 1 to ${MAX_VALUE_CHARS} characters`]),
    ]),
  ];
}

/**
 * Rules that give more than the policy does: it names the roles of a claim's value, and a group may have others.
 *
 * @param rolesByClaim - Of the policy, by claim and value.
 * @param rolesOf - Of a group's document.
 * @returns A line for each.
 */
export function findUnfounded(
  rules: readonly RoleRule[],
  rolesByClaim: Dist["rolesByClaim"],
  rolesOf: (group: string) => readonly string[],
): readonly string[] {
  return rules.flatMap(({ claim, value, match = "Equals", group }) => {
    // The policy gives roles for whole values; what else is matched is given none.
    const given = match === "Equals" ? (own(own(rolesByClaim, claim), value) ?? []) : [];
    const more = rolesOf(group).filter((role) => role !== "authenticated" && !given.includes(role));
    if (more.length === 0) return [];
    const names = given.length > 0 ? given.join(", ") : "no role";
    return [
      `a rule gives the role of ${group}, which has ${more.join(", ")}, for ${claim} ${match} ${value}, for which the policy ` +
        `gives ${names}; give these roles that claim in policies/access/roles.rego, or leave the rule out`,
    ];
  });
}

function own<T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** How an identity pool chooses a session's role, from the token or by rules. */
export function toRoleMapping(
  identityProvider: string,
  ambiguous: "authenticated" | "deny",
  rules: readonly RoleRule[] | undefined,
  roleArnOf: (group: string) => string,
): CfnIdentityPoolRoleAttachment.RoleMappingProperty {
  const shared = {
    identityProvider,
    ambiguousRoleResolution: ambiguous === "deny" ? "Deny" : "AuthenticatedRole",
  };
  if (rules === undefined) return { ...shared, type: "Token" };
  const list = rules.map(({ claim, match = "Equals", value, group }) => ({
    claim,
    matchType: match,
    value,
    roleArn: roleArnOf(group),
  }));
  return { ...shared, type: "Rules", rulesConfiguration: { rules: list } };
}
