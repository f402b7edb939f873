import { rm } from "node:fs/promises";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import {
  ApiDefinition,
  AuthorizationType,
  CfnMethod,
  type IRestApi,
  type IStage,
  MockIntegration,
  RestApi,
  SpecRestApi,
  Stage,
} from "aws-cdk-lib/aws-apigateway";
import { ClientAttributes, UserPool } from "aws-cdk-lib/aws-cognito";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PolicyGroups } from "../../infra/constructs/policy-groups.ts";
import { PolicyRoles, type PolicyRolesProps } from "../../infra/constructs/policy-roles.ts";
import type { RoleRule } from "../../infra/constructs/role-mapping.ts";
import { createDist, EXPORT, errorOf, propertiesOf, type TestDist } from "../support/infra.ts";

let dist: TestDist;
beforeAll(async () => {
  dist = await createDist();
});
beforeEach(() => dist.writeIam({}));
afterAll(() => dist[Symbol.asyncDispose]());

const HARMLESS = new ClientAttributes().withStandardAttributes({ fullname: true });
const GROUPS = ["Admins", "Support", "Customers"];

/** Returns the export with other roles in the group Support. */
const withRoles = (...roles: readonly string[]) => ({
  ...EXPORT.groups,
  Support: { roles: ["authenticated", ...roles], statements: EXPORT.authenticated.statements },
});

function create(props: Partial<PolicyRolesProps> = {}, region?: string, path = "/home"): Stack {
  const stack = new Stack(new App(), "Test", region === undefined ? {} : { env: { region } });
  const userPool = new UserPool(stack, "Users");
  const client = userPool.addClient("Client", {
    authFlows: { userSrp: true },
    disableOAuth: true,
    writeAttributes: HARMLESS,
  });
  const api = new RestApi(stack, "Api", { cloudWatchRole: false });
  api.root.resourceForPath(path).addMethod("GET", new MockIntegration(), { authorizationType: AuthorizationType.IAM });
  const { distPath } = dist;
  new PolicyRoles(stack, "Roles", {
    userPool,
    clients: [client],
    stage: api.deploymentStage,
    precedence: GROUPS,
    distPath,
    ...props,
  });
  return stack;
}

function failure(props: Partial<PolicyRolesProps> = {}): string {
  return errorOf(() => propertiesOf(create(props), "AWS::IAM::Role"));
}

