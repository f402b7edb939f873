/** The name of a group (Cognito user pools API reference, "CreateGroup"). */
const GROUP_NAME = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u;

/** Finds the groups of a policy that Cognito can't create, a line each; a policy without groups is an error, too. */
export function findGroupErrors(groups: readonly string[]): readonly string[] {
  if (groups.length === 0) {
    return [
      "no role of the policy is held through a group, so there is no group to create; give a role groups in policies/access/roles.rego",
    ];
  }
  return groups
    .filter((group) => !GROUP_NAME.test(group))
    .map(
      (group) =>
        `${JSON.stringify(group)} is not a valid name of a Cognito group: 1 to 128 letters, marks, numbers, symbols and punctuation, ` +
        "without spaces; rename it in policies/access/roles.rego",
    );
}

/** Finds the errors in the order of a policy's groups, a line each. */
export function findPrecedenceErrors(groups: readonly string[], precedence: readonly string[]): readonly string[] {
  const missing = groups.filter((group) => !precedence.includes(group));
  const others = precedence.filter((group) => !groups.includes(group));
  return [
    ...(missing.length > 0
      ? [
          `precedence lacks ${missing.join(", ")}; a group that it does not list gets no IAM role; add every group of the policy`,
        ]
      : []),
    ...(others.length > 0
      ? [`precedence names ${others.join(", ")}, but no role of the policy is held through that; remove it`]
      : []),
    ...(new Set(precedence).size < precedence.length ? ["precedence names a group twice; name each group once"] : []),
  ];
}

/** Encodes the name of a group for a construct's id, in which the CDK replaces `/` by `--`. */
export function toId(group: string): string {
  return group.replaceAll("%", "%25").replaceAll("/", "%2F");
}
