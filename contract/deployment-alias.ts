import { err, ok, type Result } from "./result.ts";

/**
 * The alias of the Lambda that the URI of an authorizer names: `<function>:<api>-<contract>`, or `<function>:<api>-report-<contract>` if
 * the authorizer only reports what it would decide.
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
  /** `report` if decisions are logged and every request is let through; missing if decisions are enforced. */
  readonly mode?: "report";
}

/** The longest name of an API. With the mode and the contract it is an alias of Lambda, which has at most 128 characters. */
export const MAX_API_NAME_CHARS = 64;

const API_NAME = /^[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*$/;
const ALIAS = /^(?<api>.+?)(?<report>-report)?-(?<contract>[0-9a-f]{12})$/;

/** Matches names that would make an alias look like one of the other mode. */
const REPORT = /(?:^|-)report$/i;

/** The rule for names of APIs, for messages. */
export const API_NAME_RULE = `letters, digits and single hyphens between them, at most ${MAX_API_NAME_CHARS} characters, and must not end in the word report, by which the alias of a report-only authorizer is known`;

/** Tells whether a text can be the name of an API in an alias. */
export function isApiName(text: string): boolean {
  return text.length <= MAX_API_NAME_CHARS && API_NAME.test(text) && !REPORT.test(text);
}

/** Tells whether a text can be the id of an API's contract. */
export function isContractId(text: string): boolean {
  return /^[0-9a-f]{12}$/.test(text);
}

/** Parses the name of an alias; an alias of another form says nothing about the API that invokes it. */
export function parseDeploymentAlias(text: string): Result<DeploymentAlias, "alias.malformed"> {
  const { api = "", contract = "", report } = ALIAS.exec(text)?.groups ?? {};
  if (!isApiName(api)) return err("alias.malformed");
  return ok({ api, contract, ...(report !== undefined && { mode: "report" }) });
}

/** Formats the name of an alias; the inverse of {@link parseDeploymentAlias}. */
export function formatDeploymentAlias({ api, contract, mode }: DeploymentAlias): string {
  return mode === undefined ? `${api}-${contract}` : `${api}-${mode}-${contract}`;
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
