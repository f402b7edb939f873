// What other people's CDK apps may use of this package: `import { PolicyAuthorizer } from "rego-authorizer/cdk"`.

export type { KeptAuthorizer, MethodSelection } from "../contract/method-selection.ts";
export { accessLogFormat, restAccessLogFormat, webSocketAccessLogFormat } from "../infra/constructs/access-log.ts";
export type { ApiOfDocument } from "../infra/constructs/api-documents.ts";
export { AuthorizerAlarms, type AuthorizerAlarmsProps } from "../infra/constructs/authorizer-alarms.ts";
export { AuthorizerCacheFlush, type AuthorizerCacheFlushProps } from "../infra/constructs/authorizer-cache-flush.ts";
export { AuthorizerDashboard, type AuthorizerDashboardProps } from "../infra/constructs/authorizer-dashboard.ts";
export type { AuthorizerFunctionProps } from "../infra/constructs/authorizer-function.ts";
export type { AuthorizerReleaseProps } from "../infra/constructs/authorizer-release.ts";
export type { CachingProps, NamedApi } from "../infra/constructs/caching.ts";
export type { DeploymentAliases, InvokedAlias } from "../infra/constructs/deployment-aliases.ts";
export { GatewayResponses, type GatewayResponsesProps } from "../infra/constructs/gateway-responses.ts";
export type {
  ImportedApi,
  ImportedPolicyAuthorizer,
  PolicyAuthorizerAttributes,
} from "../infra/constructs/imported-policy-authorizer.ts";
export { MappedIntegration, type MappedIntegrationProps } from "../infra/constructs/mapped-integration.ts";
export { PolicyAuthorizer } from "../infra/constructs/policy-authorizer.ts";
export type {
  HttpAttachment,
  PolicyAuthorizerProps,
  ReportOnly,
  RestAttachment,
  SecuringProps,
  WebSocketAttachment,
} from "../infra/constructs/policy-authorizer-props.ts";
export { PolicyGroups, type PolicyGroupsProps } from "../infra/constructs/policy-groups.ts";
export { PolicyRoles, type PolicyRolesProps } from "../infra/constructs/policy-roles.ts";
export {
  type AcceptedAuthorizer,
  type AcceptedFinding,
  RequireAuthorization,
  type RequireAuthorizationProps,
} from "../infra/constructs/require-authorization.ts";
export type { RoleRule } from "../infra/constructs/role-mapping.ts";
export { SamlSignIn, type SamlSignInProps } from "../infra/constructs/saml-sign-in.ts";
export type { ServedApiProps } from "../infra/constructs/served-apis.ts";
export type { TrustedIssuerProps, TrustedOidcIssuer, TrustedUserPool } from "../infra/constructs/trusted-issuers.ts";
