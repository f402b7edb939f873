import type { Alarm } from "aws-cdk-lib/aws-cloudwatch";
import {
  type ILambdaDeploymentConfig,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
} from "aws-cdk-lib/aws-codedeploy";
import { Alias, type IVersion, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { acknowledgeManagedPolicy } from "./acknowledge.ts";

/** How a new version of the authorizer takes over. */
export interface AuthorizerReleaseProps {
  /**
   * Provisioned concurrency of the alias: that many instances have no cold start.
   *
   * @default - none
   */
  readonly provisionedConcurrentExecutions?: number;
  /**
   * How traffic moves to a new version; an alarm rolls it back. While traffic moves, two revisions of the policy decide. The alarm on
   * denials of the new version takes ten minutes and some for its lines to arrive.
   *
   * @default LambdaDeploymentConfig.CANARY_10PERCENT_15MINUTES
   */
  readonly deployment?: ILambdaDeploymentConfig;
  /**
   * Says that the new policy denies on purpose what was allowed: then denials do not roll it back. Faults still do. Leave it out
   * again with the next change.
   *
   * @default false
   */
  readonly isUrgent?: boolean;
}

/** The alias that APIs invoke. CodeDeploy moves it to each new version. */
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
      // The library's class and interface differ under exactOptionalPropertyTypes.
      version: lambda.currentVersion as IVersion,
      ...(provisionedConcurrentExecutions !== undefined && { provisionedConcurrentExecutions }),
    });
    const group = new LambdaDeploymentGroup(this, "Deployment", {
      alias: this.alias,
      deploymentConfig: deployment ?? LambdaDeploymentConfig.CANARY_10PERCENT_15MINUTES,
      alarms: [...alarms],
    });
    const reason = "This is the managed policy of CodeDeploy for moving an alias, the narrowest that it has.";
    acknowledgeManagedPolicy(group, "service-role/AWSCodeDeployRoleForLambdaLimited", reason);
  }
}
