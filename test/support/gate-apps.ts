import { stringify } from "yaml";
import { POLICY_ENVIRONMENT } from "./gate.ts";

/** How a method of a generated app is authorized. */
export type Way = "policy" | "iam" | "none";

/** An app with one API, in a form that every reader's format can have. */
export interface GateApp {
  readonly kind: "rest" | "http";
  readonly methods: readonly { readonly verb: string; readonly segments: readonly string[]; readonly way: Way }[];
}

const uriOf = (arn: unknown) => ({
  "Fn::Join": ["", ["arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/", arn, "/invocations"]],
});

const TYPES: Readonly<Record<Way, string>> = { policy: "CUSTOM", iam: "AWS_IAM", none: "NONE" };

/** Formats the path of a method. */
export function pathOf({ segments }: GateApp["methods"][number]): string {
  return `/${segments.join("/")}`;
}

/** Renders an app as a template of CloudFormation. */
export function toCloudFormation({ kind, methods }: GateApp): object {
  const policyFunction = {
    Type: "AWS::Lambda::Function",
    Properties: { Environment: { Variables: POLICY_ENVIRONMENT } },
  };
  const arn = { "Fn::GetAtt": ["Decide", "Arn"] };
  const named = methods.map((one, at) => ({ ...one, id: `M${at}` }));
  const isRest = kind === "rest";
  const authorizationOf = (way: Way) => ({
    AuthorizationType: TYPES[way],
    ...(way === "policy" && { AuthorizerId: { Ref: "Authorizer" } }),
  });
  const rest = {
    Api: { Type: "AWS::ApiGateway::RestApi", Properties: { Name: "api" } },
    ...Object.fromEntries(named.flatMap(({ segments }) => toRestResources(segments))),
    Authorizer: {
      Type: "AWS::ApiGateway::Authorizer",
      Properties: {
        RestApiId: { Ref: "Api" },
        Type: "REQUEST",
        AuthorizerUri: uriOf(arn),
        AuthorizerResultTtlInSeconds: 0,
      },
    },
    ...Object.fromEntries(
      named.map(({ id, verb, segments, way }) => [
        id,
        {
          Type: "AWS::ApiGateway::Method",
          Properties: {
            RestApiId: { Ref: "Api" },
            ResourceId:
              segments.length === 0 ? { "Fn::GetAtt": ["Api", "RootResourceId"] } : { Ref: resourceId(segments) },
            HttpMethod: verb,
            ...authorizationOf(way),
          },
        },
      ]),
    ),
    Deployment0123456789abcdef: {
      Type: "AWS::ApiGateway::Deployment",
      DependsOn: named.map(({ id }) => id),
      Properties: { RestApiId: { Ref: "Api" } },
    },
    Stage: {
      Type: "AWS::ApiGateway::Stage",
      Properties: { RestApiId: { Ref: "Api" }, DeploymentId: { Ref: "Deployment0123456789abcdef" }, StageName: "prod" },
    },
  };
  const http = {
    Api: { Type: "AWS::ApiGatewayV2::Api", Properties: { Name: "api", ProtocolType: "HTTP" } },
    Authorizer: {
      Type: "AWS::ApiGatewayV2::Authorizer",
      Properties: { ApiId: { Ref: "Api" }, Name: "decide", AuthorizerType: "REQUEST", AuthorizerUri: uriOf(arn) },
    },
    ...Object.fromEntries(
      named.map((one) => [
        one.id,
        {
          Type: "AWS::ApiGatewayV2::Route",
          Properties: {
            ApiId: { Ref: "Api" },
            RouteKey: `${one.verb} ${pathOf(one)}`,
            Target: "integrations/abc",
            ...authorizationOf(one.way),
          },
        },
      ]),
    ),
    Stage: {
      Type: "AWS::ApiGatewayV2::Stage",
      Properties: { ApiId: { Ref: "Api" }, StageName: "$default", AutoDeploy: true },
    },
  };
  return { Resources: { Decide: policyFunction, ...(isRest ? rest : http) } };
}

function resourceId(segments: readonly string[]): string {
  return `R${Buffer.from(segments.join("/")).toString("hex")}`;
}

function toRestResources(segments: readonly string[]): readonly (readonly [string, object])[] {
  return segments.map((part, at) => {
    const parent = segments.slice(0, at);
    return [
      resourceId(segments.slice(0, at + 1)),
      {
        Type: "AWS::ApiGateway::Resource",
        Properties: {
          RestApiId: { Ref: "Api" },
          PathPart: part,
          ParentId: parent.length === 0 ? { "Fn::GetAtt": "Api.RootResourceId" } : { Ref: resourceId(parent) },
        },
      },
    ];
  });
}

