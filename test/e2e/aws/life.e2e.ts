import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { createLife } from "./life/life.ts";
import { policiesOf } from "./life/policies.ts";
import { readRun } from "./support/run.ts";

const run = readRun();
const life = createLife(run);

/** Records how long a step takes, for the figures that `npm run e2e` prints. */
async function timed(name: string, work: () => Promise<void>): Promise<void> {
  const startMs = performance.now();
  await work();
  const elapsedMs = performance.now() - startMs;
  await appendFile(join(run.folder, "life.jsonl"), `${JSON.stringify({ name, elapsedMs })}\n`);
}

async function release(name: string, policy: Parameters<typeof policiesOf>[0], options?: { hasSecond: boolean }) {
  await timed(name, async () => {
    await life.build(policiesOf(policy));
    await life.deploy(options);
  });
}

const whoReads = async () => {
  const api = await life.apiOf("First");
  return { support: await life.read(api, "support"), admin: await life.read(api, "admin") };
};

describe("the life of a deployment", { timeout: 180_000 }, () => {
  beforeAll(async () => {
    await release("life: first deployment", { role: "support" });
  }, 180_000);

  it("begins with the policy in force", async () => {
    expect(await whoReads()).toEqual({ support: 200, admin: 403 });
    console.log(await life.aliases(), await life.versions());
  });

  it("goes on with a change of grants, which is in force at once, although responses are cached for minutes", async () => {
    await release("life: change of a grant", { role: "admin" });
    expect(await whoReads()).toEqual({ support: 403, admin: 200 });
    console.log(await life.aliases(), await life.versions());
  });
});
