import type { InputReference, UserTokenUse } from "../../contract/manifest.ts";
import { formatPolicyIndexError, type PolicyIndex, parsePolicyData } from "../../contract/policy-index.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import type { Opa } from "../opa/run.ts";
import { isPolicy, listRego, type ParsedFile, parseFile, type RegoFile } from "../rego/files.ts";
import { type Assembly, assemble, findAlteredEngine } from "./assembly.ts";
import { checkBaseData } from "./base-data.ts";
import { CAPABILITIES_FILE } from "./builtins.ts";
import { checkCallerCalls } from "./caller-references.ts";
import { checkNames } from "./condition-names.ts";
import { checkConditions } from "./conditions.ts";
import { DATA_DOCUMENT, evaluate, locateProblems, parseEngineProblems } from "./engine-queries.ts";
import { findEscapedDenials } from "./escaped-denials.ts";
import { checkFailOpen, type Exemption, type FailOpenFindings } from "./fail-open.ts";
import {
  type ConditionReferences,
  referencesOfConditions,
  referencesOfEngine,
  sortedReferences,
} from "./input-references.ts";
import { type CacheKeyDependency, keyDependenciesOf, readRequired } from "./key-dependencies.ts";
import { readLateBy } from "./late-by.ts";
import { checkLayout } from "./layout.ts";
import { readOpaErrors } from "./opa-errors.ts";
import { checkPackage, checkSchemas } from "./packages.ts";
import { compareProblems, inFolder, type Problem } from "./problem.ts";
import { checkArea, checkDuplicates, checkRoles } from "./rules.ts";
import { readTokenUse } from "./token-use.ts";
import { readBuiltIns, readVocabulary, type Vocabulary } from "./vocabulary.ts";

/** A policy without problems, and the facts that the build derives from it. Disposing of it removes its assembly. */
export interface CheckedPolicy extends Assembly {
  readonly files: readonly RegoFile[];
  /** The syntax trees of the policies among `files`. */
  readonly sources: readonly ParsedFile[];
  readonly inputReferences: readonly InputReference[];
  readonly exemptions: readonly Exemption[];
  /** The only kind of Cognito token that the policy accepts of users, if it says so. */
  readonly userTokenUse: UserTokenUse | undefined;
  /** The cache-key dependencies of each condition. */
  readonly keyDependencies: ReadonlyMap<string, readonly CacheKeyDependency[]>;
  /** The JSON text of the data document: the index, and the base data if there is any. */
  readonly data: string;
  /** The index in `data`. */
  readonly index: PolicyIndex;
}

/**
 * Reads and checks a company's policies: the layout of the folder, OPA's own checks, the form of each file, conditions that
 * missing data could make true, and `data.engine.problems`.
 *
 * @param opaPath - The executable of OPA.
 * @param policies - The company's folder, which has `access/`.
 * @returns The policy, or every problem, sorted. The files of problems are named from `policies`.
 * @throws If OPA can't be run, or the engine makes an index that the build does not know. Neither is a problem of the policy.
 */
export async function readPolicy(
  opaPath: string,
  policies: string,
): Promise<Result<CheckedPolicy, readonly Problem[]>> {
  const misplaced = await checkFolder(policies);
  if (misplaced.length > 0) return err(misplaced);
  const assembly = await assemble(opaPath, policies);
  const policy = await readAssembled(assembly).catch(async (error: unknown) => {
    await assembly[Symbol.asyncDispose]();
    throw error;
  });
  if (policy.ok) return policy;
  await assembly[Symbol.asyncDispose]();
  return err(inFolder(policies, policy.error));
}

/** Checks which files are in a company's folder, before the build reads them. Files are named from `policies`. */
export async function checkFolder(policies: string): Promise<readonly Problem[]> {
  return inFolder(policies, [...(await checkLayout(policies)), ...(await findAlteredEngine(policies))]);
}

