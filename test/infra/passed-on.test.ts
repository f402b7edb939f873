import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { ApiDefinition, ApiKeySourceType, MockIntegration, RestApi, SpecRestApi } from "aws-cdk-lib/aws-apigateway";
import { UserPool } from "aws-cdk-lib/aws-cognito";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import type { PolicyAuthorizerProps } from "../../infra/constructs/policy-authorizer-props.ts";
import { createAuthorizer, createDist, errorOf, propertiesOf, type TestDist } from "../support/infra.ts";

let dist: TestDist;
beforeAll(async () => {
  dist = await createDist();
});
afterAll(() => dist[Symbol.asyncDispose]());

const OF_AUTHORIZER = { apiKeySourceType: ApiKeySourceType.AUTHORIZER };
const WITH_KEY = { usageKeyClaim: "custom:usage_key" };

describe("claims that are passed on", () => {
  it("are in the Lambda's environment, if there are any", () => {
    const variablesOf = (props: Partial<PolicyAuthorizerProps>) => {
      const [lambda] = propertiesOf(createAuthorizer(dist.distPath, props).stack, "AWS::Lambda::Function");
      return Object(lambda?.["Environment"]).Variables;
    };
    expect(variablesOf({ contextClaims: ["email", "custom:tenant"], ...WITH_KEY })).toMatchObject({
      CONTEXT_CLAIMS: '["email","custom:tenant"]',
      USAGE_KEY_CLAIM: "custom:usage_key",
    });
    expect(Object.keys(variablesOf({ contextClaims: [] }))).not.toContain("CONTEXT_CLAIMS");
  });

  it("fail synthesis with all errors at once", () => {
    const message = errorOf(() =>
      createAuthorizer(dist.distPath, { contextClaims: ["roles", "email", "email"], usageKeyClaim: "nickname" }),
    );
    expect(message).toMatch(/contextClaims: name 1 would have a key of the authorizer's/);
    expect(message).toMatch(/contextClaims: name 3 would have the same key as name 2/);
    expect(message).toMatch(/usageKeyClaim: must not be a claim of the standards/);
  });

  it("have no API key that the policy reads", () => {
    const message = errorOf(() => createAuthorizer(dist.distPath, { usageKeyClaim: "custom:department" }));
    expect(message).toMatch(/usageKeyClaim: the policy reads this claim/);
  });

  it("have no API key that users can write", () => {
    const stack = new Stack(new App(), "Test");
    const userPool = new UserPool(stack, "Users");
    const client = userPool.addClient("Client", { authFlows: { userPassword: true }, disableOAuth: true });
    const trustedIssuers = [{ userPool, clients: [client], tokenUse: "id" as const }];
    new PolicyAuthorizer(stack, "Authorizer", { distPath: dist.distPath, trustedIssuers, ...WITH_KEY });
    expect(errorOf(() => Template.fromStack(stack))).toContain("custom:usage_key");
  });
});

const NO_KEY = /apiKeySourceType AUTHORIZER.*set usageKeyClaim/;

describe("a REST API that takes API keys from its authorizer", () => {
  function attached(props: Partial<PolicyAuthorizerProps>, options: object): string {
    const { stack, authorizer } = createAuthorizer(dist.distPath, props);
    const api = new RestApi(stack, "Api", { cloudWatchRole: false, ...options });
    api.root.addResource("home").addMethod("GET", new MockIntegration());
    authorizer.attachToRestApi(api);
    return errorOf(() => Template.fromStack(stack));
  }

  it("fails synthesis without the claim that has the keys", () => {
    expect(attached({}, OF_AUTHORIZER)).toMatch(NO_KEY);
    expect(attached(WITH_KEY, OF_AUTHORIZER)).toBe("nothing failed");
    expect(attached({}, { apiKeySourceType: ApiKeySourceType.HEADER })).toBe("nothing failed");
    expect(attached({}, {})).toBe("nothing failed");
  });

  it("fails synthesis if a document says so", () => {
    const withoutKeys = {
      openapi: "3.0.1",
      info: { title: "a", version: "1" },
      paths: { "/home": { get: { "x-amazon-apigateway-integration": { type: "mock" } } } },
    };
    const document = { ...withoutKeys, "x-amazon-apigateway-api-key-source": "AUTHORIZER" };
    const secured = (props: Partial<PolicyAuthorizerProps>) =>
      errorOf(() => createAuthorizer(dist.distPath, props).authorizer.secure(document, "rest"));
    expect([secured({}), secured(WITH_KEY)]).toEqual([expect.stringMatching(NO_KEY), "nothing failed"]);

    // The API is made from another document than the one that was secured.
    const { stack, authorizer } = createAuthorizer(dist.distPath);
    authorizer.secure(withoutKeys, "rest");
    const apiDefinition = ApiDefinition.fromInline(document);
    authorizer.allow(new SpecRestApi(stack, "Api", { cloudWatchRole: false, apiDefinition }));
    expect(errorOf(() => Template.fromStack(stack))).toMatch(NO_KEY);
  });
});
