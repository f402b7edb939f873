import { isObject, isText } from "../contract/json.ts";
import type { ReadIntoModel } from "./resource-reader.ts";

const readDomain: ReadIntoModel = ({ draft, key, each }) => {
  for (const { DomainName: name, MutualTlsAuthentication: tls } of each("DomainName", "MutualTlsAuthentication"))
    draft.domains.push({ key, name: isText(name) ? name : undefined, hasMutualTls: isObject(tls) });
};

const readMapping: ReadIntoModel = ({ draft, place, names, each }) => {
  for (const properties of each("RestApiId", "ApiId", "DomainName", "DomainNameArn")) {
    const { RestApiId: rest, ApiId: api = rest, DomainNameArn: arn, DomainName: domain = arn } = properties;
    if (isText(domain) && isText(api)) draft.mappings.push({ place, names, api, domain });
  }
};

const readRoutingRule: ReadIntoModel = ({ draft, place, names, each }) => {
  for (const { DomainNameArn: domain, Actions: actions } of each("DomainNameArn", "Actions"))
    for (const action of [actions ?? []].flat()) {
      const api: unknown = Object(Object(action).InvokeApi).ApiId;
      if (isText(domain) && isText(api)) draft.mappings.push({ place, names, api, domain });
    }
};

/** The readers of custom domains and their mappings. */
export const DOMAIN_READERS: Readonly<Record<string, ReadIntoModel>> = {
  "AWS::ApiGateway::DomainName": readDomain,
  "AWS::ApiGateway::DomainNameV2": readDomain,
  "AWS::ApiGateway::BasePathMapping": readMapping,
  "AWS::ApiGateway::BasePathMappingV2": readMapping,
  "AWS::ApiGatewayV2::DomainName": readDomain,
  "AWS::ApiGatewayV2::ApiMapping": readMapping,
  "AWS::ApiGatewayV2::RoutingRule": readRoutingRule,
};
