import { rmSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toCacheContractVariable } from "../analysis/cache/settings.ts";
import type { Built } from "../build/package/build.ts";
import { DEFAULT_TOKEN_SOURCES } from "../contract/token-source.ts";
import { builtIn, createWorkspace } from "../dev/workspace.ts";
import { type BenchIssuer, createIssuer, toTrustedIssuers } from "./authorizer/issuer.ts";
import { toPolicies } from "./policies.ts";

/** The requests that are asked about, each of a customer: their parameter, the end of their path, and the groups of the customer. */
const REQUESTS = [
  { customer: "42", end: "orders5", groups: ["Customers"] },
  { customer: "43", end: "orders5", groups: ["Customers"] },
  { customer: "42", end: "orders5", groups: ["Visitors"] },
  { customer: "42", end: "orders5", groups: ["Customers", "Suspended"] },
  { customer: "42", end: "unknown", groups: ["Customers"] },
] as const;

type CustomersRequest = (typeof REQUESTS)[number];

/** A built policy, whose package has the keys of an issuer. It stays on the disk until the process ends. */
export interface BuiltPolicy {
  readonly built: Built;
  /** The folder of the package, `dist/authorizer`. */
  readonly folder: string;
  /** A user pool of Cognito. */
  readonly issuer: BenchIssuer;
  /** The variables of the Lambda, as they are where no response is cached. */
  readonly environment: Readonly<Record<string, string>>;
  /** The file of a signed event that the policy allows. */
  readonly eventFile: string;
  /** The files of all events. The policy denies the others. */
  readonly eventFiles: readonly string[];
}

const builds = new Map<number, Promise<BuiltPolicy>>();
let issuer: Promise<BenchIssuer> | undefined;

/**
 * Builds a policy of some number of grants, once in a process: chapters share it.
 *
 * @throws If the build refuses it.
 */
export function builtPolicy(grants: number): Promise<BuiltPolicy> {
  issuer ??= createIssuer("RS256");
  const made = builds.get(grants) ?? issuer.then((used) => build(grants, used));
  builds.set(grants, made);
  return made;
}

async function build(grants: number, used: BenchIssuer): Promise<BuiltPolicy> {
  const { root } = await createWorkspace(toPolicies(grants));
  process.once("exit", () => rmSync(root, { recursive: true, force: true }));
  const keySetsFile = join(root, "key-sets.json");
  await writeFile(keySetsFile, JSON.stringify({ [used.issuer]: { keys: [used.jwk] } }));
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
  const environment = {
    TRUSTED_ISSUERS: toTrustedIssuers(used),
    CACHE_CONTRACT: toCacheContractVariable(built.manifest.cache_contract, [], DEFAULT_TOKEN_SOURCES),
  };
  return { built, folder, issuer: used, environment, eventFile, eventFiles: [eventFile, ...denied] };
}

/** Makes an event as API Gateway sends it. */
async function toEvent({ sign }: BenchIssuer, { customer, end, groups }: CustomersRequest): Promise<object> {
  const text = await readFile(join(import.meta.dirname, "event.json"), "utf8");
  return JSON.parse(
    text
      .replaceAll("TOKEN", await sign({ "cognito:groups": groups }))
      .replaceAll("RESOURCE", `/customers/{customer_id}/${end}`)
      .replaceAll("PATH", `/customers/${customer}/${end}`)
      .replaceAll("CUSTOMER", customer),
  );
}
