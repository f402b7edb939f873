import { err, ok, type Result } from "./result.ts";

/**
 * The alias of the Lambda that the URI of an authorizer names: `<function>:<api>-<contract>`.
 *
 * It says what the caller, a stage of API Gateway, is configured with. A stage names its alias in the same call that sets its
 * identity sources, and a deployment of a REST API holds both. So the alias is right at every moment of a deployment, which an
 * environment variable of the Lambda can't be.
 */
export interface DeploymentAlias {
  /** The name of the API: letters, digits and hyphens. */
  readonly api: string;
  /** The id of the API's contract: 12 hexadecimal digits, from `toContractId`. */
  readonly contract: string;
}

/** The longest name of an API. With the contract it is an alias of Lambda, which has at most 128 characters. */
export const MAX_API_NAME_CHARS = 64;

const API_NAME = /^[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$/;
const ALIAS = /^(?<api>.+)-(?<contract>[0-9a-f]{12})$/;

/** Tells whether a text can be the name of an API in an alias. */
export function isApiName(text: string): boolean {
  return text.length <= MAX_API_NAME_CHARS && API_NAME.test(text);
}

/** Tells whether a text can be the id of an API's contract. */
export function isContractId(text: string): boolean {
  return /^[0-9a-f]{12}$/.test(text);
}

/** Parses the name of an alias; an alias of another form says nothing about the API that invokes it. */
export function parseDeploymentAlias(text: string): Result<DeploymentAlias, "alias.malformed"> {
  const { api = "", contract = "" } = ALIAS.exec(text)?.groups ?? {};
  return isApiName(api) ? ok({ api, contract }) : err("alias.malformed");
}

/** Formats the name of an alias; the inverse of {@link parseDeploymentAlias}. */
export function formatDeploymentAlias({ api, contract }: DeploymentAlias): string {
  return `${api}-${contract}`;
}

/**
 * Reads the qualifier of the ARN with which a Lambda was invoked: the name of an alias, the number of a version, or
 * `$LATEST`; undefined if it has none.
 *
 * @see Lambda developer guide, "Using the Lambda context object": `invokedFunctionArn`
 */
export function qualifierOf(invokedFunctionArn: string): string | undefined {
  // arn:aws:lambda:eu-west-1:123456789012:function:name:qualifier
  return invokedFunctionArn.split(":")[7];
}
