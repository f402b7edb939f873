import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { compareAccess } from "../analysis/access/changes.ts";
import { toAccessLines } from "../analysis/access/lines.ts";
import { formatRegion, formatTerms } from "../analysis/access/lock-lines.ts";
import type { AccessPolicy, Change, Terms } from "../analysis/access/model.ts";
import { formatWho } from "../analysis/access/who.ts";
import { toWitness, toWitnessFacts, type Witness } from "../analysis/access/witness.ts";
import { toAccessPolicy } from "../analysis/compare/access-policy.ts";
import { createExplain, type Explain, findContradictions } from "../analysis/compare/confirm.ts";
import { readPolicy } from "../build/policy/read-policy.ts";
import { isObject, parseJson } from "../contract/json.ts";
import { formatPolicyIndexError, parsePolicyData } from "../contract/policy-data.ts";
import { PUBLIC_RULES, type PublicRule } from "../contract/public-rules.ts";
import { err, ok, type Result } from "../contract/result.ts";

/** The comparison of the access that two versions read from a policy. */
export interface AccessComparison {
  /** Says what was compared, or why nothing was. */
  readonly compared: string;
  /** The changes of access, a line each with a request that shows it, and a line for each that a module explains otherwise. */
  readonly findings: readonly string[];
}

/**
 * Compares the access that the engines of two versions read from one policy: their indexes, for every principal, path and truth of
 * conditions. Conditions have the same text for both, and are decided by both modules for the requests that are compared besides.
 *
 * @param folders - The builds of both versions.
 */
export async function compareAccessOfBuilds(
  opaPath: string,
  policies: string,
  folders: { readonly before: string; readonly after: string },
): Promise<AccessComparison> {
  const read = await readPolicy(opaPath, policies);
  if (!read.ok) return notCompared("this version does not read the policy without routes");
  await using policy = read.value;
  const ofThisVersion = toAccessPolicy(policy);
  const [before, after] = await Promise.all([
    readAccess(folders.before, ofThisVersion),
    readAccess(folders.after, ofThisVersion),
  ]);
  if (!before.ok) return notCompared(before.error);
  if (!after.ok) return notCompared(after.error);
  const [was, is] = [before.value, after.value];
  const changes = compareAccess(was.policy, is.policy);
  const lines = toAccessLines(was.policy);
  if (!changes.ok || !lines.ok) return notCompared("it has too many rules that meet");
  const facts = toWitnessFacts(was.policy, is.policy);
  const explains = [was.explain, is.explain] as const;
  const shown = changes.value.map((change) => ({ change, witness: toWitness(change, facts) }));
  const wrong = shown.flatMap(({ change, witness }) => findContradictions(change, witness, facts, explains));
  return {
    compared: `compared the access in both indexes, for every principal and path: ${lines.value.length} ${lines.value.length === 1 ? "line" : "lines"} of the access lock`,
    findings: [...shown.map(formatChange), ...wrong.map((line) => `${CONTRADICTED}: ${line}`)],
  };
}

/** Makes a finding of a comparison that can't be made: nobody knows whether the access changes. */
function notCompared(reason: string): AccessComparison {
  return { compared: `the access in the indexes was not compared: ${reason}`, findings: ["access: not compared"] };
}

const CONTRADICTED =
  "access: a module explains it otherwise than its index says, which is a mistake of rego-authorizer; please report it";

/** The access that a version has packed into its build, and its module. */
interface PackedAccess {
  readonly policy: AccessPolicy;
  readonly explain: Explain;
}

async function readAccess(dist: string, { conditions }: AccessPolicy): Promise<Result<PackedAccess, string>> {
  const fileOf = (name: string) => join(dist, "authorizer", name);
  const read = async (name: string) => parseJson(await readFile(fileOf(name), "utf8"));
  const [data, manifest] = await Promise.all([read("data.json"), read("manifest.json")]);
  const parsed = parsePolicyData(data);
  if (!parsed.ok) return err(formatPolicyIndexError(parsed.error));
  const { public_rules: publicRules = [] } = isObject(manifest) ? manifest : {};
  if (PUBLIC_RULES(publicRules) !== undefined)
    return err("the public rules have a form that this version does not know");
  const { grants, denials, roles } = parsed.value.index;
  const policy = { grants, denials, roles, conditions, publicRules: publicRules as readonly PublicRule[] };
  const module = new WebAssembly.Module(Uint8Array.from(await readFile(fileOf("policy.wasm"))));
  return ok({ policy, explain: createExplain(module, parsed.value, policy) });
}

/** A change with the request that shows it. */
interface Shown {
  readonly change: Change;
  readonly witness: Witness;
}

function formatChange({ change, witness: { input, assumes } }: Shown): string {
  const { kind, who, verbs, region, before, after, terms, by } = change;
  const rules = by.length === 0 ? "" : ` (${by.join(", ")})`;
  const assumed = Object.entries(assumes).map(([name, truth]) => `${name} is ${truth ? "true" : "not true"}`);
  const shows = `such as ${JSON.stringify(input)}${assumed.length === 0 ? "" : ` if ${assumed.join(", ")}`}`;
  return `access: ${kind} ${formatWho(who)}: ${verbs.join(",")} ${formatRegion(region)}: ${formatState(before, terms.before)} → ${formatState(after, terms.after)}${rules}, ${shows}`;
}

/** Formats what must hold for an access, and without that the access itself. */
function formatState(access: string, alternatives: readonly Terms[]): string {
  const texts = alternatives.map((terms) => formatTerms(terms).join(" ")).filter((text) => text !== "");
  return texts.length === 0 ? access : texts.join(" or ");
}
