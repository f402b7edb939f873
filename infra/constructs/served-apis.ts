import { Aws, RemovalPolicy } from "aws-cdk-lib";
import { CfnPermission } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import type { InvokedAlias } from "./deployment-aliases.ts";
import type { EnforcingRest, ReportOnly } from "./policy-authorizer-props.ts";

/** An API of another app or account. With a report-only alias and one that enforces, `serve` is called for each. */
export type ServedApiProps = ServedApi & (EnforcingRest | ReportOnly);

interface ServedApi {
  /** The name of the API, by which its app attaches it. */
  readonly apiName: string;
  /** The account of the API. */
  readonly account: string;
  /**
   * The region of the API.
   *
   * @default - the region of the function
   */
  readonly region?: string;
  /**
   * The id of the API.
   *
   * @default - any API of the account may invoke the alias, since an API that does not exist yet has no id
   */
  readonly apiId?: string;
}

/**
 * Lets the authorizers of another app's API invoke an alias.
 *
 * The permission is in the function's stack: a stack of another account can't add one.
 *
 * @see API Gateway developer guide, "Configure a cross-account API Gateway Lambda authorizer"
 */
export function allowServed(
  scope: Construct,
  alias: InvokedAlias,
  { account, region = Aws.REGION, apiId = "*" }: ServedApiProps,
): void {
  const number = scope.node.children.filter(({ node }) => node.id.startsWith("Served-")).length;
  const permission = new CfnPermission(scope, `Served-${alias.aliasName}-${number + 1}`, {
    action: "lambda:InvokeFunction",
    functionName: alias.arn,
    principal: "apigateway.amazonaws.com",
    sourceArn: `arn:${Aws.PARTITION}:execute-api:${region}:${account}:${apiId}/authorizers/*`,
  });
  permission.node.addDependency(alias.resource);
  // A stage that is put back to an earlier deployment invokes the alias that this deployment names.
  permission.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
}
