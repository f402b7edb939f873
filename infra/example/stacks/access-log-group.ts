import { RemovalPolicy } from "aws-cdk-lib";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

/** Creates the log group for the access log of a sample API. */
export function createAccessLog(scope: Construct): LogGroup {
  return new LogGroup(scope, "AccessLog", { retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
}