describe("roles of a policy", () => {
  it("have one role for each group, by precedence", () => {
    const groups = propertiesOf(create(), "AWS::Cognito::UserPoolGroup");
    expect(groups.map(({ GroupName, Precedence, RoleArn }) => [GroupName, Precedence, RoleArn])).toEqual(
      GROUPS.map((group, at) => [group, at, { "Fn::GetAtt": [expect.stringContaining(`Group${group}`), "Arn"] }]),
    );
  });

  it("trust authenticated sessions of one identity pool, with their tags", () => {
    const stack = create();
    const [role] = propertiesOf(stack, "AWS::IAM::Role");
    const principal = { Federated: "cognito-identity.amazonaws.com" };
    const condition = {
      StringEquals: { "cognito-identity.amazonaws.com:aud": { Ref: expect.stringContaining("RolesIdentities") } },
      "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
    };
    expect(role?.["AssumeRolePolicyDocument"]).toEqual({
      Version: "2012-10-17",
      Statement: [
        { Action: "sts:AssumeRoleWithWebIdentity", Effect: "Allow", Principal: principal, Condition: condition },
        { Action: "sts:TagSession", Effect: "Allow", Principal: principal, Condition: condition },
      ],
    });
    expect(propertiesOf(stack, "AWS::Cognito::IdentityPoolPrincipalTag")).toMatchObject([
      { UseDefaults: false, PrincipalTags: { customer_id: "custom:customer_id" } },
    ]);
  });

  it("use the service names of GovCloud there", () => {
    const federatedIn = (region: string) => {
      const [role] = propertiesOf(create({}, region), "AWS::IAM::Role");
      return Object(role?.["AssumeRolePolicyDocument"]).Statement[0].Principal.Federated;
    };
    expect([federatedIn("us-gov-west-1"), federatedIn("us-gov-east-1")]).toEqual([
      "cognito-identity-us-gov.amazonaws.com",
      "cognito-identity.us-gov-east-1.amazonaws.com",
    ]);
  });

  it("have the policy documents of the export, for the stage", () => {
    const roles = propertiesOf(create(), "AWS::IAM::Role");
    const documents = roles.map(({ Policies }) => JSON.stringify(Policies));
    expect(documents).toHaveLength(4);
    const customers = roles.find(({ Description }) => Description === "What the policy grants the group Customers");
    const [{ PolicyDocument }] = Object(customers)["Policies"];
    const arnOf = (suffix: string) => ({
      "Fn::Join": [
        "",
        [
          "arn:",
          { Ref: "AWS::Partition" },
          ":execute-api:",
          { Ref: "AWS::Region" },
          ":",
          { Ref: "AWS::AccountId" },
          ":",
          { Ref: expect.any(String) },
          "/",
          { Ref: expect.any(String) },
          suffix,
        ],
      ],
    });
    expect(PolicyDocument).toEqual({
      Version: "2012-10-17",
      Statement: [
        { Action: "execute-api:Invoke", Effect: "Allow", Resource: arnOf("/GET/home") },
        {
          Action: "execute-api:Invoke",
          Effect: "Allow",
          Resource: arnOf("/GET/customers/${aws:PrincipalTag/customer_id}/orders"),
          Condition: { StringNotLike: { "aws:PrincipalTag/customer_id": ["*/*", ".", "..", ""] } },
        },
      ],
    });
  });

  it("are chosen by the token, in an identity pool without guests and without the classic flow", () => {
    const stack = create();
    expect(propertiesOf(stack, "AWS::Cognito::IdentityPool")).toMatchObject([
      {
        AllowUnauthenticatedIdentities: false,
        AllowClassicFlow: false,
        CognitoIdentityProviders: [{ ServerSideTokenCheck: true }],
      },
    ]);
    const [attachment] = propertiesOf(stack, "AWS::Cognito::IdentityPoolRoleAttachment");
    expect(attachment).toMatchObject({
      Roles: { authenticated: { "Fn::GetAtt": [expect.stringContaining("RolesAuthenticated"), "Arn"] } },
      RoleMappings: { Client0: { Type: "Token", AmbiguousRoleResolution: "AuthenticatedRole" } },
    });
  });

  it("are denied where the token names none, if configured", () => {
    const [attachment] = propertiesOf(create({ ambiguous: "deny" }), "AWS::Cognito::IdentityPoolRoleAttachment");
    expect(attachment).toMatchObject({ RoleMappings: { Client0: { Type: "Token", AmbiguousRoleResolution: "Deny" } } });
  });

  it("are chosen by attributes of a directory, if configured", async () => {
    const rules = [{ claim: "custom:department", value: "Audit", group: "Support" }];
    await dist.writeIam({ groups: withRoles("auditor") });
    const [attachment] = propertiesOf(create({ rules }), "AWS::Cognito::IdentityPoolRoleAttachment");
    expect(attachment).toMatchObject({
      RoleMappings: {
        Client0: {
          Type: "Rules",
          RulesConfiguration: {
            Rules: [
              {
                Claim: "custom:department",
                MatchType: "Equals",
                Value: "Audit",
                RoleARN: { "Fn::GetAtt": [expect.stringContaining("GroupSupport"), "Arn"] },
              },
            ],
          },
        },
      },
    });
  });
});

