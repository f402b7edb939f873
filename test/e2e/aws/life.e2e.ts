import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { createLife } from "./life/life.ts";
import { policiesOf, type ReportsPolicy } from "./life/policies.ts";
import { readRun } from "./support/run.ts";

// A life of a deployment: each test goes on where the one before it ended. README.md says what the emulator can't show.

const run = readRun();
const life = createLife(run);

const OFFICE = "203.0.113.7";
const ELSEWHERE = "198.51.100.7";

/** Records how long a step takes, for the figures that `npm run e2e` prints. */
async function timed(name: string, work: () => Promise<void>): Promise<void> {
  const startMs = performance.now();
  await work();
  const elapsedMs = performance.now() - startMs;
  await appendFile(join(run.folder, "life.jsonl"), `${JSON.stringify({ name, elapsedMs })}\n`);
}

async function release(policy: ReportsPolicy, options?: Parameters<typeof life.deploy>[0]): Promise<void> {
  await life.build(policiesOf(policy));
  await life.deploy(options);
}

/** Asks for the same reports each time, so that responses are in the cache of API Gateway. */
async function answers(stack: "First" | "Second" = "First") {
  const api = await life.apiOf(stack);
  return {
    support: await life.read(api, "support", { from: ELSEWHERE }),
    admin: await life.read(api, "admin", { from: ELSEWHERE }),
    adminInOffice: await life.read(api, "admin", { from: OFFICE }),
  };
}

const SUPPORT_ONLY = { support: 200, admin: 403, adminInOffice: 403 };
const ADMIN_ONLY = { support: 403, admin: 200, adminInOffice: 200 };
const BOTH = { support: 200, admin: 200, adminInOffice: 200 };
const IN_THE_OFFICE = { support: 403, admin: 403, adminInOffice: 200 };

describe("a deployment that lives on", { timeout: 180_000 }, () => {
  let former: Awaited<ReturnType<typeof life.apiOf>>;
  let first: string | undefined;

  beforeAll(async () => {
    await release({ roles: ["support"] });
  }, 180_000);

  it("begins with its policy in force, for an alias of the API and its contract", async () => {
    expect(await answers()).toEqual(SUPPORT_ONLY);
    const [alias, ...others] = await life.aliases();
    expect(others).toEqual([]);
    expect(alias?.Name).toMatch(/^First-Api-[0-9a-f]{12}$/);
    first = alias?.FunctionVersion;
  });

  it("has a change of grants in force as soon as it is deployed, although responses were cached for minutes", async () => {
    await timed("change of a grant", () => release({ roles: ["admin"] }));
    expect(await answers()).toEqual(ADMIN_ONLY);
    const [alias, ...others] = await life.aliases();
    expect(others).toEqual([]);
    const second = alias?.FunctionVersion;
    expect(second).not.toBe(first);
    expect(await life.versions()).toEqual(expect.arrayContaining([first, second]));
  });

  it("goes back when an operator moves the alias to the version before, and flushes", async () => {
    const api = await life.apiOf("First");
    const [alias] = await life.aliases();
    await timed("back: alias and flush", async () => {
      await life.moveAlias(alias?.Name ?? "", first ?? "");
      await life.flush(api);
    });
    expect(await answers()).toEqual(SUPPORT_ONLY);
  });

  it("stays there when the same template is deployed again, which CloudFormation takes for no change", async () => {
    await life.deploy();
    expect(await answers()).toEqual(SUPPORT_ONLY);
  });

  it("follows the next release, which moves the alias that was moved by hand", async () => {
    await release({ roles: ["admin", "support"] });
    expect(await answers()).toEqual(BOTH);
  });

  it("has a new alias for a new condition, whose responses are cached under the address, too", async () => {
    former = await life.apiOf("First");
    const before = await life.aliases();
    await timed("new condition", () => release({ roles: ["admin"], when: "in_the_office" }));
    expect(await answers()).toEqual(IN_THE_OFFICE);
    expect(await answers()).toEqual(IN_THE_OFFICE);
    const after = await life.aliases();
    expect(after).toHaveLength(2);
    expect(after).toEqual(expect.arrayContaining([...before]));
  });

  it("goes back when an operator gives the stage the deployment before, which names the alias before", async () => {
    const api = await life.apiOf("First");
    await timed("back: stage and flush", async () => {
      await life.moveStage(api, former.DeploymentId);
      await life.flush(api);
    });
    expect(await answers()).toEqual(BOTH);
    await life.moveStage(api, api.DeploymentId);
    await life.flush(api);
    expect(await answers()).toEqual(IN_THE_OFFICE);
  });

  it("keeps its policy in force when the deployment of an API with a new condition fails", async () => {
    const failed = release({ roles: ["admin", "support"], when: "signed_in_today" }, { fails: true });
    await expect(failed).rejects.toThrow(/Life-First.*Wait/is);
    expect(await answers()).toEqual(IN_THE_OFFICE);
  });

  it("gets the new condition when the deployment is tried again, and a second API with an alias of its own", async () => {
    await life.deploy({ hasSecond: true });
    expect(await answers()).toEqual(BOTH);
    expect(await answers("Second")).toEqual(BOTH);
    const names = (await life.aliases()).map(({ Name }) => Name.replace(/-[0-9a-f]{12}$/, ""));
    expect(names.sort()).toEqual(["First-Api", "First-Api", "First-Api", "Second-Api"]);
  });

  it("says in its outputs which policy it has, and by which aliases APIs invoke it", async () => {
    const outputs = Object.entries(await life.outputsOf("Authorizer"));
    const outputOf = (name: string) => outputs.find(([id]) => id.includes(`Outputs${name}`))?.[1];
    expect(outputOf("Revision")).toBe(await life.revision());
    expect(await life.versions()).toContain(outputOf("Version"));
    expect((await life.aliases()).map(({ Name }) => Name)).toEqual(
      expect.arrayContaining(outputOf("Aliases")?.split(" ") ?? ["none"]),
    );
  });
});
