import { LEGACY } from "./run.ts";
import type { Template, TemplateResource } from "./template.ts";
import { onTemplates, type Weakening, withAuthorizersInPlace } from "./weakened.ts";

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
  // A permission is for a function or an alias, and an API; of an unqualified function it has a logical id of its own.
  const idOf = (id: string) => (Resources[id]?.Type === "AWS::Lambda::Permission" ? `${id}Unqualified` : id);
  const kept = entries
    .filter(([, { Type }]) => Type === "AWS::Lambda::Permission" || !isGone({ Type }))
    .map(([id, resource]) => [idOf(id), withoutAlias(resource, gone)] as const);
  return { ...rest, Resources: Object.fromEntries(kept) };
}

function withoutAlias(resource: TemplateResource, gone: ReadonlySet<string>): TemplateResource {
  const { DeletionPolicy: _, UpdateReplacePolicy: __, ...others } = resource;
  const { Properties = {}, DependsOn = [] } = others;
  const own = { ...others, DependsOn: [DependsOn].flat().filter((id) => !gone.has(id)) };
  const { AuthorizerUri, FunctionName, Code, Environment } = Properties;
  switch (resource.Type) {
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
