import { describe, expect, it } from "vitest";
import { judgeFolder, POLICY_ENVIRONMENT, toLines } from "../../support/gate.ts";

const HEADER = `Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Environment:
      Variables: {TRUSTED_ISSUERS: '[]'}
`;

const AUTH = `Auth:
        DefaultAuthorizer: policy
        Authorizers:
          policy: {FunctionArn: !GetAtt Decide.Arn, FunctionPayloadType: REQUEST, Identity: {ReauthorizeEvery: 0}}
          users: {UserPoolArn: "arn:aws:cognito-idp:…"}
`;

const DECIDE = `
  Decide:
    Type: AWS::Serverless::Function
    Properties:
      Environment:
        Variables: {CACHE_CONTRACT: '${POLICY_ENVIRONMENT.CACHE_CONTRACT}'}
`;

/** A template with an API, and a function with one event for it. */
function toTemplate(event: string, auth = AUTH, type: "Api" | "HttpApi" = "Api"): string {
  const api = type === "Api" ? "AWS::Serverless::Api" : "AWS::Serverless::HttpApi";
  const id = type === "Api" ? "RestApiId" : "ApiId";
  return `${HEADER}Resources:${DECIDE}
  Orders:
    Type: ${api}
    Properties:
      StageName: prod
      ${auth}
  Backend:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Get: {Type: ${type}, Properties: {${id}: !Ref Orders, Path: /orders, Method: get${event}}}
`;
}

function judge(template: string, files: Readonly<Record<string, unknown>> = {}): readonly string[] {
  return toLines(judgeFolder({ "template.yaml": template, ...files }).findings);
}

/** HTTP APIs have no authorizers of user pools. */
const HTTP_AUTH = AUTH.replace(/ *users.*\n/, "");

const OPEN = ["method.open Backend.Events.Get"];
const NO_DEFAULT = AUTH.replace(/DefaultAuthorizer.*\n/, "\n");

describe("an event of AWS SAM", () => {
  it.each([
    ["has the default authorizer", "", AUTH],
    ["names the policy's", ", Auth: {Authorizer: policy}", NO_DEFAULT],
    ["is authorized by IAM", ", Auth: {Authorizer: AWS_IAM}", NO_DEFAULT],
    ["has IAM by default", "", "Auth: {DefaultAuthorizer: AWS_IAM}\n"],
  ])("%s", (_, event, auth) => {
    expect(judge(toTemplate(event, auth))).toEqual([]);
  });

  it.each([
    ["leaves the default out", ", Auth: {Authorizer: NONE}", AUTH],
    ["has no default", "", NO_DEFAULT],
    ["belongs to an API without Auth", "", ""],
  ])("is open if it %s", (_, event, auth) => {
    expect(judge(toTemplate(event, auth))).toEqual(OPEN);
  });

  it("with a user pool's authorizer evaluates no policy", () => {
    expect(judge(toTemplate(", Auth: {Authorizer: users}"))).toEqual(["authorizer.foreign Backend.Events.Get"]);
  });

  it("that names an unknown authorizer is unreadable", () => {
    expect(judge(toTemplate(", Auth: {Authorizer: polcy}"))).toEqual(["unreadable Backend.Events.Get"]);
  });

  it("for OPTIONS of an HTTP API has no default authorizer", () => {
    const template = toTemplate("", HTTP_AUTH, "HttpApi");
    expect(judge(template)).toEqual([]);
    expect(judge(template.replace("Method: get", "Method: options"))).toEqual(OPEN);
  });

  it("without a path is the route $default", () => {
    const template = toTemplate(", Auth: {Authorizer: NONE}", HTTP_AUTH, "HttpApi").replace(
      "Path: /orders, Method: get",
      "X: 1",
    );
    expect(judge(template)).toEqual(OPEN);
  });
});

describe("the API that AWS SAM makes by itself", () => {
  const implicit = (globals: string) =>
    toTemplate("")
      .replace(/ {2}Orders:[\s\S]*? {2}Backend:/, "  Backend:")
      .replace("RestApiId: !Ref Orders, ", "")
      .replace("Globals:\n", `Globals:\n${globals}`);

  it("is open without an authorizer in the globals", () => {
    expect(judge(implicit(""))).toEqual(OPEN);
  });

  it("has the authorizer of the globals", () => {
    expect(judge(implicit(`  Api:\n    ${AUTH.replaceAll("\n    ", "\n  ")}`))).toEqual([]);
  });
});

describe("a document of AWS SAM", () => {
  const BODY = `DefinitionBody: {openapi: 3.0.1, paths: {/orders: {get: SECURITY}}}\n`;
  const withBody = (security: string, auth = AUTH) =>
    toTemplate("", `${auth}      ${BODY.replace("SECURITY", security)}`);

  it("gets the default authorizer", () => {
    expect(judge(withBody("{}"))).toEqual([]);
    expect(judge(withBody("{}", NO_DEFAULT))).toEqual(["method.open Orders"]);
  });

  it("is open where it says NONE", () => {
    expect(judge(withBody("{security: [{NONE: []}]}"))).toEqual(["method.open Orders"]);
  });

  it("is read from a local file", () => {
    const template = toTemplate("", `${AUTH}      DefinitionUri: ./api.yaml\n`);
    const api = (security: string) => `openapi: 3.0.1\npaths: {/orders: {get: ${security}}}\n`;
    expect(judge(template, { "api.yaml": api("{}") })).toEqual([]);
    expect(judge(template, { "api.yaml": api("{security: [{NONE: []}]}") })).toEqual(["method.open Orders"]);
    expect(judge(template)).toEqual(["unreadable Orders"]);
    expect(judge(template.replace("./api.yaml", "s3://b/api.yaml"))).toEqual(["unreadable Orders"]);
  });
});

it("the function of a policy is recognized by variables of the globals and its own", () => {
  expect(judge(toTemplate("").replace("TRUSTED_ISSUERS", "OTHER"))).toEqual(["authorizer.foreign Backend.Events.Get"]);
});