describe("groups of a policy", () => {
  const groupsOf = (distPath: string) => {
    const stack = new Stack(new App(), "Test");
    new PolicyGroups(stack, "Groups", { userPool: new UserPool(stack, "Users"), distPath });
    return propertiesOf(stack, "AWS::Cognito::UserPoolGroup").map(({ GroupName }) => GroupName);
  };

  it("are created with the names in the policy's roles", () => {
    expect(groupsOf(dist.distPath)).toEqual(["Admins", "Customers", "Support"]);
  });

  it("can't be made without a build, without groups in the policy, or with a name that Cognito does not accept", async () => {
    expect(errorOf(() => groupsOf("/nowhere"))).toContain("PolicyGroups at Test/Groups: there is no build in /nowhere");
    const roles = (groups: string) =>
      ["admin", "customer", "support", "operator", "auditor"]
        .map((role) => `# METADATA\n# title: ${role}\n${role} := ${groups}\n`)
        .join("\n");
    const head = "# METADATA\n# title: Roles\n# description: Of a test.\npackage access.roles\n\n";
    const of = (groups: string) => createDist({ "access/roles.rego": `${head}${roles(groups)}` });
    await using none = await of('{"claims": {"custom:department": {"Audit"}}}');
    expect(errorOf(() => groupsOf(none.distPath))).toBe(
      "PolicyGroups at Test/Groups: no role of the policy is held through a group, so there is no group to create; give a role groups in policies/access/roles.rego",
    );
    await using spaced = await of('{"groups": {"Head Office"}}');
    expect(errorOf(() => groupsOf(spaced.distPath))).toContain(
      'PolicyGroups at Test/Groups: "Head Office" is not a valid name of a Cognito group',
    );
  });
});

