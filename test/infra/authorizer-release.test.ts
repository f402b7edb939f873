import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { RestApi } from "aws-cdk-lib/aws-apigateway";
import { LambdaDeploymentConfig } from "aws-cdk-lib/aws-codedeploy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuthorizerReleaseProps } from "../../infra/constructs/authorizer-release.ts";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import { createDist, type TestDist } from "../support/infra.ts";

let dist: TestDist;
beforeAll(async () => {
  dist = await createDist();
});
afterAll(() => dist[Symbol.asyncDispose]());

/** Synthesizes an authorizer with two REST APIs, one of them in another stack. */
function synthesize(release?: AuthorizerReleaseProps): { readonly template: Template; readonly other: Template } {
  const app = new App();
  const stack = new Stack(app, "Test");
  const authorizer = new PolicyAuthorizer(stack, "Authorizer", {
    trustedIssuers: [
      { issuer: "https://login.example.com", audience: ["api"], jwksUri: "https://login.example.com/keys" },
    ],
    distPath: dist.distPath,
    ...(release && { release }),
  });
  const second = new Stack(app, "Second");
  for (const scope of [stack, second]) {
    const api = new RestApi(scope, "Api");
    api.root.resourceForPath("/home").addMethod("GET");
    authorizer.attachToRestApi(api);
  }
  return { template: Template.fromStack(stack), other: Template.fromStack(second) };
}

const GROUP = "AWS::CodeDeploy::DeploymentGroup";
const ALIAS = "AWS::Lambda::Alias";

describe("a release", () => {
  it("has one deployment group for each alias, in one application", () => {
    const { template } = synthesize({});
    const groups = Object.keys(template.findResources(GROUP));
    expect(Object.keys(template.findResources("AWS::CodeDeploy::Application"))).toHaveLength(1);
    const moved = Object.values(template.findResources(ALIAS)).map(
      ({ UpdatePolicy }) => UpdatePolicy.CodeDeployLambdaAliasUpdate.DeploymentGroupName.Ref,
    );
    expect(moved).toHaveLength(2);
    expect(moved.sort()).toEqual(groups.sort());
  });

  it("moves a tenth of the traffic for 15 minutes, and an alarm moves it back", () => {
    const { template } = synthesize({});
    for (const { Properties } of Object.values(template.findResources(GROUP))) {
      expect(Properties.DeploymentConfigName).toBe("CodeDeployDefault.LambdaCanary10Percent15Minutes");
      expect(Properties.AlarmConfiguration).toMatchObject({ Enabled: true });
      expect(Properties.AutoRollbackConfiguration.Events).toContain("DEPLOYMENT_STOP_ON_ALARM");
    }
  });

  it("brings its alarms, and those that a release can cause watch it", () => {
    const { template } = synthesize({});
    const causes = /Alarms(Duration|ReleaseDenials|ReleaseErrors|Throttles)/;
    const all = Object.keys(template.findResources("AWS::CloudWatch::Alarm"));
    const alarms = all.filter((id) => causes.test(id));
    expect([alarms.length, all.length > alarms.length]).toEqual([4, true]);
    for (const { Properties } of Object.values(template.findResources(GROUP)))
      expect(
        Properties.AlarmConfiguration.Alarms.map(({ Name }: { Name: { Ref: string } }) => Name.Ref).sort(),
      ).toEqual(alarms.sort());
  });

  it("moves all traffic at once if it is urgent, and no alarm moves it back", () => {
    const { template } = synthesize({
      urgent: true,
      deployment: LambdaDeploymentConfig.LINEAR_10PERCENT_EVERY_1MINUTE,
    });
    for (const { Properties } of Object.values(template.findResources(GROUP))) {
      expect(Properties.DeploymentConfigName).toBe("CodeDeployDefault.LambdaAllAtOnce");
      // CloudFormation would keep the alarms of a group if the property were missing.
      expect(Properties.AlarmConfiguration).toEqual({ Enabled: false, Alarms: [] });
      expect(Properties.AutoRollbackConfiguration.Events).not.toContain("DEPLOYMENT_STOP_ON_ALARM");
    }
    expect(Object.keys(template.findResources("AWS::CloudWatch::Alarm")).length).toBeGreaterThan(0);
  });

  it("changes the group before the alias moves", () => {
    const { template } = synthesize({});
    for (const { DependsOn, UpdatePolicy } of Object.values(template.findResources(ALIAS)))
      expect(DependsOn).toContain(UpdatePolicy.CodeDeployLambdaAliasUpdate.DeploymentGroupName.Ref);
  });

  it("changes nothing that another stack refers to", () => {
    const [without, withRelease] = [synthesize(), synthesize({})];
    expect(withRelease.other.toJSON()).toEqual(without.other.toJSON());
    expect(Object.keys(withRelease.template.findOutputs("*")).sort()).toEqual(
      Object.keys(without.template.findOutputs("*")).sort(),
    );
  });
});

it("without a release there are no alarms that nobody asked for, and no deployment group", () => {
  const { template } = synthesize();
  expect(template.findResources("AWS::CloudWatch::Alarm")).toEqual({});
  expect(template.findResources(GROUP)).toEqual({});
});
