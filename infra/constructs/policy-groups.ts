import { CfnUserPoolGroup, type UserPool } from "aws-cdk-lib/aws-cognito";
import { Construct } from "constructs";
import { builtFor } from "./built-policy.ts";
import { findGroupErrors, toId } from "./group-errors.ts";
import { toSynthesisError } from "./synthesis-error.ts";

/** The user pool for the policy's groups. */
export interface PolicyGroupsProps {
  readonly userPool: UserPool;
  /**
   * The folder that `rego-authorizer build` has written.
   *
   * @default - `dist/` in the working folder
   */
  readonly distPath?: string;
}

/** The groups of the policy in a user pool, without IAM roles. {@link PolicyRoles} creates them with roles. */
export class PolicyGroups extends Construct {
  /** The names of the groups, sorted. */
  readonly groups: readonly string[];

  constructor(scope: Construct, id: string, { userPool, distPath }: PolicyGroupsProps) {
    super(scope, id);
    this.groups = builtFor(this, "PolicyGroups", distPath).groups;
    const errors = findGroupErrors(this.groups);
    if (errors.length > 0) throw toSynthesisError(this, "PolicyGroups", errors.join("\n"));
    for (const groupName of this.groups)
      new CfnUserPoolGroup(this, `Group ${toId(groupName)}`, { userPoolId: userPool.userPoolId, groupName });
  }
}
