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
    // A module of the registry, a stack set and a product stand for templates of their own.
    type.endsWith("::MODULE") ||
    type === "AWS::CloudFormation::StackSet" ||
    type === "AWS::ServiceCatalog::CloudFormationProvisionedProduct"
  );
}

/** Tells whether a value has `Fn::Transform` or a loop anywhere: CloudFormation inserts there what the template does not show. */
export function hasTransform(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasTransform);
  if (!isObject(value)) return false;
  return Object.entries(value).some(([key, one]) => isInserting(key) || hasTransform(one));
}

/** Tells whether CloudFormation puts something else in the place of a key. */
export function isInserting(key: string): boolean {
  return key === "Fn::Transform" || key.startsWith("Fn::ForEach");
}

/** Lists the sections outside of `Resources` in which a transform or a loop could change methods. */
function findTransformed({ template }: Scope): readonly string[] {
  const { Globals: globals, Mappings: mappings } = template;
  const { Function: functions, Api: rest, HttpApi: http, ...others } = Object(globals);
  return [
    ...Object.keys(template).filter(isInserting),
    ...(hasTransform([rest, http]) || [functions, others].some((one) => Object.keys(Object(one)).some(isInserting))
      ? ["Globals"]
      : []),
    ...(hasTransform(mappings) ? ["Mappings"] : []),
  ];
}

/** Finds macros at the template as a whole, which may add anything to it, and at sections that resources read. */
export function findHiddenParts(scope: Scope): readonly Unreadable[] {
  const { Transform: transform = [] } = scope.template;
  const sections = findTransformed(scope).map((section) => ({
    place: toPlace(scope, section),
    cause: `what a transform or a loop inserts at ${section} is not visible in the template, and could change methods`,
    advice: "write it out",
  }));
  const macros = [transform].flat().flatMap((one) => {
    if (isText(one) && KNOWN_TRANSFORMS.has(one)) return [];
    const name = isText(one) ? one : (Object(one).Name ?? JSON.stringify(one));
    return [
      {
        place: toPlace(scope, ""),
        cause: `the transform ${name} may add or change methods, which is not visible in the template`,
        advice: "write out what it adds, or give the gate the template after the transform",
      },
    ];
  });
  return [...macros, ...sections];
}
