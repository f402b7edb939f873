import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import { AuthorizationType } from "aws-cdk-lib/aws-apigateway";
import type { Construct } from "constructs";
import { PolicyRoles } from "../../constructs/policy-roles.ts";
import { Backend } from "./backend.ts";
import { SampleRestApi, type SampleRoute } from "./rest-api.ts";
import { Users } from "./users.ts";

export interface OrdersIdentityPoolProps extends StackProps {
  readonly routes: readonly SampleRoute[];
  readonly distPath: string;
  /** The policy's groups, in order. A user gets the role of the first one that she is in. */
  readonly precedence: readonly string[];
}

/** The sample without a Lambda authorizer: methods have IAM authorization, and an identity pool gives roles to groups. */
export class OrdersIdentityPool extends Stack {
  constructor(scope: Construct, id: string, props: OrdersIdentityPoolProps) {
    super(scope, id, props);
    const { routes, distPath, precedence } = props;
    const { userPool, client } = new Users(this, "Users");
    const backend = new Backend(this, "Echo", "echo").lambda;
    const { api } = new SampleRestApi(this, "Rest", { routes, backend, authorization: AuthorizationType.IAM });
    const { identityPool, roles, authenticatedRole } = new PolicyRoles(this, "Roles", {
      userPool,
      clients: [client],
      stage: api.deploymentStage,
      precedence,
      distPath,
    });
    const outputs = {
      UserPoolId: userPool.userPoolId,
      UserPoolClientId: client.userPoolClientId,
      IamApiId: api.restApiId,
      IdentityPoolId: identityPool.ref,
      RoleArnAuthenticated: authenticatedRole.roleArn,
      ...Object.fromEntries(
        [...roles].map(([group, role]) => [`RoleArn${group.replaceAll(/[^A-Za-z0-9]/g, "")}`, role.roleArn]),
      ),
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }
}