/** Renders the same template as YAML with CloudFormation's short tags. */
export function toYaml(app: GateApp): string {
  const short = stringify(toCloudFormation(app), { lineWidth: 0, defaultStringType: "QUOTE_DOUBLE" });
  return short
    .replaceAll(/\n\s*"Fn::GetAtt": ("[^"]*")/g, " !GetAtt $1")
    .replaceAll(/\n\s*"?Ref"?: ("[^"]*")/g, " !Ref $1")
    .replaceAll(/\n\s*"?Fn::GetAtt"?:\n\s*- "([^"]*)"\n\s*- "([^"]*)"/g, ' !GetAtt "$1.$2"');
}

/** Renders an app as a template of AWS SAM. */
export function toSam({ kind, methods }: GateApp): string {
  const isRest = kind === "rest";
  const authorizers = {
    policy: { FunctionArn: { "Fn::GetAtt": ["Decide", "Arn"] }, Identity: { ReauthorizeEvery: 0 } },
  };
  const names: Readonly<Record<Way, string>> = { policy: "policy", iam: "AWS_IAM", none: "NONE" };
  const events = methods.map((one, at) => [
    `E${at}`,
    {
      Type: isRest ? "Api" : "HttpApi",
      Properties: {
        [isRest ? "RestApiId" : "ApiId"]: { Ref: "Api" },
        Path: pathOf(one),
        Method: one.verb.toLowerCase(),
        Auth: { Authorizer: names[one.way] },
      },
    },
  ]);
  return stringify({
    Transform: "AWS::Serverless-2016-10-31",
    Resources: {
      Api: {
        Type: isRest ? "AWS::Serverless::Api" : "AWS::Serverless::HttpApi",
        Properties: { StageName: "prod", Auth: { DefaultAuthorizer: "policy", Authorizers: authorizers } },
      },
      Decide: { Type: "AWS::Serverless::Function", Properties: { Environment: { Variables: POLICY_ENVIRONMENT } } },
      Backend: { Type: "AWS::Serverless::Function", Properties: { Events: Object.fromEntries(events) } },
    },
  });
}

/** Renders an app as a plan of Terraform in which all ids are known after the apply only. */
export function toPlan({ kind, methods }: GateApp): object {
  const isRest = kind === "rest";
  const prefix = isRest ? "aws_api_gateway" : "aws_apigatewayv2";
  const apiType = isRest ? "aws_api_gateway_rest_api" : "aws_apigatewayv2_api";
  const api = { [isRest ? "rest_api_id" : "api_id"]: { references: [`${apiType}.api.id`, `${apiType}.api`] } };
  const authorizer = `${prefix}_authorizer.decide`;
  const methodType = isRest ? "aws_api_gateway_method" : "aws_apigatewayv2_route";
  const typeKey = isRest ? "authorization" : "authorization_type";
  const resources = [
    { type: apiType, name: "api", values: isRest ? {} : { protocol_type: "HTTP" }, expressions: {} },
    {
      type: "aws_lambda_function",
      name: "decide",
      values: { environment: [{ variables: POLICY_ENVIRONMENT }] },
      expressions: {},
    },
    {
      type: `${prefix}_authorizer`,
      name: "decide",
      values: {
        [isRest ? "type" : "authorizer_type"]: "REQUEST",
        authorizer_result_ttl_in_seconds: 0,
      },
      expressions: {
        ...api,
        authorizer_uri: { references: ["aws_lambda_function.decide.invoke_arn", "aws_lambda_function.decide"] },
      },
    },
    ...methods.map((one, at) => ({
      type: methodType,
      name: `m${at}`,
      values: {
        ...(isRest ? { http_method: one.verb } : { route_key: `${one.verb} ${pathOf(one)}` }),
        [typeKey]: TYPES[one.way],
      },
      expressions: {
        ...api,
        ...(isRest && { resource_id: { references: ["aws_api_gateway_resource.r.id", "aws_api_gateway_resource.r"] } }),
        ...(one.way === "policy" && { authorizer_id: { references: [`${authorizer}.id`, authorizer] } }),
      },
    })),
    ...(isRest
      ? [
          {
            type: "aws_api_gateway_deployment",
            name: "d",
            values: {},
            expressions: { ...api, triggers: { references: methods.map((_, at) => `${methodType}.m${at}`) } },
          },
          {
            type: "aws_api_gateway_stage",
            name: "s",
            values: { stage_name: "prod" },
            expressions: {
              ...api,
              deployment_id: { references: ["aws_api_gateway_deployment.d.id", "aws_api_gateway_deployment.d"] },
            },
          },
        ]
      : [{ type: "aws_apigatewayv2_stage", name: "s", values: { auto_deploy: true }, expressions: api }]),
  ];
  return toTerraformPlan(resources);
}

/** A resource of a plan, and its configuration. */
export interface PlannedForTest {
  readonly type: string;
  readonly name: string;
  readonly values: object;
  readonly expressions: object;
}

/** Makes a plan of resources in the root module. Attributes with an expression and no value are known after the apply. */
export function toTerraformPlan(resources: readonly PlannedForTest[]): object {
  const addressOf = ({ type, name }: PlannedForTest) => `${type}.${name}`;
  return {
    format_version: "1.2",
    terraform_version: "1.9.0",
    planned_values: {
      root_module: {
        resources: resources.map((one) => ({
          address: addressOf(one),
          mode: "managed",
          type: one.type,
          name: one.name,
          values: one.values,
        })),
      },
    },
    resource_changes: resources.map((one) => ({
      address: addressOf(one),
      change: {
        actions: ["create"],
        after_unknown: Object.fromEntries(
          Object.keys(one.expressions)
            .filter((key) => !Object.hasOwn(one.values, key))
            .map((key) => [key, true]),
        ),
      },
    })),
    configuration: {
      root_module: {
        resources: resources.map((one) => ({
          address: addressOf(one),
          mode: "managed",
          type: one.type,
          name: one.name,
          expressions: one.expressions,
        })),
      },
    },
  };
}
