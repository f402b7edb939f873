import { CfnUserPoolGroup, type UserPool } from "aws-cdk-lib/aws-cognito";
import { Construct } from "constructs";
import { builtFor } from "./built-policy.ts";
import { toSynthesisError } from "./failure.ts";
import { findGroupFaults, toId } from "./group-faults.ts";

/** Where the policy's groups are to be. */
export interface PolicyGroupsProps {
  readonly userPool: UserPool;
  /**
   * The folder that `npm run build` made.
   *
   * @default - `dist/` beside this package's sources
   */
  readonly distPath?: string;
}

/** The groups of the policy in a user pool, without IAM roles; {@link PolicyRoles} makes them with roles. */
export class PolicyGroups extends Construct {
  /** Sorted. */
  readonly groups: readonly string[];

  constructor(scope: Construct, id: string, { userPool, distPath }: PolicyGroupsProps) {
    super(scope, id);
    this.groups = builtFor(this, "PolicyGroups", distPath).groups;
    const errors = findGroupFaults(this.groups);
    if (errors.length > 0) throw toSynthesisError(this, "PolicyGroups", errors.join("\n"));
    for (const groupName of this.groups)
      new CfnUserPoolGroup(this, `Group ${toId(groupName)}`, { userPoolId: userPool.userPoolId, groupName });
  }
}
