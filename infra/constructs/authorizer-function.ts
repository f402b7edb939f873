import { Aws, Duration, Lazy, RemovalPolicy, Stack } from "aws-cdk-lib";
import { type IVpc, SecurityGroup, type Vpc } from "aws-cdk-lib/aws-ec2";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import {
  ApplicationLogLevel,
  Architecture,
  CfnFunction,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
  Tracing,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { LAMBDA_RECOGNIZE_VERSION_PROPS } from "aws-cdk-lib/cx-api";
import { Construct } from "constructs";
import { acknowledgeWildcard } from "./acknowledge.ts";
import { describeDeployTimeValues } from "./deploy-time-values.ts";

/**
 * In megabytes. A warm decision takes 0.13 ms on a whole core of a slow machine, the authorizer's part of a cold start 30 ms. Lambda gives
 * a whole core at 1,769 MB, so at 512 MB these are about 0.5 and 105 ms. With the sample the process uses less than 128 MB; more memory buys
 * more CPU. A policy of thousands of grants needs more: see MAX_MODULE_BYTES.
 */
const MEMORY_MB = 512;

/** The Lambda fetches a key set within two seconds, and API Gateway waits ten for the authorizer of an HTTP API. */
const TIMEOUT = Duration.seconds(5);

/** How the authorizer's Lambda runs. */
export interface AuthorizerFunctionProps {
  /**
   * Memory in megabytes. Lambda gives CPU in proportion to it.
   *
   * @default 512
   */
  readonly memorySize?: number;
  /**
   * The number of concurrent executions that are reserved, and the limit. API Gateway answers requests beyond it with 500.
   *
   * @default - the unreserved concurrency of the account
   */
  readonly reservedConcurrentExecutions?: number;
  /**
   * A VPC in which the authorizer runs, without outbound access. The build has to pack the key sets (`KEY_SETS`).
   *
   * @default - no VPC
   */
  readonly vpc?: IVpc | Vpc;
  /**
   * Encrypts the environment variables and the log. This app must be able to change the key policy, or the key policy must
   * let CloudWatch Logs use the key.
   *
   * @default - keys that AWS manages
   */
  readonly encryptionKey?: IKey;
  /**
   * Traces invocations with X-Ray.
   *
   * @default false
   */
  readonly tracing?: boolean;
  /**
   * How long CloudWatch retains the decision log.
   *
   * @default RetentionDays.THREE_MONTHS
   */
  readonly logRetention?: RetentionDays;
  /**
   * Whether the decision log is deleted with the stack.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly logRemovalPolicy?: RemovalPolicy;
}

/** The Lambda as it was built. Its role may write its log, and use what `vpc`, `encryptionKey` and `tracing` need. */
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
    // Tags and reserved concurrency are not part of a version. CloudFormation fails if it publishes one in which nothing differs.
    this.node.setContext(LAMBDA_RECOGNIZE_VERSION_PROPS, true);
    const { encryptionKey } = props;
    // The library's class and interface differ under exactOptionalPropertyTypes.
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
      // Lambda then writes a line for an invocation only if it was not a success. A thrown 401 is one for its reports. Lines of the
      // decision log have no level, which counts as INFO.
      loggingFormat: LoggingFormat.JSON,
      systemLogLevelV2: SystemLogLevel.WARN,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      environment,
      currentVersionOptions: {
        // An alias of an earlier contract, and an operator on the way back, need earlier versions. A version that a failed
        // deployment has published must go, or the next attempt would find it and fail.
        removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        description: Lazy.uncachedString({ produce: () => this.#describeVersion() }),
      },
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

  #describeVersion(): string | undefined {
    const { defaultChild } = this.lambda.node;
    return CfnFunction.isCfnFunction(defaultChild) ? describeDeployTimeValues(this, defaultChild) : undefined;
  }
}

/**
 * Lets Lambda create network interfaces with the function's role. Their ids are not known beforehand.
 *
 * @see Lambda developer guide, "VPC access"
 */
function allowNetworkInterfaces(role: Role): void {
  const actions = ["CreateNetworkInterface", "DescribeNetworkInterfaces", "DescribeSubnets", "DeleteNetworkInterface"];
  const more = ["AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"];
  role.addToPolicy(
    new PolicyStatement({ actions: [...actions, ...more].map((action) => `ec2:${action}`), resources: ["*"] }),
  );
}

/**
 * Lets the role decrypt with a key, and CloudWatch Logs encrypt logs of this account with it.
 *
 * @see CloudWatch Logs user guide, "Encrypt log data in CloudWatch Logs using AWS Key Management Service"
 */
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
    ...(vpc ? ["network interfaces have no id before Lambda creates them"] : []),
    ...(tracing === true ? ["permissions for X-Ray can't name a resource"] : []),
  ];
  if (reasons.length > 0)
    acknowledgeWildcard(role, "*", `The resource is a wildcard, since ${reasons.join(", and ")}.`);
}
