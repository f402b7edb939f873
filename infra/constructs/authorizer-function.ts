import { Aws, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { type IVpc, SecurityGroup, type Vpc } from "aws-cdk-lib/aws-ec2";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Architecture, Code, Function as LambdaFunction, Runtime, Tracing } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { acknowledgeWildcard } from "./acknowledge.ts";

/**
 * Megabytes. A warm decision takes 41 µs at the median and 109 µs at p99, the import of the package 13 ms (`npm run
 * bench`, on a whole core). Lambda gives one at 1,769 MB, so that at 512 MB these are some 0.14, 0.38 and 45 ms. The
 * process holds less than 128 MB; what more memory buys is CPU.
 */
const MEMORY_MB = 512;

/** Key sets are fetched within two seconds; API Gateway waits ten for the authorizer of an HTTP API. */
const TIMEOUT = Duration.seconds(5);

/** How the authorizer's Lambda runs. */
export interface AuthorizerFunctionProps {
  /**
   * In megabytes.
   *
   * @default 512
   */
  readonly memorySize?: number;
  /**
   * How many run at a time, at most and for certain. Requests beyond get 500 from API Gateway.
   *
   * @default - whatever the account has left
   */
  readonly reservedConcurrentExecutions?: number;
  /**
   * A network that the authorizer runs in, with no way out of it. Key sets have to be packed by the build.
   *
   * @default - none
   */
  readonly vpc?: IVpc | Vpc;
  /**
   * Encrypts environment variables and log. The key's policy must be this app's to change, or let CloudWatch Logs use it.
   *
   * @default - keys of AWS
   */
  readonly encryptionKey?: IKey;
  /**
   * Traces with X-Ray.
   *
   * @default false
   */
  readonly tracing?: boolean;
  /**
   * How long the decision log is kept.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;
  /**
   * What becomes of the decision log when the stack goes.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly logRemovalPolicy?: RemovalPolicy;
}

/** The Lambda as built, with a role that may write its log and nothing else. */
export class AuthorizerFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly logGroup: LogGroup;

  constructor(
    scope: Construct,
    id: string,
    authorizerPath: string,
    environment: Readonly<Record<string, string>>,
    props: AuthorizerFunctionProps,
  ) {
    super(scope, id);
    const { encryptionKey } = props;
    // The library's class and interface differ where exactOptionalPropertyTypes is on.
    const vpc = props.vpc as IVpc | undefined;
    this.logGroup = new LogGroup(this, "Log", {
      retention: props.logRetention ?? RetentionDays.THREE_MONTHS,
      removalPolicy: props.logRemovalPolicy ?? RemovalPolicy.RETAIN,
      ...(encryptionKey && { encryptionKey }),
    });
    const role = new Role(this, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
    const log = this.logGroup.grantWrite(role);
    if (vpc) allowNetworkInterfaces(role);
    if (encryptionKey) allowEncryption(encryptionKey, role);
    this.lambda = new LambdaFunction(this, "Lambda", {
      description: "Decides who may call which method of an API",
      code: Code.fromAsset(authorizerPath),
      handler: "index.handler",
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: props.memorySize ?? MEMORY_MB,
      timeout: TIMEOUT,
      role,
      logGroup: this.logGroup,
      environment,
      tracing: props.tracing === true ? Tracing.ACTIVE : Tracing.DISABLED,
      ...(encryptionKey && { environmentEncryption: encryptionKey }),
      ...(props.reservedConcurrentExecutions !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrentExecutions,
      }),
      ...(vpc && { vpc, securityGroups: [new SecurityGroup(this, "NoWayOut", { vpc, allowAllOutbound: false })] }),
    });
    log.applyBefore(this.lambda);
    acknowledgeWildcards(role, props);
  }
}

/** Lambda makes the interfaces with the function's role; their ids are not known before (Lambda developer guide, "VPC access"). */
function allowNetworkInterfaces(role: Role): void {
  const actions = ["CreateNetworkInterface", "DescribeNetworkInterfaces", "DescribeSubnets", "DeleteNetworkInterface"];
  const more = ["AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"];
  role.addToPolicy(
    new PolicyStatement({ actions: [...actions, ...more].map((action) => `ec2:${action}`), resources: ["*"] }),
  );
}

/** @see CloudWatch Logs user guide, "Encrypt log data in CloudWatch Logs using AWS Key Management Service" */
function allowEncryption(key: IKey, role: Role): void {
  key.grantDecrypt(role);
  const { partition, region, account } = Stack.of(role);
  const actions = ["Encrypt", "Decrypt", "ReEncrypt*", "GenerateDataKey*", "Describe*"];
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal(`logs.${Aws.REGION}.amazonaws.com`)],
      actions: actions.map((action) => `kms:${action}`),
      resources: ["*"],
      conditions: {
        ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:${partition}:logs:${region}:${account}:log-group:*` },
      },
    }),
  );
}

function acknowledgeWildcards(role: Role, { vpc, tracing }: AuthorizerFunctionProps): void {
  const reasons = [
    ...(vpc ? ["network interfaces have no id before Lambda makes them"] : []),
    ...(tracing === true ? ["X-Ray takes segments for no resource in particular"] : []),
  ];
  if (reasons.length > 0)
    acknowledgeWildcard(role, "*", `The resource is a wildcard, since ${reasons.join(", and ")}.`);
}