async function readAssembled(assembly: Assembly): Promise<Result<CheckedPolicy, readonly Problem[]>> {
  const { opa, folder } = assembly;
  const [checked, builtIns, problems, data, files] = await Promise.all([
    runOpaCheck(opa),
    readBuiltIns(opa),
    evaluate(opa, "data.engine.problems"),
    evaluate(opa, DATA_DOCUMENT),
    listRego(folder, "policies"),
  ]);
  if (!checked.succeeded) return err(readOpaErrors(checked, builtIns));

  const sources = await Promise.all(files.filter(isPolicy).map((file) => parseFile(opa, file)));
  const readers = sources.filter(({ part }) => part === "conditions" || part === "library");
  const vocabulary = readVocabulary(builtIns, readers);
  const failOpen = readers.map((source) => checkFailOpen(source, vocabulary));
  const conditions = await readConditions(opa, sources, failOpen);
  const declared = readTokenUse(sources);
  const required = readRequired(sources, conditions.ofRequest);
  const lateBy = readLateBy(sources, conditions.ofRequest);
  const found = [
    ...files.flatMap(checkPackage),
    ...checkSchemas(sources),
    ...sources.flatMap((source) => checkRules(source, builtIns)),
    ...checkDuplicates(sources),
    ...checkNames(sources, vocabulary),
    ...checkCallerCalls(sources, vocabulary),
    ...declared.problems,
    ...failOpen.flatMap((findings) => findings.problems),
    ...conditions.problems,
    ...(conditions.problems.length === 0 ? [...required.problems, ...lateBy.problems] : []),
    ...(problems.succeeded ? locateProblems(parseEngineProblems(problems.stdout), sources) : []),
  ];
  // If OPA can't evaluate the policy, the problems above are the cause and say it better than OPA.
  for (const output of [problems, data]) {
    if (found.length === 0 && !output.succeeded) found.push(...readOpaErrors(output, builtIns));
  }
  if (found.length > 0) return err(found.sort(compareProblems));

  const parsed = parsePolicyData(JSON.parse(data.stdout));
  if (!parsed.ok) throw new Error(formatPolicyIndexError(parsed.error));
  const { index, base } = parsed.value;
  const atLast = [
    ...checkBaseData(base),
    ...checkGrants(index),
    ...findEscapedDenials(index, declared.tokenUse, sources),
  ];
  if (atLast.length > 0) return err(atLast);
  return ok({
    ...assembly,
    files,
    sources,
    inputReferences: sortedReferences([...conditions.references, ...referencesOfEngine(index)]),
    keyDependencies: keyDependenciesOf(conditions.ofRequest, required.byCondition, lateBy.byCondition),
    userTokenUse: declared.tokenUse,
    exemptions: failOpen.flatMap((findings) => findings.exemptions),
    data: data.stdout,
    index,
  });
}

/** Runs OPA's own checks: unused and unsafe variables, the schema of the input, the allowed functions. */
function runOpaCheck(opa: Opa) {
  const limits = ["--capabilities", CAPABILITIES_FILE, "--schema", "policies/schemas"];
  return opa("check", "--format", "json", "--strict", ...limits, "policies");
}

/** Finds the fields that conditions read. `opa deps` fails on documents that don't exist; the fail-open check reports those. */
function readConditions(
  opa: Opa,
  sources: readonly ParsedFile[],
  failOpen: readonly FailOpenFindings[],
): Promise<ConditionReferences> {
  return referencesOfConditions(opa, sources).catch((error: unknown) => {
    if (failOpen.some((findings) => findings.problems.length > 0))
      return { references: [], ofRequest: new Map(), problems: [] };
    throw error;
  });
}

function checkRules(source: ParsedFile, builtIns: Vocabulary["builtIns"]): readonly Problem[] {
  switch (source.part) {
    case "area":
      return checkArea(source);
    case "roles":
      return checkRoles(source);
    case "conditions":
      return checkConditions(source, builtIns);
    default:
      return [];
  }
}

function checkGrants({ grants }: PolicyIndex): readonly Problem[] {
  if (Object.keys(grants).length > 0) return [];
  const message = "the policy has no grant, so every request would be denied; write a grant in an area";
  return [{ code: "grant.missing", file: "policies/access", line: 1, message }];
}
