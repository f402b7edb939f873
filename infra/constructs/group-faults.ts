/** A group's name (Cognito user pools API reference, "CreateGroup"). */
const GROUP_NAME = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u;

/** What stands in the way of making a policy's groups, a line each. */
export function findGroupFaults(groups: readonly string[]): readonly string[] {
  if (groups.length === 0) {
    return [
      "no role of the policy is held through a group, so there is none to make; give one groups in policies/access/roles.rego",
    ];
  }
  return groups
    .filter((group) => !GROUP_NAME.test(group))
    .map(
      (group) =>
        `${JSON.stringify(group)} is no name of a group for Cognito: 1 to 128 letters, marks, numbers, symbols and punctuation, ` +
        "without spaces; rename it in policies/access/roles.rego",
    );
}

/** What is wrong with an order of a policy's groups, a line each. */
export function findPrecedenceFaults(groups: readonly string[], precedence: readonly string[]): readonly string[] {
  const missing = groups.filter((group) => !precedence.includes(group));
  const others = precedence.filter((group) => !groups.includes(group));
  return [
    ...(missing.length > 0
      ? [`precedence lacks ${missing.join(", ")}; a group of the policy without one would get no role`]
      : []),
    ...(others.length > 0
      ? [`precedence names ${others.join(", ")}, which no role of the policy is held through`]
      : []),
    ...(new Set(precedence).size < precedence.length ? ["precedence names a group twice"] : []),
  ];
}

/** A group's name as part of a construct's id, where the CDK takes `/` for `--`. */
export function toId(group: string): string {
  return group.replaceAll("%", "%25").replaceAll("/", "%2F");
}
