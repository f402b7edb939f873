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

describe("events of an API with a document", () => {
  const INTEGRATION = "x-amazon-apigateway-integration: {type: aws_proxy, uri: x, httpMethod: POST}";
  const judgeMerge = (event: string, settings: string, type: "Api" | "HttpApi", operation = "") =>
    judge(
      toTemplate(
        event,
        `${settings}      DefinitionBody: {openapi: 3.0.1, paths: {/orders: {get: {${operation}${INTEGRATION}}}}}\n`,
        type,
      ),
    );
  const NAMED = ", Auth: {Authorizer: policy}";
  const MERGE = "      MergeDefinitions: true\n";

  it("do not authorize an operation of a REST API, unless AWS SAM merges or overrides", () => {
    expect(judgeMerge(NAMED, NO_DEFAULT, "Api")).toEqual(["method.open Orders"]);
    expect(judgeMerge(NAMED, NO_DEFAULT + MERGE, "Api")).toEqual([]);
    expect(judgeMerge(", Auth: {Authorizer: policy, OverrideApiAuth: true}", NO_DEFAULT, "Api")).toEqual([]);
  });

  it("authorize an operation of an HTTP API", () => {
    expect(judgeMerge(NAMED, HTTP_AUTH.replace(/DefaultAuthorizer.*\n/, "\n"), "HttpApi")).toEqual([]);
  });

  it.each([
    ["an HTTP API", "HttpApi", HTTP_AUTH],
    ["a REST API whose definitions are merged", "Api", AUTH + MERGE],
  ] as const)("add routes to the document of %s", (_, type, settings) => {
    const added = (authorizer: string) =>
      judgeMerge(`, Auth: {Authorizer: ${authorizer}}`, settings, type, "security: [{policy: []}], ").concat(
        judge(
          toTemplate(
            `, Auth: {Authorizer: ${authorizer}}`,
            `${settings}      DefinitionBody: {openapi: 3.0.1, paths: {/other: {get: {${INTEGRATION}}}}}\n`,
            type,
          ),
        ),
      );
    expect(added("policy")).toEqual([]);
    expect(added("NONE")).toContain("method.open Backend.Events.Get");
  });

  it.each([
    ["[{api_key: []}]", "Api", []],
    ["[{api_key: []}]", "HttpApi", ["method.open Orders"]],
    ["[{}]", "Api", ["method.open Orders"]],
    ["[{}]", "HttpApi", ["method.open Orders"]],
    ["[{policy: []}, {NONE: []}]", "Api", ["method.open Orders"]],
    ["[{policy: []}, {NONE: []}]", "HttpApi", ["method.open Orders"]],
    ["[{policy: []}]", "Api", []],
    ["[{policy: []}]", "HttpApi", []],
  ] as const)(
    "leave security %s of an operation to the default of an %s as AWS SAM does",
    (security, type, expected) => {
      expect(judgeMerge("", type === "Api" ? AUTH : HTTP_AUTH, type, `security: ${security}, `)).toEqual(expected);
    },
  );

  it("lose an authorizer that stands beside an API key, if all operations require keys", () => {
    const operation = "security: [{policy: [], api_key: []}], ";
    expect(judgeMerge("", NO_DEFAULT, "Api", operation)).toEqual([]);
    expect(judgeMerge("", `${NO_DEFAULT}        ApiKeyRequired: true\n`, "Api", operation)).toEqual([
      "method.open Orders",
    ]);
  });

  it("need the scheme of IAM, which AWS SAM adds with a default only", () => {
    const operation = "security: [{AWS_IAM: []}], ";
    expect(judgeMerge("", AUTH, "Api", operation)).toEqual([]);
    expect(judgeMerge("", NO_DEFAULT, "Api", operation)).toEqual(["method.open Orders"]);
  });
});

it("a document that a local file has is read where AWS::Include inserts it", () => {
  const include = "{Fn::Transform: {Name: AWS::Include, Parameters: {Location: ./api.yaml}}}";
  const template = toTemplate("", `${AUTH}      DefinitionBody: ${include}\n`);
  const api = (security: string) => `openapi: 3.0.1\npaths: {/orders: {get: ${security}}}\n`;
  expect(judge(template, { "api.yaml": api("{}") })).toEqual([]);
  expect(judge(template, { "api.yaml": api("{security: [{NONE: []}]}") })).toEqual(["method.open Orders"]);
  expect(judge(template)).toContain("unreadable Orders");
  expect(judge(template.replace("./api.yaml", "s3://b/api.yaml"), { "api.yaml": api("{}") })).toContain(
    "unreadable Orders",
  );
});

describe("an event that the template does not show is unreadable", () => {
  const withEvents = (events: string) => `${toTemplate("")}  Other:
    Type: AWS::Serverless::Function
    Properties: {${events}}
`;

  it.each([
    ["in a condition", "Events: {Fn::If: [A, {Get: {Type: Api}}, !Ref AWS::NoValue]}", "unreadable Other"],
    ["in a parameter", "Events: {Get: !Ref Event}", "unreadable Other"],
    ["in what a transform inserts", "Fn::Transform: {Name: AWS::Include}", "unreadable Other"],
  ])("%s", (_, events, expected) => {
    expect(judge(withEvents(events))).toEqual([expected]);
    expect(judge(withEvents("Events: {Daily: {Type: Schedule}}"))).toEqual([]);
  });

  it.each(["Function", "Api", "HttpApi"])("in globals of %s that a transform inserts", (section) => {
    const transformed = `  ${section}: {Fn::Transform: {Name: AWS::Include}}\n`;
    const globals = section === "Function" ? / {2}Function:\n.*\n.*\n/ : /(?=Resources)/;
    expect(judge(toTemplate("").replace(globals, transformed))).toContain("unreadable Globals");
  });
});

it("the default NONE of an API is named as the cause", () => {
  const { findings } = judgeFolder({ "t.yaml": toTemplate("", "Auth: {DefaultAuthorizer: NONE}\n") });
  expect(findings.map(({ cause }) => cause)).toEqual([
    "GET /orders is open to everybody, since its API says DefaultAuthorizer: NONE",
  ]);
});

it("the function of a policy is recognized by variables of the globals and its own", () => {
  expect(judge(toTemplate("").replace("TRUSTED_ISSUERS", "OTHER"))).toEqual(["authorizer.foreign Backend.Events.Get"]);
});
