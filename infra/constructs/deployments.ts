import { Annotations, AspectPriority, Aspects, Stack } from "aws-cdk-lib";
import { CfnDeployment, Deployment } from "aws-cdk-lib/aws-apigateway";
import type { IConstruct } from "constructs";
import { isOfApi, type RestApiOfApp } from "./apis.ts";

/**
 * Makes all deployments of a REST API, later ones too, new ones when something changes that they don't look at themselves.
 *
 * A stage serves its deployment: what is changed without a new one does not reach it.
 *
 * @param resources - To be made before, where they are of the same stack.
 */
export function addToDeployments(api: RestApiOfApp, data: unknown, resources: readonly IConstruct[] = []): void {
  const visit = (node: IConstruct) => {
    if (CfnDeployment.isCfnDeployment(node) && !(node.node.scope instanceof Deployment) && isOfApi(node, api)) {
      const warning =
        "a CfnDeployment stays as it is when authorizers or gateway responses change, and its stage with it; make it a Deployment";
      Annotations.of(node).addWarningV2("rego-authorizer:stale-deployment", warning);
    }
    if (!(node instanceof Deployment) || !isOfApi(node, api)) return;
    node.addToLogicalId(data);
    node.node.addDependency(...resources.filter((one) => Stack.of(one) === Stack.of(node)));
  };
  Aspects.of(api.node.root).add({ visit }, { priority: AspectPriority.MUTATING });
}
