import type { Alarm } from "aws-cdk-lib/aws-cloudwatch";
import {
  CfnDeploymentGroup,
  type ILambdaDeploymentConfig,
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
} from "aws-cdk-lib/aws-codedeploy";
import { ManagedPolicy, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Alias } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { acknowledgeManagedPolicy } from "./acknowledge.ts";

/**
 * How aliases move to a new version of the authorizer.
 *
 * It covers releases that change grants, issuers or settings: the aliases stay, and move. If the contract of an API changes, such as
 * by a condition that reads something new, the API gets a new alias, which names the new version from the start, and all its traffic
 * goes there as soon as its stage is deployed.
 */
export interface AuthorizerReleaseProps {
  /**
   * Provisioned concurrency of each alias: that many instances have no cold start. An alias of an earlier contract keeps its own, which
   * is paid until somebody deletes it.
   *
   * @default - none
   */
  readonly provisionedConcurrentExecutions?: number;
  /**
   * How traffic moves to a new version; an alarm moves it back. While traffic moves, two revisions of the policy decide. The alarm on
   * denials of the new version takes ten minutes and some for its lines to arrive.
   *
   * @default LambdaDeploymentConfig.CANARY_10PERCENT_15MINUTES
   */
  readonly deployment?: ILambdaDeploymentConfig;
  /**
   * Moves all traffic at once, whatever `deployment` says, and lets no alarm move it back: for a denial that must stay, such as after
   * a leak, although refusals raise an alarm. Set it for that one deployment.
   *
   * @default false
   */
  readonly urgent?: boolean;
}

const MANAGED_POLICY = "service-role/AWSCodeDeployRoleForLambdaLimited";

/**
 * The deployment groups of CodeDeploy that move the aliases to each new version, one for each alias.
 *
 * An alias moves if the contract of its API stays, as it does if only grants change. A new contract has a new alias, which starts
 * on the new version: there is nothing to move.
 */
export class AuthorizerRelease extends Construct {
  readonly #application: LambdaApplication;
  readonly #role: Role;
  readonly #alarms: readonly Alarm[];
  readonly #deployment: ILambdaDeploymentConfig;
  readonly #isUrgent: boolean;

  constructor(
    scope: Construct,
    id: string,
    alarms: readonly Alarm[],
    { deployment = LambdaDeploymentConfig.CANARY_10PERCENT_15MINUTES, urgent = false }: AuthorizerReleaseProps,
  ) {
    super(scope, id);
    this.#application = new LambdaApplication(this, "Application");
    this.#role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("codedeploy.amazonaws.com"),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName(MANAGED_POLICY)],
    });
    const reason = "This is the managed policy of CodeDeploy for moving an alias, the narrowest that it has.";
    acknowledgeManagedPolicy(this.#role, MANAGED_POLICY, reason);
    this.#isUrgent = urgent;
    this.#alarms = alarms;
    this.#deployment = urgent ? LambdaDeploymentConfig.ALL_AT_ONCE : deployment;
  }

  /** Lets CodeDeploy move an alias. */
  add(alias: Alias): void {
    const group = new LambdaDeploymentGroup(this, alias.aliasName, {
      application: this.#application,
      role: this.#role,
      alias,
      deploymentConfig: this.#deployment,
      alarms: [...this.#alarms],
    });
    const { defaultChild } = group.node;
    // A property that is left out would keep the alarms that the group has.
    if (this.#isUrgent && CfnDeploymentGroup.isCfnDeploymentGroup(defaultChild))
      defaultChild.alarmConfiguration = { enabled: false, alarms: [] };
    // Otherwise a deployment that becomes urgent could move the alias under the alarms of the one before.
    alias.node.addDependency(group);
  }
}
