import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readTestInputs, type TestInputs } from "../build/rego-tests/test-inputs.ts";
import { isObject, parseJson } from "../contract/json.ts";
import { formatPolicyIndexError, parsePolicyData } from "../contract/policy-data.ts";
import type { PolicyIndex } from "../contract/policy-index.ts";
import { err, ok, type Result } from "../contract/result.ts";
import { type Comparison, compareModules, formatChange } from "./compare.ts";
import { compareAccessOfBuilds } from "./compare-access.ts";
import { readModule } from "./module.ts";
import { toSituations } from "./principals.ts";
import { type ProductVersion, runProduct } from "./product-version.ts";
import { type Requests, toRequests } from "./requests.ts";

/** The policy of a company, and the two versions that build it. */
export interface Trial {
  /** The executable of OPA. */
  readonly opaPath: string;
  readonly policies: string;
  /** More flags for the builds, such as `--openapi FILE`. */
  readonly buildFlags: readonly string[];
  readonly inUse: ProductVersion;
  readonly wanted: ProductVersion;
  /** A folder for both builds. */
  readonly folder: string;
  /** Says what is being done. */
  readonly say: (line: string) => void;
}

/** The result of a trial. */
export interface Verdict {
  /** Says what was compared, a line each. */
  readonly compared: readonly string[];
  /** The changes, a line each; without any, the new version decides as the one in use. */
  readonly findings: readonly string[];
}

/** The approximate number of requests that are made from the policy. */
const MAX_REQUESTS = 100_000;

/**
 * Builds a policy with both versions, and compares the modules: for the inputs of the policy's Rego tests, and for requests
 * that are made from its rules. Runs the Rego tests with the new version, too.
 *
 * @returns The verdict; or why the versions can't be compared, a line each.
 */
export async function tryVersion(trial: Trial): Promise<Result<Verdict, readonly string[]>> {
  const { policies, buildFlags, inUse, wanted, folder, say } = trial;
  const [oldDist, newDist] = [join(folder, "dist-in-use"), join(folder, "dist-wanted")];
  const flags = ["--policies", policies, ...buildFlags];
  say(`building the policy with ${inUse.version} and ${wanted.version}`);
  const old = await runProduct(inUse, ["build", ...flags, "--dist", oldDist]);
  if (old.exit !== 0) return err([`${inUse.version}, which is in use, does not build the policy:`, ...old.lines]);
  const built = await runProduct(wanted, ["build", ...flags, "--dist", newDist]);
  if (built.exit === 1)
    return ok({ compared: [], findings: [`${wanted.version} refuses the policy:`, ...built.lines] });
  if (built.exit !== 0) return err([`${wanted.version} can't build the policy:`, ...built.lines]);

  const [before, after] = await Promise.all([readModule(oldDist), readModule(newDist)]);
  const data = parsePolicyData(parseJson(before.data));
  if (!data.ok) return err([formatPolicyIndexError(data.error)]);
  const { index } = data.value;
  say("comparing decisions");
  const tests = await readTestInputs(trial.opaPath, policies);
  const situations = toSituations(tests.inputs, index.roles);
  const requests = toRequests(index, situations, MAX_REQUESTS);
  const all = [...tests.inputs, ...requests.inputs];
  const comparison = compareModules(before, after, all);
  say("comparing the access");
  const access = await compareAccessOfBuilds(trial.opaPath, policies, { before: oldDist, after: newDist });
  const failures = await findNewFailures(trial);
  return ok({
    compared: [...describe(index, tests, requests, comparison, situations.length), access.compared],
    findings: [
      ...comparison.changes.map(formatChange),
      ...access.findings,
      ...(await compareFiles(oldDist, newDist)),
      ...failures,
    ],
  });
}

function describe(
  { grants, denials }: PolicyIndex,
  { inputs, tests, unread }: TestInputs,
  { oneIn, principals }: Requests,
  { decisions, entitlements }: Comparison,
  situations: number,
): readonly string[] {
  const rules = `${count(Object.keys(grants).length, "grant")} and ${count(Object.keys(denials).length, "denial")}`;
  const share = oneIn === 1 ? "" : `, one in ${oneIn} of all`;
  return [
    `compared ${decisions} decisions and the entitlements of ${entitlements} principals, in both compiled modules:`,
    `  ${count(inputs.length, "input")} of ${count(tests, "Rego test")}`,
    `  ${decisions - inputs.length} requests at the paths of ${rules}, by ${principals} principals in ${count(situations, "situation")}${share}`,
    ...(unread.length === 0
      ? []
      : [`  not the inputs of ${unread.join(", ")}, which no statement gives to the engine by itself`]),
  ];
}

/** Formats a number of things: `1 grant`, `2 grants`. */
function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

/** Runs the Rego tests with the new version; gives the lines that the version in use does not print, too. */
async function findNewFailures({ policies, inUse, wanted, say }: Trial): Promise<readonly string[]> {
  say(`running the Rego tests with ${wanted.version}`);
  const tested = await runProduct(wanted, ["test", "--policies", policies]);
  if (tested.exit === 0) return [];
  const { lines } = await runProduct(inUse, ["test", "--policies", policies]);
  const others = tested.lines.filter((line) => !lines.includes(line));
  return others.length === 0 ? [] : [`rego-authorizer test prints with ${wanted.version} only:`, ...others];
}

/** Compares the other contracts of two builds, which deployments read. */
async function compareFiles(before: string, after: string): Promise<readonly string[]> {
  const contractOf = async (dist: string) => {
    const manifest = parseJson(await readFile(join(dist, "authorizer", "manifest.json"), "utf8"));
    const { routes, ...contract } = Object(isObject(manifest) ? manifest["cache_contract"] : undefined);
    // Older versions have the routes in the manifest.
    const file = routes === undefined ? parseJson(await readFile(join(dist, "routes.json"), "utf8")) : { routes };
    return JSON.stringify([contract, isObject(file) ? file["routes"] : undefined]);
  };
  const iamOf = async (dist: string) => {
    const { revision: _revision, ...documents } = Object(parseJson(await readFile(join(dist, "iam.json"), "utf8")));
    return JSON.stringify(documents);
  };
  const changed = async (read: (dist: string) => Promise<string>) => (await read(before)) !== (await read(after));
  return [
    ...((await changed(contractOf)) ? [CONTRACT_CHANGED] : []),
    ...((await changed(iamOf)) ? ["the IAM policies of groups differ: compare dist/iam.json of both versions"] : []),
  ];
}

const CONTRACT_CHANGED =
  "the cache contract differs: compare what `rego-authorizer cache-contract` prints with both versions, and deploy the authorizers anew";
