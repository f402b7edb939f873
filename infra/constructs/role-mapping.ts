import type { CfnIdentityPoolRoleAttachment } from "aws-cdk-lib/aws-cognito";
import type { Dist } from "../../build/package/dist.ts";

/** A rule that gives the role of a group to users with an attribute of a directory. */
export interface RoleRule {
  /** The claim of the attribute, such as `custom:department`. Users must not be able to change it. */
  readonly claim: string;
  readonly value: string;
  /**
   * How the claim is compared with `value`. `Contains` and `StartsWith` also match values that nobody thought of: `NoAdmins`
   * contains `Admins`.
   *
   * @default "Equals"
   */
  readonly match?: "Equals" | "Contains" | "StartsWith";
  /** The group of the policy whose role a matching user gets. */
  readonly group: string;
}

/** Limits of Cognito for the rules of one provider (identity pools API reference, "RulesConfigurationType", "MappingRule"). */
const MAX_RULES = 25;
const MAX_CLAIM_CHARS = 64;
const MAX_VALUE_CHARS = 128;

/** Finds rules that Cognito would not accept or that name no group of the policy, a line each. */
export function findRuleErrors(rules: readonly RoleRule[], groups: readonly string[]): readonly string[] {
  return [
    ...(rules.length === 0 ? ["rules is empty; leave rules out to let the token choose the role"] : []),
    ...(rules.length > MAX_RULES
      ? [
          `there are ${rules.length} rules, more than the ${MAX_RULES} that Cognito allows; let the token choose the role instead`,
        ]
      : []),
    ...rules.flatMap(({ claim, value, group }) => [
      ...(groups.includes(group)
        ? []
        : [
            `a rule gives the role of ${group}, which is not a group of the policy; its groups are ${groups.join(", ")}`,
          ]),
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
 * Finds rules that give more than the policy does: their group has roles that the policy does not give for the claim's value.
 *
 * @param rolesByClaim - The roles that the policy gives, by claim and value.
 * @param rolesOf - Lists the roles in a group's document.
 * @param ofUsers - The roles of every user.
 * @returns A line for each.
 */
export function findExcessiveRules(
  rules: readonly RoleRule[],
  rolesByClaim: Dist["rolesByClaim"],
  rolesOf: (group: string) => readonly string[],
  ofUsers: readonly string[],
): readonly string[] {
  return rules.flatMap(({ claim, value, match = "Equals", group }) => {
    // The policy gives roles for whole values only, so it gives none for a partial match.
    const given = match === "Equals" ? (own(own(rolesByClaim, claim), value) ?? []) : [];
    const more = rolesOf(group).filter((role) => !ofUsers.includes(role) && !given.includes(role));
    if (more.length === 0) return [];
    const names = given.length > 0 ? given.join(", ") : "no role";
    return [
      `a rule gives the role of ${group}, which has ${more.join(", ")}, for ${claim} ${match} ${value}, but the policy gives ` +
        `${names} for that; add the claim to these roles in policies/access/roles.rego, or remove the rule`,
    ];
  });
}

function own<T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** Converts rules to the role mapping of an identity pool; without rules, the token chooses a session's role. */
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
