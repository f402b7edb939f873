/** Policies that AWS and the emulator read differently: on AWS none of them allows the request. */
const ODD_POLICIES = {
  action: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }],
  condition: [
    {
      Effect: "Allow",
      Action: "execute-api:Invoke",
      Resource: "*",
      Condition: { IpAddress: { "aws:SourceIp": "192.0.2.1/32" } },
    },
  ],
  "not-resource": [
    { Effect: "Allow", Action: "execute-api:Invoke", Resource: "*" },
    { Effect: "Deny", Action: "execute-api:Invoke", NotResource: "arn:aws:execute-api:*:*:*/*/GET/elsewhere" },
  ],
  // Both read this one as an Allow, which shows that the authorizer was invoked for the others.
  plain: [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: "*" }],
};

export type OddPolicy = keyof typeof ODD_POLICIES;

const ODD_AUTHORIZER = `exports.handler = async ({ authorizationToken }) => ({
  principalId: "probe",
  policyDocument: { Version: "2012-10-17", Statement: (${JSON.stringify(ODD_POLICIES)})[authorizationToken] },
});`;

const BACKEND = 'exports.handler = async () => ({ statusCode: 200, body: "called" });';

/**
 * Creates the template of a REST API beside the example app: `/odd`, whose authorizer returns the policy that the token
 * names, and the app's own authorizer with too small a key, the token alone, on `/home` and `/orders/{proxy+}`.
 */
export function probeTemplate(authorizerName: string): object {
  const invocation = (name: unknown) => ({
    "Fn::Sub": [
      "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${Name}/invocations",
      { Name: name },
    ],
  });
  const lambda = (code: string) => ({
    Type: "AWS::Lambda::Function",
    Properties: {
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Role: { "Fn::GetAtt": ["Role", "Arn"] },
      Code: { ZipFile: code },
    },
  });
  const api = { Ref: "Api" };
  const resource = (part: string, parent: unknown = { "Fn::GetAtt": ["Api", "RootResourceId"] }) => ({
    Type: "AWS::ApiGateway::Resource",
    Properties: { RestApiId: api, ParentId: parent, PathPart: part },
  });
  const method = (resourceName: string, authorizer: string) => ({
    Type: "AWS::ApiGateway::Method",
    Properties: {
      RestApiId: api,
      ResourceId: { Ref: resourceName },
      HttpMethod: "GET",
      AuthorizationType: "CUSTOM",
      AuthorizerId: { Ref: authorizer },
      Integration: { Type: "AWS_PROXY", IntegrationHttpMethod: "POST", Uri: invocation({ Ref: "Backend" }) },
    },
  });
  const authorizer = (name: string, type: string, functionName: unknown, ttlS: number) => ({
    Type: "AWS::ApiGateway::Authorizer",
    Properties: {
      RestApiId: api,
      Name: name,
      Type: type,
      IdentitySource: "method.request.header.Authorization",
      AuthorizerResultTtlInSeconds: ttlS,
      AuthorizerUri: invocation(functionName),
    },
  });
  return {
    Resources: {
      Role: {
        Type: "AWS::IAM::Role",
        Properties: {
          AssumeRolePolicyDocument: {
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
          },
        },
      },
      Backend: lambda(BACKEND),
      OddFunction: lambda(ODD_AUTHORIZER),
      Api: { Type: "AWS::ApiGateway::RestApi", Properties: { Name: "probes" } },
      OddAuthorizer: authorizer("odd", "TOKEN", { Ref: "OddFunction" }, 0),
      SmallKeyAuthorizer: authorizer("small-key", "REQUEST", authorizerName, 60),
      Odd: resource("odd"),
      OddGet: method("Odd", "OddAuthorizer"),
      Home: resource("home"),
      HomeGet: method("Home", "SmallKeyAuthorizer"),
      Orders: resource("orders"),
      Order: resource("{proxy+}", { Ref: "Orders" }),
      OrderGet: method("Order", "SmallKeyAuthorizer"),
      Deployment: {
        Type: "AWS::ApiGateway::Deployment",
        DependsOn: ["OddGet", "HomeGet", "OrderGet"],
        Properties: { RestApiId: api },
      },
      Stage: {
        Type: "AWS::ApiGateway::Stage",
        Properties: { RestApiId: api, DeploymentId: { Ref: "Deployment" }, StageName: "prod" },
      },
    },
    Outputs: { ApiId: { Value: api } },
  };
}
