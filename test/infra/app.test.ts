import { App, Aspects } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { AwsSolutionsChecks } from "cdk-nag";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RequireAuthorization } from "../../infra/constructs/require-authorization.ts";
import { Orders } from "../../infra/example/stacks/orders.ts";
import { OrdersIdentityPool } from "../../infra/example/stacks/orders-identity-pool.ts";
import { OrdersSaml } from "../../infra/example/stacks/orders-saml.ts";
import { createDist, sampleRoutes, type TestDist } from "../support/infra.ts";

let dist: TestDist;
let routes: Awaited<ReturnType<typeof sampleRoutes>>;
beforeAll(async () => {
  dist = await createDist();
  await dist.writeIam({});
  routes = await sampleRoutes();
});
afterAll(() => dist[Symbol.asyncDispose]());

function create(isEmulated: boolean) {
  const app = new App();
  const { distPath } = dist;
  const saml = new OrdersSaml(app, "OrdersSaml", {
    metadata: "https://directory.example.com/metadata",
    callbackUrl: "https://app.example.com/signed-in",
  });
  const orders = new Orders(app, "Orders", {
    routes,
    distPath,
    isEmulated,
    ...(!isEmulated && { federated: saml.issuer }),
  });
  const identityPool = new OrdersIdentityPool(app, "OrdersIdentityPool", {
    routes: routes.filter(({ path }) => !path.startsWith("/vtl/")),
    distPath,
    precedence: ["Admins", "Support", "Customers"],
  });
  Aspects.of(app).add(new RequireAuthorization());
  return { app, orders, identityPool, saml };
}

describe("the sample app", () => {
  it("is synthesised without findings of cdk-nag and without open methods", () => {
    const { app } = create(false);
    app.synth();
    const { success, violations } = new AwsSolutionsChecks(app).validateScope(app);
    expect([success, violations]).toEqual([true, []]);
  });

  it("has the outputs that its users need", () => {
    const { orders, identityPool } = create(false);
    const outputsOf = (stack: Orders | OrdersIdentityPool) =>
      Object.keys(Template.fromStack(stack).toJSON()["Outputs"])
        .filter((name) => !/Endpoint|Export/.test(name))
        .map((name) => name.replace(/[0-9A-F]{8}$/, ""));
    expect([outputsOf(orders), outputsOf(identityPool)]).toEqual([
      [
        ...["AuthorizerOutputsRevision", "AuthorizerOutputsVersion", "AuthorizerOutputsAliases"],
        ...["UserPoolId", "UserPoolClientId", "RestApiId", "HttpApiId", "WebSocketApiId", "AuthorizerFunctionName"],
      ],
      [
        "UserPoolId",
        "UserPoolClientId",
        "IamApiId",
        "IdentityPoolId",
        "RoleArnAuthenticated",
        "RoleArnAdmins",
        "RoleArnSupport",
        "RoleArnCustomers",
      ],
    ]);
  });

  it("names no region, account or partition", () => {
    const { orders, identityPool, saml } = create(false);
    for (const stack of [orders, identityPool, saml]) {
      // The rules of the policy are in the function's metadata; the sample's name a role of an account.
      const withoutRules = (name: string, value: unknown) => (name === "rego-authorizer:policy" ? undefined : value);
      const text = JSON.stringify(Template.fromStack(stack).toJSON()["Resources"], withoutRules);
      expect(text).not.toMatch(/arn:aws[:-]|\b\d{12}\b|(us|eu|ap)-[a-z]+-\d/);
    }
  });

  it("has each group of the policy, and trusts both kinds of users", () => {
    const template = Template.fromStack(create(false).orders);
    const groups = Object.values(template.findResources("AWS::Cognito::UserPoolGroup")).map(
      ({ Properties }) => Properties.GroupName,
    );
    expect(groups).toEqual(["Admins", "Customers", "Support"]);
    const lambda = Object.values(template.findResources("AWS::Lambda::Function")).find(
      ({ Properties }) => Properties.Environment?.Variables?.TRUSTED_ISSUERS,
    );
    expect(JSON.stringify(lambda).match(/userPoolId/g)).toHaveLength(2);
  });

  it("leaves out what the emulator does not support", () => {
    const types = (isEmulated: boolean) => {
      const { Resources } = Template.fromStack(create(isEmulated).orders).toJSON();
      return new Set(Object.values<{ Type: string }>(Resources).map(({ Type }) => Type));
    };
    const [all, emulated] = [types(false), types(true)];
    expect([...all].filter((type) => !emulated.has(type)).sort()).toEqual([
      "AWS::CloudWatch::Alarm",
      "AWS::CloudWatch::Dashboard",
      "AWS::Logs::MetricFilter",
      "Custom::AWS",
    ]);
  });
});
