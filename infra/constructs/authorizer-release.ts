import type { Alarm } from "aws-cdk-lib/aws-cloudwatch";
import {
  type ILambdaDeploymentConfig,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
} from "aws-cdk-lib/aws-codedeploy";
import { Alias, type IVersion, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { acknowledgeManagedPolicy } from "./acknowledge.ts";

/** How a new version takes over. */
export interface AuthorizerReleaseProps {
  /**
   * Instances that are kept ready, so that nobody waits for a cold start.
   *
   * @default - none
   */
  readonly provisionedConcurrentExecutions?: number;
  /**
   * How traffic moves to a new version; an alarm takes it back. For that long, two revisions of the policy decide.
   *
   * @default LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES
   */
  readonly deployment?: ILambdaDeploymentConfig;
}

/** The alias that APIs ask, moved to each new version by CodeDeploy. */
export class AuthorizerRelease extends Construct {
  readonly alias: Alias;

  constructor(
    scope: Construct,
    id: string,
    lambda: LambdaFunction,
    alarms: readonly Alarm[],
    { provisionedConcurrentExecutions, deployment }: AuthorizerReleaseProps,
  ) {
    super(scope, id);
    this.alias = new Alias(this, "Live", {
      aliasName: "live",
      // The library's class and interface differ where exactOptionalPropertyTypes is on.
      version: lambda.currentVersion as IVersion,
      ...(provisionedConcurrentExecutions !== undefined && { provisionedConcurrentExecutions }),
    });
    const group = new LambdaDeploymentGroup(this, "Deployment", {
      alias: this.alias,
      deploymentConfig: deployment ?? LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES,
      alarms: [...alarms],
    });
    const reason = "CodeDeploy's own managed policy for moving an alias, the narrowest that it has.";
    acknowledgeManagedPolicy(group, "service-role/AWSCodeDeployRoleForLambdaLimited", reason);
  }
}