describe("roles can't be synthesised", () => {
  const at = "PolicyRoles at Test/Roles: ";

  it("without a build, or its export", async () => {
    expect(failure({ distPath: "/nowhere" })).toContain(
      `${at}there is no build in /nowhere; run rego-authorizer build`,
    );
    await using bare = await createDist();
    await rm(join(bare.distPath, "iam.json"));
    expect(failure({ distPath: bare.distPath })).toContain(
      `${at}${bare.distPath}/iam.json does not exist; run rego-authorizer build`,
    );
  });

  it("for a method that the documents are not proved for", async () => {
    const unproved = (path: string) => errorOf(() => propertiesOf(create({}, undefined, path), "AWS::IAM::Role"));
    await dist.writeIam({ route_table: "sha256:0" });
    expect(unproved("/home/x")).toContain(
      "GET /home/x is not among the routes that the documents of dist/iam.json are proved for",
    );
    expect(unproved("/home")).toBe("nothing failed");
    // For an export that is proved for all paths.
    await dist.writeIam({});
    expect(unproved("/home/x")).toBe("nothing failed");
  });

  describe("for methods that are not constructs of the API", () => {
    const iam = { security: [{ iam: [] }] };
    const documentOf = (stack: Stack, path: string) =>
      new SpecRestApi(stack, "Document", {
        cloudWatchRole: false,
        apiDefinition: ApiDefinition.fromInline({
          openapi: "3.0.1",
          components: { securitySchemes: { iam: { type: "apiKey", "x-amazon-apigateway-authtype": "awsSigv4" } } },
          paths: { [path]: { get: iam, options: { "x-amazon-apigateway-integration": { type: "mock" } } } },
        }),
      });
    const stageOf = (stack: Stack, restApi: IRestApi) =>
      Stage.fromStageAttributes(stack, "Imported", { stageName: "prod", restApi });
    const failureOfStage = (toStage: (stack: Stack) => IStage, props: Partial<PolicyRolesProps> = {}) =>
      errorOf(() => {
        const stack = new Stack(new App(), "Test");
        const userPool = new UserPool(stack, "Users");
        const client = userPool.addClient("Client", { disableOAuth: true, writeAttributes: HARMLESS });
        const stage = toStage(stack);
        const { distPath } = dist;
        new PolicyRoles(stack, "Roles", { userPool, clients: [client], precedence: GROUPS, distPath, stage, ...props });
        propertiesOf(stack, "AWS::IAM::Role");
      });
    const withMethod = (change: (stack: Stack, api: RestApi) => void) => (stack: Stack) => {
      const api = new RestApi(stack, "Api", { cloudWatchRole: false });
      const options = { authorizationType: AuthorizationType.IAM };
      api.root.resourceForPath("/home").addMethod("GET", new MockIntegration(), options);
      change(stack, api);
      return api.deploymentStage as IStage;
    };
    const bare = (stack: Stack, api: RestApi, authorizationType: string) =>
      new CfnMethod(stack, "Bare", {
        httpMethod: "GET",
        restApiId: api.restApiId,
        resourceId: api.root.resourceId,
        authorizationType,
      });

    beforeEach(() => dist.writeIam({ route_table: "sha256:0" }));

    it.each<[string, (stack: Stack) => IStage]>([
      ["a document's operations are proved", (stack) => documentOf(stack, "/home").deploymentStage as IStage],
      ["one is open, so no role needs to grant it", withMethod((stack, api) => bare(stack, api, "NONE"))],
    ])("though not if %s", (_, toStage) => {
      expect(failureOfStage(toStage)).toBe("nothing failed");
    });

    it.each<[string, (stack: Stack) => IStage, string]>([
      [
        "a method that is written in CloudFormation",
        withMethod((stack, api) => bare(stack, api, "AWS_IAM")),
        "the path of Test/Bare is not visible at synthesis, so nothing is proved for it",
      ],
      [
        "a method in another stack",
        withMethod((stack, { restApiId, root }) => {
          const other = new Stack(stack.node.root as App, "Other");
          const api = RestApi.fromRestApiAttributes(other, "Api", { restApiId, rootResourceId: root.resourceId });
          const options = { authorizationType: AuthorizationType.IAM };
          api.root.resourceForPath("/other").addMethod("GET", new MockIntegration(), options);
        }),
        "GET /other is not among the routes",
      ],
      [
        "a document",
        (stack) => documentOf(stack, "/other").deploymentStage as IStage,
        "GET /other is not among the routes",
      ],
      [
        "an imported API",
        (stack) => stageOf(stack, RestApi.fromRestApiId(stack, "Api", "a1b2")),
        "the API Test/Api is not of this app",
      ],
    ])("such as %s", (_, toStage, cause) => {
      expect(failureOfStage(toStage)).toContain(`PolicyRoles: ${cause}`);
    });

    it("unless somebody acknowledges the routes of an imported API", () => {
      const imported = (stack: Stack) => stageOf(stack, RestApi.fromRestApiId(stack, "Api", "a1b2"));
      expect(failureOfStage(imported, { acknowledgeRoutes: true })).toBe("nothing failed");
    });
  });

  it.each<[string, readonly string[], Partial<RoleRule>, string]>([
    [
      "other roles than the policy does",
      ["auditor", "support"],
      {},
      "has support, for custom:department Equals Audit, but the policy gives auditor for that",
    ],
    [
      "roles for another value",
      ["auditor"],
      { value: "Sales" },
      "has auditor, for custom:department Equals Sales, but the policy gives no role for that",
    ],
    ["roles for another claim", ["auditor"], { claim: "custom:team" }, "has auditor, for custom:team Equals Audit"],
    [
      "roles for a value that only contains the policy's value",
      ["auditor"],
      { match: "Contains" },
      "has auditor, for custom:department Contains Audit",
    ],
  ])("with a rule that gives %s", async (_, roles, change, cause) => {
    await dist.writeIam({ groups: withRoles(...roles) });
    const rule: RoleRule = { claim: "custom:department", value: "Audit", group: "Support", ...change };
    expect(failure({ rules: [rule] })).toContain(`${at}a rule gives the role of Support, which ${cause}`);
    await dist.writeIam({ groups: withRoles() });
    expect(failure({ rules: [rule] })).toBe("nothing failed");
  });

  it("except for a tag that no user can write", async () => {
    await dist.writeIam({ tags: { sub: "sub" } });
    const stack = new Stack(new App(), "Test");
    const userPool = new UserPool(stack, "Users");
    const clients = [userPool.addClient("Client", { authFlows: { userSrp: true }, disableOAuth: true })];
    const api = new RestApi(stack, "Api", { cloudWatchRole: false });
    api.root.addMethod("GET");
    const { distPath } = dist;
    new PolicyRoles(stack, "Roles", { userPool, clients, stage: api.deploymentStage, precedence: GROUPS, distPath });
    expect(errorOf(() => propertiesOf(stack, "AWS::IAM::Role"))).toBe("nothing failed");
  });

  it("though not for names of groups that are alike, or in other than Latin letters", async () => {
    const names = ["a/b", "a--b", "a%2Fb", "監査"];
    await dist.writeIam({ groups: Object.fromEntries(names.map((name) => [name, { ...EXPORT.authenticated }])) });
    const stack = create({ precedence: names });
    expect(propertiesOf(stack, "AWS::Cognito::UserPoolGroup").map(({ GroupName }) => GroupName)).toEqual(names);
    const descriptions = propertiesOf(stack, "AWS::IAM::Role").map(({ Description }) => Description);
    expect(descriptions).toContain("What the policy grants the group ??");
  });

  it("with an export of another build, or a malformed one", async () => {
    await dist.writeIam({ revision: "other" });
    expect(failure()).toContain(
      "is stale: iam.json is from another build than manifest.json; run rego-authorizer build",
    );
    await dist.writeIam({ authenticated: { roles: [], statements: [{ Effect: "Allow" }] } });
    expect(failure()).toContain("iam.json does not have the form of an IAM export; run rego-authorizer build");
    await dist.writeIam({ authenticated: { roles: [], statements: [{ Effect: "Allow", NotResource: ["GET/x"] }] } });
    expect(failure()).toContain("iam.json does not have the form of an IAM export");
  });

  it("for a policy without groups", async () => {
    await dist.writeIam({ groups: {} });
    expect(failure({ precedence: [] })).toBe(
      `${at}no role of the policy is held through a group, so there is no group to create; give a role groups in policies/access/roles.rego`,
    );
  });

  it("with a precedence that lacks a group, or has an unknown or repeated one", () => {
    expect(failure({ precedence: ["Admins", "Admins", "Support", "Guests"] })).toBe(
      `${at}precedence lacks Customers; a group that it does not list gets no IAM role; add every group of the policy\n` +
        "precedence names Guests, but no role of the policy is held through that; remove it\n" +
        "precedence names a group twice; name each group once",
    );
  });

  it("with a name of a group that Cognito does not accept", async () => {
    await dist.writeIam({ groups: { "Head Office": { roles: [], statements: [] } } });
    expect(failure({ precedence: ["Head Office"] })).toBe(
      `${at}"Head Office" is not a valid name of a Cognito group: 1 to 128 letters, marks, numbers, symbols and punctuation, without spaces; rename it in policies/access/roles.rego`,
    );
  });

  it("with a document that is too large for IAM", async () => {
    const Resource = Array.from({ length: 120 }, (_, at) => `GET/reports/${at}/of/the/department`);
    const { Customers, Support } = EXPORT.groups;
    const groups = {
      Admins: { roles: [], statements: [{ Effect: "Allow", Resource } as const] },
      ...(Customers && { Customers }),
      ...(Support && { Support }),
    };
    await dist.writeIam({ groups });
    expect(failure()).toMatch(
      /^PolicyRoles at Test\/Roles\/Group Admins: the role of the group Admins takes 1\d{4} characters, more than the 10240 that IAM allows; put paths together/,
    );
  });

  it("with too many rules, or one for a group that does not exist", () => {
    const rules = Array.from({ length: 26 }, () => ({ claim: "custom:department", value: "Audit", group: "Guests" }));
    expect(failure({ rules })).toContain(
      `${at}there are 26 rules, more than the 25 that Cognito allows; let the token choose the role instead\na rule gives the role of Guests`,
    );
    expect(failure({ rules: [] })).toBe(`${at}rules is empty; leave rules out to let the token choose the role`);
  });

  it("without a client", () => {
    expect(failure({ clients: [] })).toBe(`${at}clients is empty; name the app clients whose ID tokens are accepted`);
  });

  it("with a tag whose claim a user can write", () => {
    const stack = new Stack(new App(), "Test");
    const userPool = new UserPool(stack, "Users");
    const api = new RestApi(stack, "Api", { cloudWatchRole: false });
    api.root.addMethod("GET");
    new PolicyRoles(stack, "Roles", {
      userPool,
      clients: [userPool.addClient("Client")],
      stage: api.deploymentStage,
      precedence: GROUPS,
      distPath: dist.distPath,
    });
    expect(errorOf(() => propertiesOf(stack, "AWS::IAM::Role"))).toContain(
      "PolicyRoles: the policy decides on custom:customer_id, which a user of the client Test/Users/Client can write",
    );
  });
});
