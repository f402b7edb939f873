import type { Alarm } from "aws-cdk-lib/aws-cloudwatch";
import {
  type ILambdaDeploymentConfig,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
} from "aws-cdk-lib/aws-codedeploy";
import type { Alias } from "aws-cdk-lib/aws-lambda";
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

/**
 * The deployment groups of CodeDeploy that move the aliases to each new version.
 *
 * An alias moves if the contract of its API stays, as it does if only grants change. A new contract has a new alias, which starts
 * on the new version: there is nothing to move.
 */
export class AuthorizerRelease extends Construct {
  readonly #alarms: readonly Alarm[];
  readonly #deployment: ILambdaDeploymentConfig;

  constructor(scope: Construct, id: string, alarms: readonly Alarm[], { deployment }: AuthorizerReleaseProps) {
    super(scope, id);
    this.#alarms = alarms;
    this.#deployment = deployment ?? LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES;
  }

  /** Lets CodeDeploy move an alias. */
  add(alias: Alias): void {
    const group = new LambdaDeploymentGroup(this, alias.aliasName, {
      alias,
      deploymentConfig: this.#deployment,
      alarms: [...this.#alarms],
    });
    const reason = "This is the managed policy of CodeDeploy for moving an alias, the narrowest that it has.";
    acknowledgeManagedPolicy(group, "service-role/AWSCodeDeployRoleForLambdaLimited", reason);
  }
}
