import { Annotations, AspectPriority, Aspects, Stack } from "aws-cdk-lib";
import { CfnDeployment } from "aws-cdk-lib/aws-apigateway";
import type { IConstruct } from "constructs";
import { isOfApi, type RestApiOfApp } from "./apis.ts";
import { isDeployment } from "./of-any-copy.ts";

/**
 * Adds data to the identity of all deployments of a REST API, including those that are added later. When the data changes,
 * CloudFormation creates a new deployment.
 *
 * A stage serves its deployment, so a change without a new deployment does not reach the stage.
 *
 * @param resources - Resources that are created before a deployment of the same stack.
 */
export function addToDeployments(api: RestApiOfApp, data: unknown, resources: readonly IConstruct[] = []): void {
  const visit = (node: IConstruct) => {
    if (CfnDeployment.isCfnDeployment(node) && !isDeployment(node.node.scope) && isOfApi(node, api)) {
      const warning =
        "a CfnDeployment does not change with authorizers or gateway responses, so its stage would serve the old ones; make it a Deployment";
      Annotations.of(node).addWarningV2("rego-authorizer:stale-deployment", warning);
    }
    if (!isDeployment(node) || !isOfApi(node, api)) return;
    node.addToLogicalId(data);
    node.node.addDependency(...resources.filter((one) => Stack.of(one) === Stack.of(node)));
  };
  Aspects.of(api.node.root).add({ visit }, { priority: AspectPriority.MUTATING });
}
