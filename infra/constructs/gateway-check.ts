import { Annotations, CfnResource, Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import type { Api } from "../../contract/api-kinds.ts";
import { findBrokenRules } from "../../gateway-rules/find-broken-rules.ts";
import { formatBrokenRule, type RaisedQuotas } from "../../gateway-rules/rule.ts";
import { findEnvironmentQuota } from "../../gateway-rules/template-quotas.ts";
import { readShape } from "./api-shape.ts";

/**
 * Checks, at the end of synthesis, that API Gateway would create an API: its routes, authorizers, stages and models keep the
 * rules, with all that other constructs have added.
 *
 * @param kind - The name of the class that checks, for messages.
 */
export function checkGatewayRules(api: IConstruct, kind: string, apiKind: Api, raised: RaisedQuotas = {}): void {
  const validate = () => {
    const broken = findBrokenRules(readShape(api, apiKind), raised);
    for (const one of broken.filter(({ effect }) => effect === "notice"))
      Annotations.of(api).addWarningV2(`rego-authorizer:${one.code}`, formatBrokenRule(one));
    return broken
      .filter(({ effect }) => effect === "refused")
      .map((one) => {
        const raise = one.code.startsWith("quota.") ? ". A quota that AWS has raised goes into raisedQuotas" : "";
        return `${kind}: ${formatBrokenRule(one)}${raise}`;
      });
  };
  api.node.addValidation({ validate });
}

/** Checks, at the end of synthesis, that the environment of a function has no more bytes than Lambda allows. */
export function checkEnvironment(lambda: IConstruct, kind: string): void {
  const validate = () => {
    const { defaultChild } = lambda.node;
    if (!CfnResource.isCfnResource(defaultChild)) return [];
    const stack = Stack.of(lambda);
    const types = stack.node
      .findAll()
      .filter((node) => CfnResource.isCfnResource(node))
      .map((one) => [stack.resolve(one.logicalId), { Type: one.cfnResourceType }]);
    const { Resources } = stack.resolve(defaultChild._toCloudFormation());
    const [own] = Object.values(Object(Resources));
    return findEnvironmentQuota(own, { Resources: Object.fromEntries(types) }, lambda.node.path).map(
      (one) => `${kind}: ${formatBrokenRule(one)}`,
    );
  };
  lambda.node.addValidation({ validate });
}
