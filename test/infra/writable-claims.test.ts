import { App, CfnParameter, CfnResource, Lazy, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import {
  type CfnUserPool,
  type CfnUserPoolClient,
  ClientAttributes,
  OAuthScope,
  UserPool,
  UserPoolClient,
  type UserPoolClientOptions,
} from "aws-cdk-lib/aws-cognito";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import { createDist, errorOf, type TestDist } from "../support/infra.ts";

let dist: TestDist;
beforeAll(async () => {
  dist = await createDist();
});
afterAll(() => dist[Symbol.asyncDispose]());

const HARMLESS = new ClientAttributes().withStandardAttributes({ fullname: true });
const DEPARTMENT = new ClientAttributes().withCustomAttributes("department");
const CODE_FLOW = { flows: { authorizationCodeGrant: true }, scopes: [OAuthScope.OPENID] };

function failureWith(options: UserPoolClientOptions, isImported = false, checked?: true): string {
  const stack = new Stack(new App(), "Test");
  const userPool = new UserPool(stack, "Users");
  const own = userPool.addClient("Client", options);
  const client = isImported ? UserPoolClient.fromUserPoolClientId(stack, "Imported", "4f2k") : own;
  new PolicyAuthorizer(stack, "Authorizer", {
    distPath: dist.distPath,
    trustedIssuers: [
      { userPool, clients: [client], tokenUse: "id", ...(checked && { acknowledgeWritableClaims: checked }) },
    ],
  });
  return errorOf(() => Template.fromStack(stack));
}

describe("a claim of the policy", () => {
  it.each<[string, UserPoolClientOptions]>([
    [
      "is not writable by a client with direct sign-in",
      { authFlows: { userSrp: true }, disableOAuth: true, writeAttributes: HARMLESS },
    ],
    [
      "is writable by a client with the code flow alone",
      { authFlows: { user: false }, oAuth: CODE_FLOW, writeAttributes: DEPARTMENT },
    ],
  ])("is accepted if it %s", (_, options) => {
    expect(failureWith(options)).toBe("nothing failed");
  });

  it.each<[string, UserPoolClientOptions, string, string]>([
    [
      "all attributes are writable, and users sign in with a password",
      { authFlows: { userPassword: true }, disableOAuth: true },
      "custom:customer_id, custom:department",
      "the direct sign-in flow ALLOW_USER_PASSWORD_AUTH",
    ],
    [
      "it is writable, and users sign in by SRP",
      { authFlows: { userSrp: true }, disableOAuth: true, writeAttributes: DEPARTMENT },
      "custom:department",
      "the direct sign-in flow ALLOW_USER_SRP_AUTH",
    ],
    [
      "it is writable, and users sign in by a trigger",
      { authFlows: { custom: true }, disableOAuth: true, writeAttributes: DEPARTMENT },
      "custom:department",
      "the direct sign-in flow ALLOW_CUSTOM_AUTH",
    ],
    [
      "it is writable, and no flow is named, so that SRP is allowed",
      { disableOAuth: true, writeAttributes: DEPARTMENT },
      "custom:department",
      "the direct sign-in flow ALLOW_USER_SRP_AUTH",
    ],
    [
      "the list of writable attributes is empty, which may mean all",
      { authFlows: { userSrp: true }, disableOAuth: true, writeAttributes: new ClientAttributes() },
      "custom:customer_id, custom:department",
      "the direct sign-in flow ALLOW_USER_SRP_AUTH",
    ],
    [
      "it is writable, and tokens have the scope to write",
      {
        authFlows: { user: false },
        oAuth: { ...CODE_FLOW, scopes: [OAuthScope.OPENID, OAuthScope.COGNITO_ADMIN] },
        writeAttributes: DEPARTMENT,
      },
      "custom:department",
      "the scope aws.cognito.signin.user.admin",
    ],
  ])("is refused if %s", (_, options, attributes, way) => {
    expect(failureWith(options)).toBe(
      "Validation failed with the following errors:\n" +
        `  [Test/Authorizer] PolicyAuthorizer: the policy decides on ${attributes}, which a user of the client Test/Users/Client can write, ` +
        `since it has ${way}; leave them out of its writeAttributes (if that is unset or empty, all are writable), turn self sign-up off, or give users of a ` +
        "directory a client of their own with the code flow only and without aws.cognito.signin.user.admin",
    );
  });

  it("must be acknowledged if its client is not of this app", () => {
    const options = { authFlows: { userSrp: true }, disableOAuth: true, writeAttributes: HARMLESS };
    expect(failureWith(options, true)).toContain(
      "the policy decides on custom:customer_id, custom:department, and it is not visible at synthesis whether users of the client Test/Imported can write them",
    );
    expect(failureWith(options, true, true)).toBe("nothing failed");
  });

  const SAFE = { authFlows: { user: false }, oAuth: CODE_FLOW, writeAttributes: DEPARTMENT };

  function failureOfPool(change: (stack: Stack, userPool: UserPool, client: CfnUserPoolClient) => void): string {
    const stack = new Stack(new App(), "Test");
    const userPool = new UserPool(stack, "Users");
    const client = userPool.addClient("Client", SAFE);
    change(stack, userPool, client.node.defaultChild as CfnUserPoolClient);
    const trustedIssuers = [{ userPool, clients: [client], tokenUse: "id" as const }];
    new PolicyAuthorizer(stack, "Authorizer", { distPath: dist.distPath, trustedIssuers });
    return errorOf(() => Template.fromStack(stack));
  }

  const mobile = { authFlows: { userSrp: true }, disableOAuth: true };
  const listOf = (stack: Stack) => new CfnParameter(stack, "List", { type: "CommaDelimitedList" }).valueAsList;

  it.each<[string, Parameters<typeof failureOfPool>[0]]>([
    ["has no other client", () => {}],
    [
      "has another whose users can't write it",
      (_, pool) => pool.addClient("Mobile", { ...mobile, writeAttributes: HARMLESS }),
    ],
    ["is not the pool of an open client", (stack) => new UserPool(stack, "Others").addClient("Mobile", mobile)],
    [
      "lets people sign up, who can't write it",
      (_, pool, client) => {
        poolOf(pool).adminCreateUserConfig = { allowAdminCreateUserOnly: false };
        client.writeAttributes = ["name"];
      },
    ],
  ])("is accepted if the pool %s", (_, change) => {
    expect(failureOfPool(change)).toBe("nothing failed");
  });

  it.each<[string, Parameters<typeof failureOfPool>[0], string]>([
    [
      "another client of the pool lets users write it",
      (_, pool) => pool.addClient("Mobile", mobile),
      "the client Test/Users/Mobile can write, since it has the direct sign-in flow ALLOW_USER_SRP_AUTH",
    ],
    [
      "a client in another stack does",
      (stack, pool) => {
        const other = new Stack(stack.node.root as App, "Other");
        new UserPoolClient(other, "Mobile", { userPool: pool, ...mobile });
      },
      "the client Other/Mobile can write, since it has the direct sign-in flow ALLOW_USER_SRP_AUTH",
    ],
    [
      "a client that is written in CloudFormation does",
      (stack, pool) =>
        new CfnResource(stack, "Bare", {
          type: "AWS::Cognito::UserPoolClient",
          properties: { UserPoolId: pool.userPoolId },
        }),
      "the client Test/Bare can write, since it has the direct sign-in flow ALLOW_USER_SRP_AUTH",
    ],
    [
      "people sign up themselves",
      (_, pool) => {
        poolOf(pool).adminCreateUserConfig = { allowAdminCreateUserOnly: false };
      },
      "can write, since users who sign up set them (the user pool Test/Users/Resource",
    ],
    [
      "the pool does not say who makes users",
      (_, pool) => poolOf(pool).addPropertyDeletionOverride("AdminCreateUserConfig"),
      "can write, since users who sign up set them",
    ],
    [
      "its list of flows is empty",
      (_, __, client) => {
        client.explicitAuthFlows = [];
      },
      "it has the direct sign-in flow ALLOW_USER_SRP_AUTH",
    ],
    [
      "an override adds a flow",
      (_, __, client) => client.addPropertyOverride("ExplicitAuthFlows", ["ALLOW_USER_PASSWORD_AUTH"]),
      "it has the direct sign-in flow ALLOW_USER_PASSWORD_AUTH",
    ],
    [
      "flows are not known until deployment",
      (stack, _, client) => {
        client.explicitAuthFlows = listOf(stack);
      },
      "its sign-in flows are known at deployment only",
    ],
    [
      "scopes are not known until deployment",
      (stack, _, client) => {
        client.allowedOAuthScopes = listOf(stack);
      },
      "its scopes are known at deployment only",
    ],
    [
      "scopes are resolved late",
      (_, __, client) => {
        client.allowedOAuthScopes = Lazy.list({ produce: () => ["openid", "aws.cognito.signin.user.admin"] });
      },
      "it has the scope aws.cognito.signin.user.admin",
    ],
    [
      "the writable attributes are not known until deployment",
      (stack, _, client) => {
        client.explicitAuthFlows = ["ALLOW_USER_SRP_AUTH"];
        client.writeAttributes = listOf(stack);
      },
      "the policy decides on custom:customer_id, custom:department, which",
    ],
  ])("is refused if %s", (_, change, cause) => {
    expect(failureOfPool(change)).toContain(cause);
  });

  it("must be acknowledged if its pool is not of this app", () => {
    const failure = (checked?: true) => {
      const stack = new Stack(new App(), "Test");
      const userPool = UserPool.fromUserPoolId(stack, "Users", "eu-central-1_4f2k");
      const client = new UserPoolClient(stack, "Client", { userPool, ...SAFE });
      const issuer = { userPool, clients: [client], tokenUse: "id" as const };
      new PolicyAuthorizer(stack, "Authorizer", {
        distPath: dist.distPath,
        trustedIssuers: [{ ...issuer, ...(checked && { acknowledgeWritableClaims: checked }) }],
      });
      return errorOf(() => Template.fromStack(stack));
    };
    expect([failure(), failure(true)]).toEqual([
      expect.stringContaining(
        "the policy decides on custom:customer_id, custom:department, and it is not visible at synthesis whether users of clients of the user pool Test/Users can write them",
      ),
      "nothing failed",
    ]);
  });
});

function poolOf(userPool: UserPool): CfnUserPool {
  return userPool.node.defaultChild as CfnUserPool;
}
