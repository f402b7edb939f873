import { Token } from "aws-cdk-lib";
import { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { type ApiConfiguration, toContractId } from "../../contract/contract-id.ts";
import { parseDeploymentAlias, qualifierOf } from "../../contract/deployment-alias.ts";
import { type AliasSource, type InvokedAlias, toAliasName, toAuthorizerUri } from "./deployment-aliases.ts";
import { toSynthesisError } from "./synthesis-error.ts";

/** The function of another app, and its aliases. */
export interface ImportedFunction {
  /**
   * The ARN of the function, without an alias. It may be in another account or region.
   */
  readonly functionArn: string;
  /**
   * The names of the function's aliases, as the output `Aliases` of its stack lists them. They are known at synthesis, so that no stack
   * imports a value that changes.
   */
  readonly aliases: readonly string[];
}

/**
 * Creates the aliases of a function that another app deploys.
 *
 * @throws An error of synthesis if the ARN or the aliases can't be used.
 */
export function createImportedAliases(
  scope: Construct,
  kind: string,
  { functionArn, aliases }: ImportedFunction,
): AliasSource {
  const fail = (cause: string) => toSynthesisError(scope, kind, cause);
  if (!Token.isUnresolved(functionArn) && !/^arn:[^:]+:lambda:[^:]+:[^:]+:function:[^:]+$/.test(functionArn))
    throw fail(
      qualifierOf(functionArn) === undefined
        ? "functionArn must be the ARN of a Lambda function"
        : "functionArn must be the ARN of the function without an alias or version; the aliases are in aliases",
    );
  const isKnown = !Token.isUnresolved(aliases) && aliases.every((one) => parseDeploymentAlias(one).ok);
  if (!isKnown || aliases.length === 0)
    throw fail(
      "aliases must be names that are known at synthesis, like orders-0123456789ab; the output Aliases of the function's stack lists them",
    );
  const lambda = LambdaFunction.fromFunctionArn(scope, "Function", functionArn);
  return {
    add(apiName: string, configuration: ApiConfiguration): InvokedAlias {
      const contractId = toContractId(configuration);
      const aliasName = toAliasName(apiName, configuration);
      if (!aliases.includes(aliasName))
        throw fail(
          `this app needs the alias ${aliasName}, and the function is deployed with ${aliases.join(", ")}; ` +
            "let serve() in the function's app and this app have the same dist/, apiName, ttl, type, reportOnly, tokenSource and httpResponse, and deploy the function first",
        );
      const arn = `${functionArn}:${aliasName}`;
      return { lambda, aliasName, arn, contractId, resource: lambda, uri: toAuthorizerUri(arn), isImported: true };
    },
  };
}
