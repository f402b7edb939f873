import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import {
  ClientAttributes,
  OAuthScope,
  UserPool,
  UserPoolClient,
  type UserPoolClientOptions,
} from "aws-cdk-lib/aws-cognito";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import { createDist, failureOf, type TestDist } from "../support/infra.ts";

let dist: TestDist;
beforeAll(async () => {
  dist = await createDist();
});
afterAll(() => dist[Symbol.asyncDispose]());

const HARMLESS = new ClientAttributes().withStandardAttributes({ fullname: true });
const DEPARTMENT = new ClientAttributes().withCustomAttributes("department");
const CODE_FLOW = { flows: { authorizationCodeGrant: true }, scopes: [OAuthScope.OPENID] };

function failureWith(options: UserPoolClientOptions, isImported = false, checked?: "elsewhere"): string {
  const stack = new Stack(new App(), "Test");
  const userPool = new UserPool(stack, "Users");
  const own = userPool.addClient("Client", options);
  const client = isImported ? UserPoolClient.fromUserPoolClientId(stack, "Imported", "4f2k") : own;
  new PolicyAuthorizer(stack, "Authorizer", {
    distPath: dist.distPath,
    trustedIssuers: [
      { userPool, clients: [client], tokenUse: "id", ...(checked && { writableClaimsChecked: checked }) },
    ],
  });
  return failureOf(() => Template.fromStack(stack));
}

describe("a claim that the policy decides on", () => {
  it.each<[string, UserPoolClientOptions]>([
    [
      "is not writable by a client with direct sign-in",
      { authFlows: { userSrp: true }, disableOAuth: true, writeAttributes: HARMLESS },
    ],
    [
      "is writable by a client with the code flow alone",
      { authFlows: { user: false }, oAuth: CODE_FLOW, writeAttributes: DEPARTMENT },
    ],
  ])("may be decided on if it %s", (_, options) => {
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
  ])("must not be decided on if %s", (_, options, attributes, way) => {
    expect(failureWith(options)).toBe(
      "Validation failed with the following errors:\n" +
        `  [Test/Authorizer] PolicyAuthorizer: the policy decides on ${attributes}, which a user of the client Test/Users/Client can write, ` +
        `since it has ${way}; leave them out of its writeAttributes (unset or empty, all are writable), or give users of a directory a ` +
        "client of their own with the code flow only and without aws.cognito.signin.user.admin",
    );
  });

  it("has to be vouched for if its client is of another app", () => {
    const options = { authFlows: { userSrp: true }, disableOAuth: true, writeAttributes: HARMLESS };
    expect(failureWith(options, true)).toContain(
      "whether users of the client Test/Imported can write custom:customer_id, custom:department, on which the policy decides, can't be seen from here",
    );
    expect(failureWith(options, true, "elsewhere")).toBe("nothing failed");
  });
});
