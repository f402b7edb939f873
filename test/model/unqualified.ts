import { LEGACY } from "./run.ts";
import type { Template, TemplateResource } from "./template.ts";
import { onTemplates, type Weakening, withAuthorizersInPlace, withIds } from "./weakened.ts";

/**
 * Turns a release into one of version 0.1: its authorizers invoke the function itself, keep their names whatever the contract is, and its code
 * reads no alias.
 */
export const toUnqualified: Weakening = (release) =>
  onTemplates("unqualified", withoutAliases)(withAuthorizersInPlace(release));

function withoutAliases({ Resources, ...rest }: Template): Template {
  const entries = Object.entries(Resources);
  const isGone = ({ Type }: TemplateResource) => /^AWS::Lambda::(Alias|Version|Permission)$/.test(Type);
  const gone = new Set(entries.filter(([, resource]) => isGone(resource)).map(([id]) => id));
  const kept = entries
    .filter(([, { Type }]) => Type === "AWS::Lambda::Permission" || !isGone({ Type }))
    .map(([id, resource]) => [id, withoutAlias(resource, gone)] as const);
  // The id of a deployment follows from the URIs of authorizers, and a permission is for a function or for an alias.
  const ids = entries.flatMap(([id, { Type }]) =>
    /(Permission|Deployment)$/.test(Type) ? [[id, `${id}U`] as const] : [],
  );
  return JSON.parse(withIds({ ...rest, Resources: Object.fromEntries(kept) }, ids));
}

function withoutAlias(resource: TemplateResource, gone: ReadonlySet<string>): TemplateResource {
  const { DeletionPolicy: _, UpdateReplacePolicy: __, ...others } = resource;
  const { Properties = {}, DependsOn = [] } = others;
  const own = { ...others, DependsOn: [DependsOn].flat().filter((id) => !gone.has(id)) };
  const { AuthorizerUri, FunctionName, Code, Environment, Body } = Properties;
  switch (resource.Type) {
    case "AWS::ApiGateway::RestApi":
    case "AWS::ApiGatewayV2::Api":
      return Body === undefined ? own : { ...own, Properties: { ...Properties, Body: withoutQualifier(Body) } };
    case "AWS::ApiGateway::Authorizer":
    case "AWS::ApiGatewayV2::Authorizer":
      return { ...own, Properties: { ...Properties, AuthorizerUri: withoutQualifier(AuthorizerUri) } };
    case "AWS::Lambda::Permission":
      return { ...own, Properties: { ...Properties, FunctionName: withoutQualifier(FunctionName) } };
    case "AWS::Lambda::Function": {
      const { API_CONTRACTS: _contracts, UNQUALIFIED_CONTRACT: _grace, ...variables } = Object(Environment).Variables;
      const code = { ...Object(Code), S3Key: `${LEGACY}${Object(Code).S3Key}` };
      return { ...own, Properties: { ...Properties, Code: code, Environment: { Variables: variables } } };
    }
    default:
      return own;
  }
}

/** Removes the alias from the texts that follow the function's ARN. */
function withoutQualifier(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll(/":[A-Za-z0-9-]+-[0-9a-f]{12}(\/invocations)?"/g, '"$1"'));
}
