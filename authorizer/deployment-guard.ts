import { toDeployedContract } from "../contract/api-contracts.ts";
import { type Api, type ApiKind, traitsOf } from "../contract/api-kinds.ts";
import type { DeployedContract } from "../contract/cache-contract.ts";
import { parseDeploymentAlias, qualifierOf } from "../contract/deployment-alias.ts";
import { own } from "../contract/json.ts";
import type { PackedManifest } from "../contract/manifest.ts";
import type { CodeOf } from "../contract/reason-codes.ts";
import { err, ok, type Result } from "../contract/result.ts";
import type { Config } from "./config.ts";

/** The API whose authorizer invoked the Lambda, and how it caches responses. */
export interface Deployment {
  /** The name of the API; undefined if the invocation does not say. */
  readonly apiName: string | undefined;
  readonly api: Api | undefined;
  /** Undefined if the deployment does not say how it caches. */
  readonly contract: DeployedContract | undefined;
  /** `report` if every request is let through, whatever the decision; missing if decisions are enforced. */
  readonly mode?: "report";
}

/** The settings that say which APIs invoke this version, and how these cache responses. */
export type DeploymentSettings = Pick<Config, "apiContracts" | "deployedContract" | "unqualifiedContract">;

/**
 * Finds the deployment that an invocation comes from, by the alias that was invoked.
 *
 * A stage may still be configured for another version's contract, so that it caches responses under other keys. It then has
 * another alias. An alias that this version does not know, or none, gets no response. Nor does one whose contract is of the other mode:
 * nothing but an alias that says so makes an invocation report-only.
 *
 * @param arn - The ARN that was invoked. Lambda always gives it; without it, as in tests, `CACHE_CONTRACT` counts.
 * @param apis - The APIs that the policy was built for, by name; undefined if the build was given no names.
 */
export function findDeployment(
  arn: string | undefined,
  { apiContracts, deployedContract, unqualifiedContract }: DeploymentSettings,
  apis?: PackedManifest["apis"],
): Result<Deployment, CodeOf<"deployment">> {
  const unnamed = { apiName: undefined, api: undefined, contract: deployedContract };
  if (arn === undefined) return ok(unnamed);
  const alias = parseDeploymentAlias(qualifierOf(arn) ?? "");
  if (!alias.ok) return unqualifiedContract === undefined ? err("deployment.no_contract") : ok(unnamed);
  const { api: apiName, contract: id, mode } = alias.value;
  const contract = apiContracts.get(id);
  if (contract === undefined || deployedContract === undefined) return err("deployment.unknown_contract");
  if (contract.mode !== mode) return err("deployment.wrong_mode");
  // A document has no WebSocket API, so that the build does not know their names.
  if (apis !== undefined && contract.api !== "websocket" && own(apis, apiName) === undefined)
    return err("deployment.unknown_api");
  const deployed = { apiName, api: contract.api, contract: toDeployedContract(contract, deployedContract) };
  return ok({ ...deployed, ...(mode !== undefined && { mode }) });
}

/** Finds out why an event gets no decision: its deployment is unknown, or its alias is for another kind of API. */
export function findDeploymentFault(
  deployment: Result<Deployment, CodeOf<"deployment">>,
  kind: ApiKind | undefined,
): CodeOf<"deployment"> | undefined {
  if (!deployment.ok) return deployment.error;
  const { api } = deployment.value;
  return api === undefined || kind === undefined || traitsOf(kind).api === api ? undefined : "deployment.wrong_api";
}

/** Says what to do about a deployment that gets no responses. */
export function explainDeployment(code: CodeOf<"deployment">, arn: string | undefined): string {
  const invoked = `${code}: the authorizer was invoked as ${qualifierOf(arn ?? "") ?? "a function without an alias"}`;
  switch (code) {
    case "deployment.no_contract":
      return `${invoked}, which does not say how the API caches responses, so every request gets 500; let the authorizer's URI name the alias that rego-authorizer cache-contract prints, or set UNQUALIFIED_CONTRACT until it does`;
    case "deployment.unknown_contract":
      return `${invoked}, whose contract is not in API_CONTRACTS of this version, so every request gets 500; let the alias name a version that was deployed for it, or deploy the API's authorizers and stage again`;
    case "deployment.unknown_api":
      return `${invoked}, which begins with the name of an API that the policy was not built for, so every request gets 500; build with --openapi NAME=FILE for this API, or give it the name that the build has`;
    case "deployment.wrong_api":
      return `${invoked}, which is the alias of another kind of API, so every request gets 500; let each API's authorizers name its own alias`;
    case "deployment.wrong_mode":
      return `${invoked}, whose contract in API_CONTRACTS is of the other mode, so every request gets 500; the alias of a report-only API is <api>-report-<contract>, and its contract has "mode": "report"`;
    default:
      return code satisfies never;
  }
}
