import { isObject, isText } from "../contract/json.ts";
import type { Unreadable } from "./model.ts";
import { type Scope, toPlace } from "./scope.ts";

/** Transforms that add no API: their content is in the template, or is for other resources. */
const KNOWN_TRANSFORMS = new Set([
  "AWS::Serverless-2016-10-31",
  "AWS::LanguageExtensions",
  "AWS::CodeDeployBlueGreen",
  "AWS::SecretsManager-2020-07-23",
  "AWS::SecretsManager-2024-09-16",
]);

/**
 * Types of API Gateway that have no methods.
 *
 * @see CloudFormation template reference, "Amazon API Gateway" and "Amazon API Gateway V2"
 */
const WITHOUT_METHODS = new Set([
  ...[
    ...["Account", "ApiKey", "ClientCertificate", "DocumentationPart", "DocumentationVersion", "GatewayResponse"],
    ...["DomainNameAccessAssociation", "Model", "RequestValidator", "UsagePlan", "UsagePlanKey", "VpcLink"],
  ].map((name) => `AWS::ApiGateway::${name}`),
  ...[
    ...["Integration", "IntegrationResponse", "Model", "RouteResponse", "VpcLink"],
    ...["Portal", "PortalProduct", "ProductPage", "ProductRestEndpointPage"],
  ].map((name) => `AWS::ApiGatewayV2::${name}`),
  ...["CapacityProvider", "Connector", "GraphQLApi", "LayerVersion", "SimpleTable"].map(
    (name) => `AWS::Serverless::${name}`,
  ),
  "AWS::Serverless::Application",
]);

/** Tells whether a type that the gate does not read could have methods. */
export function isUnknownType(type: string): boolean {
  if (WITHOUT_METHODS.has(type)) return false;
  return (
    /^AWS::(ApiGateway|ApiGatewayV2|Serverless)::/.test(type) ||
    // A module of the registry, and a stack set, stand for templates of their own.
    type.endsWith("::MODULE") ||
    type === "AWS::CloudFormation::StackSet"
  );
}

/** Tells whether a value has `Fn::Transform` or a loop anywhere: CloudFormation inserts there what the template does not show. */
export function hasTransform(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasTransform);
  if (!isObject(value)) return false;
  const inserts = (key: string) => key === "Fn::Transform" || key.startsWith("Fn::ForEach");
  return Object.entries(value).some(([key, one]) => inserts(key) || hasTransform(one));
}

/** Finds macros at the template as a whole, which may add anything to it. */
export function findHiddenParts(scope: Scope): readonly Unreadable[] {
  const { Transform: transform = [] } = scope.template;
  return [transform].flat().flatMap((one) => {
    if (isText(one) && KNOWN_TRANSFORMS.has(one)) return [];
    const name = isText(one) ? one : String(Object(one).Name ?? "");
    return [
      {
        place: toPlace(scope, ""),
        cause: `the transform ${name} may add or change methods, which is not visible in the template`,
        advice: "write out what it adds, or give the gate the template after the transform",
      },
    ];
  });
}
