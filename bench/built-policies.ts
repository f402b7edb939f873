import { rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Built } from "../build/package/build.ts";
import { builtIn, createWorkspace } from "../dev/workspace.ts";
import { toPolicies } from "./policies.ts";
import { createUserPool, type UserPool } from "./user-pool.ts";

/** The requests that are asked about, each of a customer: their parameter, the end of their path, and the groups of the customer. */
const REQUESTS = [
  { customer: "42", end: "orders5", groups: ["Customers"] },
  { customer: "43", end: "orders5", groups: ["Customers"] },
  { customer: "42", end: "orders5", groups: ["Visitors"] },
  { customer: "42", end: "orders5", groups: ["Customers", "Suspended"] },
  { customer: "42", end: "unknown", groups: ["Customers"] },
] as const;

type CustomersRequest = (typeof REQUESTS)[number];

/** A built policy, whose package has the keys of a user pool. It stays on the disk until the process ends. */
export interface BuiltPolicy {
  readonly built: Built;
  /** The folder of the package, `dist/authorizer`. */
  readonly folder: string;
  readonly pool: UserPool;
  /** The file of a signed event that the policy allows. */
  readonly eventFile: string;
  /** The files of all events. The policy denies the others. */
  readonly eventFiles: readonly string[];
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
  const [allowed, ...others] = REQUESTS;
  const write = async (name: string, request: CustomersRequest) => {
    const file = join(root, `${name}.json`);
    await writeFile(file, JSON.stringify(await toEvent(used, request)));
    return file;
  };
  const eventFile = await write("allowed", allowed);
  const denied = await Promise.all(others.map((request, at) => write(`denied-${at}`, request)));
  const folder = join(root, "dist", "authorizer");
  return { built, folder, pool: used, eventFile, eventFiles: [eventFile, ...denied] };
}

/** Makes an event as API Gateway sends it. */
async function toEvent({ sign }: UserPool, { customer, end, groups }: CustomersRequest): Promise<object> {
  const [method, path, resource] = ["GET", `/customers/${customer}/${end}`, `/customers/{customer_id}/${end}`];
  const token = await sign(groups, { "custom:customer_id": "42" });
  const text = await readFile(join(import.meta.dirname, "event.json"), "utf8");
  const event: object & { readonly requestContext: object } = JSON.parse(text.replaceAll("TOKEN", token));
  return {
    ...event,
    ...{ httpMethod: method, path, resource, pathParameters: { customer_id: customer } },
    methodArn: `arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/${method}${path}`,
    requestContext: { ...event.requestContext, httpMethod: method, path: `/prod${path}`, resourcePath: resource },
  };
}
