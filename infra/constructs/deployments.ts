import { Annotations, Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import type { RestApiOfApp } from "./apis.ts";
import { isDeployment } from "./of-any-copy.ts";
import { visitResourcesOf } from "./visit-resources.ts";

/**
 * Adds data to the identity of all deployments of a REST API, including those that are added later. When the data changes,
 * CloudFormation creates a new deployment.
 *
 * A stage serves its deployment, so a change without a new deployment does not reach the stage.
 *
 * @param resources - Resources that are created before a deployment of the same stack.
 */
export function addToDeployments(api: RestApiOfApp, data: unknown, resources: readonly IConstruct[] = []): void {
  visitResourcesOf(api, (node) => {
    if (node.cfnResourceType !== "AWS::ApiGateway::Deployment") return;
    const deployment = node.node.scope;
    if (!isDeployment(deployment)) {
      const warning =
        "a CfnDeployment does not change with authorizers or gateway responses, so its stage would serve the old ones; make it a Deployment";
      Annotations.of(node).addWarningV2("rego-authorizer:stale-deployment", warning);
      return;
    }
    deployment.addToLogicalId(data);
    deployment.node.addDependency(...resources.filter((one) => Stack.of(one) === Stack.of(node)));
  });
}
