import type { Api } from "../../contract/api-kinds.ts";
import type { DescribedApi } from "./described-apis.ts";
import { FLUSH_CODE } from "./sam-flush.ts";

/** An API of a template of AWS SAM: its logical id, and what the contract says about it. */
export interface SamApi {
  readonly id: string;
  readonly alias: string;
  readonly described: DescribedApi;
}

/** The variables of the function, besides the trusted issuers. */
export type SamVariables = Readonly<Record<string, string>>;

type Resources = Readonly<Record<string, object>>;

/** The logical id of the authorizer's function. A template may have it already, with the settings that are its own. */
export const FUNCTION_ID = "Authorizer";

const ROLE_ID = "AuthorizerRole";
const LOG_ID = "AuthorizerLog";
const FLUSH_ID = "AuthorizerFlush";

/** The parameter with the trusted issuers, if the template does not set the variable itself. */
export const ISSUERS_PARAMETER = "TrustedIssuers";

const RETAINED = { DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" } as const;

/** Names the alias of an API. Its id has the contract, so that a new contract makes another one, and the old one is retained. */
export function aliasIdOf({ id, described }: SamApi): string {
  return `${FUNCTION_ID}Alias${id}${described.contract}`;
}

/** Names the permission by which an API invokes its alias. */
export function permissionIdOf({ id, described }: SamApi): string {
  return `${FUNCTION_ID}Permission${id}${described.contract}`;
}

/** Lists the properties of the authorizer's function. AWS SAM publishes a version of each change of code or settings. */
export function toFunctionProperties(codeUri: string, variables: SamVariables): Resources[string] {
  return {
    Description: "Decides who may call which method of an API",
    CodeUri: codeUri,
    Handler: "index.handler",
    Runtime: "nodejs24.x",
    Architectures: ["arm64"],
    MemorySize: 512,
    Timeout: 5,
    Role: { "Fn::GetAtt": [ROLE_ID, "Arn"] },
    AutoPublishAlias: "latest",
    AutoPublishAliasAllProperties: true,
    LoggingConfig: {
      LogFormat: "JSON",
      ApplicationLogLevel: "INFO",
      SystemLogLevel: "WARN",
      LogGroup: { Ref: LOG_ID },
    },
    Environment: { Variables: variables },
  };
}

/** Lists the resources beside the function: its log and role, and what each API invokes it by. */
export function toResources(apis: readonly SamApi[]): Resources {
  const caching = apis.filter(({ described }) =>
    Object.values(described.authorizers).some(({ ttl_s: ttlS }) => ttlS > 0),
  );
  return {
    [LOG_ID]: {
      Type: "AWS::Logs::LogGroup",
      ...RETAINED,
      Properties: { RetentionInDays: 90 },
    },
    [ROLE_ID]: toRole("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], { "Fn::GetAtt": [LOG_ID, "Arn"] }),
    ...Object.fromEntries(apis.flatMap(toInvocation)),
    ...(caching.length > 0 && toFlush(caching)),
  };
}

/** Makes the alias of an API, and the permission to invoke it. */
function toInvocation(api: SamApi): readonly (readonly [string, object])[] {
  const alias = aliasIdOf(api);
  const properties = {
    FunctionName: { Ref: FUNCTION_ID },
    Name: api.alias,
    FunctionVersion: { "Fn::GetAtt": [`${FUNCTION_ID}.Version`, "Version"] },
  };
  const permission = {
    Action: "lambda:InvokeFunction",
    FunctionName: { Ref: alias },
    Principal: "apigateway.amazonaws.com",
    SourceAccount: { Ref: "AWS::AccountId" },
    // The API names the alias, so the permission has to be there before the API, whose id is not known then.
    SourceArn: {
      "Fn::Sub": "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:*/authorizers/*",
    },
  };
  return [
    [alias, { Type: "AWS::Lambda::Alias", ...RETAINED, Properties: properties }],
    [permissionIdOf(api), { Type: "AWS::Lambda::Permission", ...RETAINED, Properties: permission }],
  ];
}

const STAGES: Readonly<Record<Api, string>> = { rest: "restapis", http: "apis", websocket: "apis" };

/** Makes the function that empties the caches of stages, and a custom resource for each stage, which follows the function's version. */
function toFlush(apis: readonly SamApi[]): Resources {
  const caches = apis.map(({ id, described }) => ({
    "Fn::Sub": `arn:\${AWS::Partition}:apigateway:\${AWS::Region}::/${STAGES[described.kind]}/\${${id}}/stages/*/cache/authorizers`,
  }));
  return {
    [FLUSH_ID]: {
      Type: "AWS::Lambda::Function",
      Properties: {
        Description: "Empties the authorizer cache of a stage after a change of the authorizer",
        Code: { ZipFile: FLUSH_CODE },
        Handler: "index.handler",
        Runtime: "nodejs24.x",
        Timeout: 60,
        Role: { "Fn::GetAtt": [`${FLUSH_ID}Role`, "Arn"] },
        LoggingConfig: { LogFormat: "JSON", LogGroup: { Ref: `${FLUSH_ID}Log` } },
      },
    },
    [`${FLUSH_ID}Log`]: { Type: "AWS::Logs::LogGroup", Properties: { RetentionInDays: 90 } },
    [`${FLUSH_ID}Role`]: toRole(
      "Log",
      ["logs:CreateLogStream", "logs:PutLogEvents"],
      { "Fn::GetAtt": [`${FLUSH_ID}Log`, "Arn"] },
      [{ PolicyName: "Flush", PolicyDocument: allow(["apigateway:DELETE"], caches) }],
    ),
    ...Object.fromEntries(
      apis.map((api) => [
        `${FLUSH_ID}Of${api.id}`,
        {
          Type: "Custom::AuthorizerCacheFlush",
          // It comes after the aliases have moved, and after the stage.
          DependsOn: [aliasIdOf(api)],
          Properties: {
            ServiceToken: { "Fn::GetAtt": [FLUSH_ID, "Arn"] },
            Kind: api.described.kind,
            ApiId: { Ref: api.id },
            StageName: { Ref: `${api.id}.Stage` },
            Decides: { Ref: `${FUNCTION_ID}.Version` },
          },
        },
      ]),
    ),
  };
}

function toRole(name: string, actions: readonly string[], resource: object, more: readonly object[] = []): object {
  const trust = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
  return {
    Type: "AWS::IAM::Role",
    Properties: {
      AssumeRolePolicyDocument: { Version: "2012-10-17", Statement: [trust] },
      Policies: [{ PolicyName: name, PolicyDocument: allow(actions, [resource]) }, ...more],
    },
  };
}

function allow(actions: readonly string[], resources: readonly object[]): object {
  return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: resources }] };
}
