import { rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Built } from "../build/package/build.ts";
import { builtIn, createWorkspace } from "../dev/workspace.ts";
import { toPolicies } from "./policies.ts";
import { createUserPool, type UserPool } from "./user-pool.ts";

/** The paths of a customer's requests, by what they ask for. */
const PATHS = {
  own: "/customers/42/orders5",
  "another customer's": "/customers/43/orders5",
  unknown: "/customers/42/unknown",
};

/** A built policy, whose package has the keys of a user pool. It stays on the disk until the process ends. */
export interface BuiltPolicy {
  readonly built: Built;
  /** The folder of the package, `dist/authorizer`. */
  readonly folder: string;
  readonly pool: UserPool;
  /** Files with signed events, by what they ask for. The first is allowed, the others are denied. */
  readonly events: Readonly<Record<keyof typeof PATHS, string>>;
}

const builds = new Map<number, Promise<BuiltPolicy>>();
let pool: Promise<UserPool> | undefined;

/**
 * Builds a policy of some number of grants, once in a process: chapters share it.
 *
 * @throws If the build refuses it.
 */
export function builtPolicy(grants: number): Promise<BuiltPolicy> {
  pool ??= createUserPool();
  const made = builds.get(grants) ?? pool.then((used) => build(grants, used));
  builds.set(grants, made);
  return made;
}

async function build(grants: number, used: UserPool): Promise<BuiltPolicy> {
  const { root } = await createWorkspace(toPolicies(grants));
  process.once("exit", () => rmSync(root, { recursive: true, force: true }));
  const keySetsFile = join(root, "key-sets.json");
  await writeFile(keySetsFile, used.packedKeys);
  const built = await builtIn(root, { keySetsFile });
  const token = await used.sign(["Customers"], { "custom:customer_id": "42" });
  const write = async (name: keyof typeof PATHS) => {
    const file = join(root, `${name}.json`);
    await writeFile(file, JSON.stringify(await toEvent(token, "GET", PATHS[name])));
    return file;
  };
  const events = {
    own: await write("own"),
    "another customer's": await write("another customer's"),
    unknown: await write("unknown"),
  };
  return { built, folder: join(root, "dist", "authorizer"), pool: used, events };
}

async function toEvent(token: string, method: string, path: string): Promise<object> {
  const text = await readFile(join(import.meta.dirname, "event.json"), "utf8");
  const event: object & { readonly requestContext: object } = JSON.parse(text.replaceAll("TOKEN", token));
  return {
    ...event,
    ...{ httpMethod: method, path, resource: "/{proxy+}", pathParameters: { proxy: path.slice(1) } },
    methodArn: `arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/${method}${path}`,
    requestContext: { ...event.requestContext, httpMethod: method, path: `/prod${path}`, resourcePath: "/{proxy+}" },
  };
}
