import { rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Built } from "../build/package/build.ts";
import { ok, type Result } from "../contract/result.ts";
import { buildIn, createWorkspace } from "../dev/workspace.ts";
import { toPolicies } from "./policies.ts";
import { createUserPool, type UserPool } from "./user-pool.ts";

/** A built policy, whose package has the keys of a user pool. It stays on the disk until the process ends. */
export interface BuiltPolicy {
  readonly built: Built;
  /** The folder of the package, `dist/authorizer`. */
  readonly folder: string;
  readonly pool: UserPool;
  /** The file of an event, signed for one of the policy's customers and allowed by it. */
  readonly eventFile: string;
}

const builds = new Map<string, Promise<Result<BuiltPolicy, readonly string[]>>>();

let pool: Promise<UserPool> | undefined;

/**
 * Builds a policy of some number of grants, once in a process: chapters share it.
 *
 * @returns The policy, or the lines of the build that refuses it.
 */
export function buildPolicy(grants: number): Promise<Result<BuiltPolicy, readonly string[]>> {
  const key = `${grants}`;
  const made = builds.get(key) ?? build(grants);
  builds.set(key, made);
  return made;
}

async function build(grants: number): Promise<Result<BuiltPolicy, readonly string[]>> {
  pool ??= createUserPool();
  const used = await pool;
  const workspace = await createWorkspace(toPolicies(grants));
  process.once("exit", () => rmSync(workspace.root, { recursive: true, force: true }));
  const keySetsFile = join(workspace.root, "key-sets.json");
  await writeFile(keySetsFile, used.keySets);
  const built = await buildIn(workspace.root, { keySetsFile });
  if (!built.ok) return built;
  const eventFile = join(workspace.root, "event.json");
  await writeFile(eventFile, JSON.stringify(await toEvent(used)));
  return ok({ built: built.value, folder: join(workspace.root, "dist", "authorizer"), pool: used, eventFile });
}

/** Makes the event of a customer who reads what is hers. */
async function toEvent({ sign }: UserPool): Promise<object> {
  const [method, path] = ["GET", "/customers/42/orders5"];
  const text = await readFile(join(import.meta.dirname, "event.json"), "utf8");
  const event: object & { readonly requestContext: object } = JSON.parse(
    text.replaceAll("TOKEN", await sign(["Customers"], { "custom:customer_id": "42" })),
  );
  return {
    ...event,
    ...{ httpMethod: method, path, resource: "/{proxy+}", pathParameters: { proxy: path.slice(1) } },
    methodArn: `arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/${method}${path}`,
    requestContext: { ...event.requestContext, httpMethod: method, path: `/prod${path}`, resourcePath: "/{proxy+}" },
  };
}
