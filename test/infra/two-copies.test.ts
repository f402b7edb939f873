import { cp, link, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { GatewayResponses } from "../../infra/constructs/gateway-responses.ts";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import { RequireAuthorization } from "../../infra/constructs/require-authorization.ts";
import { propertiesIn } from "../support/app-shapes.ts";
import { createDist, errorOf, type TestDist } from "../support/infra.ts";

// An app of one copy of aws-cdk-lib, and the constructs of this package with another: no class of one is that of the other.

let dist: TestDist;
let folder: string;
let other: (name: string) => unknown;
beforeAll(async () => {
  dist = await createDist();
  folder = await mkdtemp(join(tmpdir(), "copies-"));
  const own = dirname(createRequire(import.meta.url).resolve("aws-cdk-lib/package.json"));
  const modules = join(folder, "node_modules");
  await copyTree(own, join(modules, "aws-cdk-lib"));
  // The copy finds other packages where the first one does.
  for (const name of (await readdir(join(own, ".."))).filter((one) => one !== "aws-cdk-lib" && !one.startsWith(".")))
    await symlink(join(own, "..", name), join(modules, name));
  other = createRequire(join(folder, "app.js"));
}, 120_000);
afterAll(async () => {
  await dist[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Copies a folder by hard links, which is a hundred times faster, or by bytes where links are not possible. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyTree(source, target);
    else await link(source, target).catch(() => cp(source, target));
  }
}

function synthesize(place: "a stack" | "a nested stack in a Stage", isOpen: boolean, isStabilized: boolean) {
  const { App, Stack, Stage, NestedStack, Aspects, CfnOutput } = Object(other("aws-cdk-lib"));
  const { RestApi, MockIntegration } = Object(other("aws-cdk-lib/aws-apigateway"));
  const { CfnApi, CfnRoute, CfnStage } = Object(other("aws-cdk-lib/aws-apigatewayv2"));
  const app = new App({ context: { "@aws-cdk/core:aspectStabilization": isStabilized } });
  Aspects.of(app).add(new RequireAuthorization());
  const own = new Stack(place === "a stack" ? app : new Stage(app, "Prod"), "Own");
  const stack = place === "a stack" ? own : new NestedStack(own, "Nested");
  const api = new RestApi(stack, "Api", { cloudWatchRole: false });
  const add = (path: string) => api.root.resourceForPath(path).addMethod("GET", new MockIntegration());
  add("/home");
  const authorizer = new PolicyAuthorizer(own, "Authorizer", {
    trustedIssuers: [
      { issuer: "https://login.example.com", audience: ["api"], jwksUri: "https://login.example.com/keys" },
    ],
    distPath: dist.distPath,
  });
  authorizer.attachToRestApi(api);
  new GatewayResponses(stack, "Responses", { api, allowOrigin: "*" });
  const last = new CfnOutput(stack, "ZLast", { value: "last" });
  const visit = (node: unknown) => {
    if (node === last && stack.node.tryFindChild("Api").root.getResource("vtl") === undefined) add("/vtl/whoami");
  };
  Aspects.of(stack).add({ visit });
  if (isOpen) {
    const { ref: apiId } = new CfnApi(stack, "Http", { protocolType: "HTTP", name: "http" });
    new CfnStage(stack, "Live", { apiId, stageName: "$default", autoDeploy: true });
    new CfnRoute(stack, "Late", { apiId, routeKey: "GET /late" });
  }
  const failure = errorOf(() => app.synth());
  const types = propertiesIn(app.outdir, "AWS::ApiGateway::Method").map((one) => one["AuthorizationType"]);
  return { failure, types };
}

it.each(
  (["a stack", "a nested stack in a Stage"] as const).flatMap((place) =>
    [true, false].map((is) => [place, is] as const),
  ),
)(
  "in %s, with aspect stabilisation %s, methods have authorizers, and an open route is found",
  (place, isStabilized) => {
    expect(synthesize(place, false, isStabilized)).toEqual({ failure: "nothing failed", types: ["CUSTOM", "CUSTOM"] });
    expect(synthesize(place, true, isStabilized).failure).toMatch(
      /^RequireAuthorization: .*the route GET \/late is open to everybody; attach a PolicyAuthorizer/,
    );
  },
);

it("a class of one copy is not that of the other", async () => {
  const { Stack } = await import("aws-cdk-lib");
  expect(Object(other("aws-cdk-lib")).Stack === Stack).toBe(false);
});
