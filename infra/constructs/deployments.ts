import { AspectPriority, Aspects, Stack } from "aws-cdk-lib";
import { Deployment } from "aws-cdk-lib/aws-apigateway";
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
    if (!(node instanceof Deployment) || !isOfApi(node, api)) return;
    node.addToLogicalId(data);
    node.node.addDependency(...resources.filter((one) => Stack.of(one) === Stack.of(node)));
  };
  Aspects.of(api.node.root).add({ visit }, { priority: AspectPriority.MUTATING });
}
