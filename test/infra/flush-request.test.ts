import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CachingApi } from "../../contract/api-kinds.ts";
import { createWorkspace } from "../../dev/workspace.ts";
import { AuthorizerCacheFlush } from "../../infra/constructs/authorizer-cache-flush.ts";
import { PolicyAuthorizer } from "../../infra/constructs/policy-authorizer.ts";
import { type AwsAnswer, type Handled, invokeCustomResource } from "../support/custom-resource.ts";
import { createDist, type TestDist } from "../support/infra.ts";

// Runs the function that the CDK deploys for the flush, with the AWS SDK, against a server that answers as API Gateway does.

let dist: TestDist;
let workspace: Awaited<ReturnType<typeof createWorkspace>>;
beforeAll(async () => {
  dist = await createDist();
  workspace = await createWorkspace({});
});
afterAll(async () => {
  await dist[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

const ISSUER = { issuer: "https://login.example.com", audience: ["api"], jwksUri: "https://login.example.com/keys" };

/** Synthesizes a flush of an API that is not in the app. */
function synthesize(kind: CachingApi, stageName: string) {
  const app = new App({ outdir: join(workspace.root, `${kind}-${stageName}.out`) });
  const stack = new Stack(app, "Test");
  const authorizer = new PolicyAuthorizer(stack, "Authorizer", { trustedIssuers: [ISSUER], distPath: dist.distPath });
  new AuthorizerCacheFlush(stack, "Flush", { authorizer, kind, apiId: "a1b2c3d4e5", stageName });
  const { directory, stacks } = app.synth();
  const resources: readonly Resource[] = Object.values(stacks[0]?.template.Resources ?? {});
  const folder = readdirSync(directory)
    .map((name) => join(directory, name))
    .find((path) => path.includes("asset.") && handles(path));
  if (folder === undefined) throw new Error("the assembly has no handler of custom resources");
  return { folder, resources };
}

const known = new Map<string, ReturnType<typeof synthesize>>();

function synthesized(kind: CachingApi, stageName: string) {
  const found = known.get(`${kind} ${stageName}`) ?? synthesize(kind, stageName);
  known.set(`${kind} ${stageName}`, found);
  return found;
}

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}

function handles(folder: string): boolean {
  try {
    return readFileSync(join(folder, "index.js"), "utf8").includes("ignoreErrorCodesMatching");
  } catch {
    return false;
  }
}

interface Scenario {
  readonly kind?: CachingApi;
  readonly stageName?: string;
  readonly type?: "Create" | "Update" | "Delete";
  readonly answerTo?: (at: number) => AwsAnswer;
}

async function handle({ kind = "rest", stageName = "prod", type = "Update", answerTo }: Scenario): Promise<Handled> {
  const { folder, resources } = synthesized(kind, stageName);
  const flush = resources.find(({ Type }) => Type === "Custom::AWS");
  const event = { RequestType: type, PhysicalResourceId: "before", ResourceProperties: flush?.Properties };
  return invokeCustomResource(folder, event, answerTo ?? (() => ({ status: 202 })));
}

const NOT_FOUND = { status: 404, error: "NotFoundException" };

describe("the flush", () => {
  it.each<[kind: CachingApi, stageName: string, call: string]>([
    ["rest", "prod", "DELETE /restapis/a1b2c3d4e5/stages/prod/cache/authorizers"],
    ["http", "$default", "DELETE /v2/apis/a1b2c3d4e5/stages/%24default/cache/authorizers"],
  ])("of a stage of a %s API calls API Gateway's operation", async (kind, stageName, call) => {
    const { calls, services, answer } = await handle({ kind, stageName });
    expect({ calls, services }).toEqual({ calls: [call], services: ["apigateway"] });
    expect(answer).toMatchObject({ Status: "SUCCESS", PhysicalResourceId: `a1b2c3d4e5/${stageName}` });
  });

  it.each<CachingApi>(["rest", "http"])("of a %s API may make that call, and no other", (kind) => {
    const { resources } = synthesized(kind, "prod");
    const actions = JSON.stringify(resources.filter(({ Type }) => Type === "AWS::IAM::Policy"));
    const path = kind === "rest" ? "/restapis/a1b2c3d4e5" : "/apis/a1b2c3d4e5";
    expect(actions).toContain(`::${path}/stages/prod/cache/authorizers`);
    expect(actions.match(/apigateway:[A-Z]+/g)).toEqual(["apigateway:DELETE"]);
  });

  it("runs when it is created, since the stage may be older than it", async () => {
    expect(await handle({ type: "Create" })).toMatchObject({ calls: [expect.stringContaining("DELETE")] });
  });

  it("does nothing when it is removed", async () => {
    expect(await handle({ type: "Delete" })).toMatchObject({ calls: [], answer: { Status: "SUCCESS" } });
  });

  it.each(["Create", "Update"] as const)("does not fail a deployment (%s) whose stage does not exist", async (type) => {
    expect(await handle({ type, answerTo: () => NOT_FOUND })).toMatchObject({ answer: { Status: "SUCCESS" } });
  });

  it("tries again while API Gateway is busy", async () => {
    const busy = { status: 429, error: "TooManyRequestsException" };
    const { calls, answer } = await handle({ answerTo: (at) => (at === 0 ? busy : { status: 202 }) });
    expect({ calls: calls.length, status: answer.Status }).toEqual({ calls: 2, status: "SUCCESS" });
  });

  it("fails the deployment if it may not flush", async () => {
    const answerTo = () => ({ status: 403, error: "AccessDeniedException" });
    expect(await handle({ answerTo })).toMatchObject({ answer: { Status: "FAILED", Reason: "AccessDeniedException" } });
  });
});
