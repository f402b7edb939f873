import { Aws, RemovalPolicy } from "aws-cdk-lib";
import { Alias, type IFunction, type IVersion, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct, type IConstruct } from "constructs";
import { type ApiContract, formatApiContracts } from "../../contract/api-contracts.ts";
import { type ApiConfiguration, toApiContract, toContractId } from "../../contract/contract-id.ts";
import { API_NAME_RULE, formatDeploymentAlias, isApiName } from "../../contract/deployment-alias.ts";
import { toSynthesisError } from "./synthesis-error.ts";

/** The longest description of an alias. @see Lambda API reference, `CreateAlias` */
const MAX_DESCRIPTION_CHARS = 256;

/** The alias by which one API invokes the Lambda. */
export interface InvokedAlias {
  readonly lambda: IFunction;
  /** The name of the alias, which is known at synthesis. */
  readonly aliasName: string;
  /** The ARN of the alias. */
  readonly arn: string;
  /** The id of the API's contract, which is part of the name. */
  readonly contractId: string;
  /** The URI by which the API's authorizers invoke it. */
  readonly uri: string;
  readonly resource: IConstruct;
  /** Set if another app deploys the function, which then lets APIs invoke it, too. */
  readonly isImported?: true;
}

/** The aliases of a function, in this app or in another one. */
export interface AliasSource {
  /** Finds or creates the alias of an API; `owner` is for an error. */
  readonly add: (apiName: string, configuration: ApiConfiguration, owner: string) => InvokedAlias;
}

/**
 * The aliases of the Lambda, one for each API and contract, all in the Lambda's stack.
 *
 * An API's stack refers to the function and to a name that is known at synthesis. So neither a new version nor a new contract
 * changes a value that one stack exports to another.
 */
export class DeploymentAliases extends Construct implements AliasSource {
  readonly #lambda: LambdaFunction;
  readonly #onAlias: (alias: Alias) => void;
  readonly #provisioned: number | undefined;
  readonly #contracts = new Map<string, ApiContract>();
  readonly #aliases = new Map<string, InvokedAlias>();
  readonly #owners = new Map<string, string>();

  /** @param onAlias - Called with each new alias. */
  constructor(
    scope: Construct,
    id: string,
    lambda: LambdaFunction,
    provisioned: number | undefined,
    onAlias: (alias: Alias) => void,
  ) {
    super(scope, id);
    this.#lambda = lambda;
    this.#onAlias = onAlias;
    this.#provisioned = provisioned;
  }

  /**
   * Finds or creates the alias of an API.
   *
   * @param owner - The API, for an error if another one has the name.
   */
  add(apiName: string, configuration: ApiConfiguration, owner: string): InvokedAlias {
    const error = this.#findNameError(apiName, owner);
    if (error !== undefined) throw toSynthesisError(this.node.scope ?? this, "PolicyAuthorizer", error);
    this.#owners.set(apiName, owner);
    const contractId = toContractId(configuration);
    const aliasName = toAliasName(apiName, configuration);
    const known = this.#aliases.get(aliasName);
    if (known !== undefined) return known;
    this.#contracts.set(contractId, toApiContract(configuration));
    const resource = new Alias(this, aliasName, {
      aliasName,
      description: `Invoked by ${owner}`.slice(0, MAX_DESCRIPTION_CHARS),
      // The library's class and interface differ under exactOptionalPropertyTypes.
      version: this.#lambda.currentVersion as IVersion,
      ...(this.#provisioned !== undefined && { provisionedConcurrentExecutions: this.#provisioned }),
    });
    // A stage that is deployed later, or put back to an earlier deployment, still names this alias.
    resource.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    const lambda = this.#lambda as IFunction;
    const arn = `${lambda.functionArn}:${aliasName}`;
    const alias = { lambda, aliasName, arn, contractId, resource, uri: toAuthorizerUri(arn) };
    this.#aliases.set(aliasName, alias);
    this.#onAlias(resource);
    return alias;
  }

  /** Lists the aliases of all APIs. */
  all(): readonly InvokedAlias[] {
    return [...this.#aliases.values()];
  }

  /** Formats `API_CONTRACTS`; undefined if no API invokes the Lambda. */
  toVariable(): string | undefined {
    return this.#contracts.size === 0 ? undefined : formatApiContracts(this.#contracts);
  }

  #findNameError(apiName: string, owner: string): string | undefined {
    if (!isApiName(apiName)) return `apiName must have ${API_NAME_RULE}`;
    const other = this.#owners.get(apiName);
    return other === undefined || other === owner
      ? undefined
      : `${owner} and ${other} would both be called ${apiName}, and the alias must tell them apart; give one of them another apiName`;
  }
}

/** Formats the name of the alias of an API with this configuration. */
export function toAliasName(apiName: string, configuration: ApiConfiguration): string {
  const { mode } = configuration;
  return formatDeploymentAlias({
    api: apiName,
    contract: toContractId(configuration),
    ...(mode !== undefined && { mode }),
  });
}

/** Formats the URI by which an authorizer of API Gateway invokes an alias of the Lambda. */
export function toAuthorizerUri(arn: string): string {
  return `arn:${Aws.PARTITION}:apigateway:${Aws.REGION}:lambda:path/2015-03-31/functions/${arn}/invocations`;
}
