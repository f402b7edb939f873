import type { LocatedInvariant } from "../../contract/invariants.ts";
import type { IssuerSetting } from "../../contract/issuer-settings.ts";
import type { InputReference, RequestValue, UserTokenUse } from "../../contract/manifest.ts";
import { formatPolicyIndexError, parsePolicyData } from "../../contract/policy-data.ts";
import type { PolicyIndex } from "../../contract/policy-index.ts";
import type { LocatedPublicRule } from "../../contract/public-rules.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import type { LocatedRoute } from "../../contract/route.ts";
import type { Opa } from "../opa/run.ts";
import { isPolicy, listRego, type ParsedFile, parseFile, parsePolicyFile, type RegoFile } from "../rego/files.ts";
import { readAccepted, withoutAccepted } from "./accepted.ts";
import { type Assembly, assemble, findAlteredEngine } from "./assembly.ts";
import { checkBaseData } from "./base-data.ts";
import { checkCallerCalls } from "./caller-references.ts";
import { checkAllConditions, NO_CONDITIONS } from "./condition-checks.ts";
import { checkNames } from "./condition-names.ts";
import { checkConditions } from "./conditions.ts";
import { readDataFiles } from "./data-files.ts";
import { checkClaims, type DeclaredClaims, readDeclaredClaims } from "./declared-claims.ts";
import { askOpa, locateProblems, parseEngineProblems } from "./engine-queries.ts";
import { decideTokenUse } from "./escaped-denials.ts";
import type { Exemption } from "./fail-open.ts";
import { checkFormat } from "./format.ts";
import { referencesOfEngine, sortedReferences } from "./input-references.ts";
import { readInvariants } from "./invariants.ts";
import { type CacheKeyDependency, keyDependenciesOf } from "./key-dependencies.ts";
import { checkLayout } from "./layout.ts";
import { checkTitles } from "./metadata.ts";
import { readOpaErrors } from "./opa-errors.ts";
import { checkPackage, checkSchemas } from "./packages.ts";
import { compareProblems, inFolder, type Problem } from "./problem.ts";
import { checkPublicRoutes, toApiRule, withoutPublic } from "./public-routes.ts";
import { readPublicRules } from "./public-rules.ts";
import { toMissingGrant } from "./ready-grants.ts";
import { toRequestValues } from "./request-values.ts";
import { checkIssuerNames, checkRoleIssuers, checkWhereIssuers, toDeclaredIssuers } from "./role-issuers.ts";
import { checkRoutes, findRouteNotices, findUndeclaredApis } from "./routes.ts";
import { readRuleValues } from "./rule-values.ts";
import { checkArea, checkDuplicates, checkInvariants, checkRoles } from "./rules.ts";
import { checkSize } from "./size.ts";
import { readTokenUse } from "./token-use.ts";
import { pointToBrackets } from "./unbalanced-files.ts";
import { builtInsOf, readVocabulary, type Vocabulary } from "./vocabulary.ts";

/** A policy without problems, and the facts that the build derives from it. Disposing of it removes its assembly. */
export interface CheckedPolicy extends Assembly {
  readonly files: readonly RegoFile[];
  /** The syntax trees of the policies among `files`. */
  readonly sources: readonly ParsedFile[];
  readonly inputReferences: readonly InputReference[];
  /** The headers and query parameters that conditions read. */
  readonly requestValues: readonly RequestValue[];
  readonly exemptions: readonly Exemption[];
  /** The only kind of Cognito token that the policy accepts of users, if it says so. */
  readonly userTokenUse: UserTokenUse | undefined;
  /** The cache-key dependencies of each condition. */
  readonly keyDependencies: ReadonlyMap<string, readonly CacheKeyDependency[]>;
  /** The JSON text of the data document: the index, and the base data if there is any. */
  readonly data: string;
  /** The index in `data`. */
  readonly index: PolicyIndex;
  /** The rules that open routes to everybody. They are not in the index. */
  readonly publicRules: readonly LocatedPublicRule[];
  /** The statements about the whole policy, which `check` proves. They decide nothing, so they are not in the index either. */
  readonly invariants: readonly LocatedInvariant[];
  /** Findings that are right and may still surprise, such as a route that no grant names. */
  readonly notices: readonly Problem[];
}

/** The checks of a policy beyond its own problems. */
export interface PolicyChecks {
  /** The routes of the APIs that it is for. Without them, no rule is compared with routes. */
  readonly routes?: readonly LocatedRoute[] | undefined;
  /** The trusted issuers that the build packs, as far as it packs any. */
  readonly issuers?: readonly IssuerSetting[] | undefined;
  /** Checks what reviewers need, too: titles and format. A policy without them builds. */
  readonly isForReview?: boolean;
}

/**
 * Reads and checks a company's policies: the layout of the folder, OPA's own checks, the form of each file, conditions that
 * missing data could make true or that are never true, and `data.engine.problems`.
 *
 * @param opaPath - The executable of OPA.
 * @param policies - The company's folder, which has `access/`.
 * @returns The policy, or every problem, sorted. The files of problems are named from `policies`.
 * @throws If OPA can't be run, or the engine makes an index that the build does not know. Neither is a problem of the policy.
 */
export async function readPolicy(
  opaPath: string,
  policies: string,
  checks: PolicyChecks = {},
): Promise<Result<CheckedPolicy, readonly Problem[]>> {
  const misplaced = await checkFolder(policies);
  if (misplaced.length > 0) return err(misplaced);
  const claims = await readDeclaredClaims(policies);
  const assembly = await assemble(opaPath, policies);
  const policy = await readAssembled(assembly, claims, checks).catch(async (error: unknown) => {
    await assembly[Symbol.asyncDispose]();
    throw error;
  });
  if (policy.ok) return ok({ ...policy.value, notices: inFolder(policies, policy.value.notices) });
  await assembly[Symbol.asyncDispose]();
  return err(inFolder(policies, policy.error));
}

/** Checks which files are in a company's folder, and how large they are, before OPA reads them. Files are named from `policies`. */
export async function checkFolder(policies: string): Promise<readonly Problem[]> {
  const misplaced = [...(await checkLayout(policies)), ...(await findAlteredEngine(policies))];
  return inFolder(policies, misplaced.length > 0 ? misplaced : await checkSize(policies));
}

async function readAssembled(
  assembly: Assembly,
  claims: DeclaredClaims,
  { routes, issuers, isForReview = false }: PolicyChecks,
): Promise<Result<CheckedPolicy, readonly Problem[]>> {
  const { opa, folder } = assembly;
  const dataFiles = await readDataFiles(assembly);
  const files = await listRego(folder, "policies");
  const parsing = Promise.all(files.filter(isPolicy).map((file) => parsePolicyFile(opa, folder, file)));
  const [{ checked, problems, data }, builtIns, parsed] = await Promise.all([
    askOpa(assembly, files, parsing),
    builtInsOf(assembly),
    parsing,
  ]);
  const ofOpa = checked.succeeded ? [] : await pointToBrackets(folder, readOpaErrors(checked, builtIns));
  const broken = new Set(ofOpa.flatMap(({ code, file }) => (code === "opa.parse" ? [file] : [])));
  const whole = files.filter(({ file }) => !broken.has(file));
  const sources = parsed.filter((source) => source !== undefined).filter(({ file }) => !broken.has(file));
  const vocabulary = readVocabulary(builtIns, sources.filter(isReader), dataFiles.base);
  const rules = readRuleValues(sources);
  const publicRules = readPublicRules(sources);
  const closed = withoutPublic(publicRules, routes ?? []);

  const conditions = canFollowConditions(ofOpa)
    ? await checkAllConditions(opa, sources, vocabulary, dataFiles, checked.succeeded)
    : NO_CONDITIONS;
  const ofClaims = checked.succeeded ? await checkAllClaims(opa, sources, vocabulary, claims) : [];
  const declared = readTokenUse(sources);
  const declaredIssuers = toDeclaredIssuers(claims, issuers);
  const found = [
    ...dataFiles.problems,
    ...claims.problems,
    ...whole.flatMap(checkPackage),
    ...checkSchemas(sources),
    ...sources.flatMap((source) => checkRules(source, builtIns)),
    ...checkDuplicates(sources),
    ...(broken.size === 0 ? checkNames(sources, vocabulary) : []),
    ...checkCallerCalls(sources, vocabulary),
    ...declared.problems,
    ...conditions.problems,
    ...ofClaims,
    ...checkIssuerNames(sources, claims),
    ...checkRoleIssuers(sources, declaredIssuers),
    ...(routes === undefined ? [] : [...checkRoutes(rules, closed), ...checkPublicRoutes(publicRules, routes)]),
    ...(problems.succeeded ? locateProblems(parseEngineProblems(problems.stdout), sources) : []),
  ].filter((problem) => !isAboutBroken(problem, files, broken));
  // If OPA can't evaluate the policy, the problems above are the cause and say it better than OPA.
  for (const output of [problems, data]) {
    if (found.length + ofOpa.length === 0 && !output.succeeded) found.push(...readOpaErrors(output, builtIns));
  }
  const index = found.length + ofOpa.length > 0 ? undefined : readIndex(data.stdout);
  if (index !== undefined) found.push(...checkBaseData(dataFiles.base, dataFiles));
  if (index !== undefined && Object.keys(index.grants).length === 0) found.push(await toMissingGrant(folder, files));
  if (index !== undefined) found.push(...checkWhereIssuers(index, declaredIssuers, sources));
  const decided = index === undefined ? undefined : decideTokenUse(index, declared.tokenUse, sources);
  found.push(...(decided?.problems ?? []));
  const ofReview = isForReview ? await checkForReview(opa, sources, whole) : [];
  const all = [
    ...ofOpa,
    ...withoutThoseOf(ofOpa, [...found, ...ofReview.filter((one) => !isAboutBroken(one, files, broken))]),
  ];
  if (all.length > 0 || index === undefined) return err(all.sort(compareProblems));
  return ok({
    ...assembly,
    files,
    sources,
    inputReferences: sortedReferences([...conditions.references, ...referencesOfEngine(index)]),
    requestValues: toRequestValues(conditions.ofRequest, conditions),
    keyDependencies: keyDependenciesOf(conditions.ofRequest, conditions.required, conditions.lateBy),
    userTokenUse: decided?.tokenUse,
    exemptions: conditions.exemptions,
    data: data.stdout,
    index,
    publicRules,
    invariants: readInvariants(sources),
    notices: withoutAccepted(
      [
        ...(decided?.notices ?? []),
        ...(routes === undefined
          ? findUndeclaredApis([...rules, ...publicRules.map(toApiRule)])
          : findRouteNotices(rules, closed)),
      ],
      readAccepted(sources),
    ),
  });
}

/** Checks the claims that a policy reads. A problem is on the line of its term, so areas with one are parsed with their terms' locations. */
async function checkAllClaims(
  opa: Opa,
  sources: readonly ParsedFile[],
  vocabulary: Vocabulary,
  claims: DeclaredClaims,
): Promise<readonly Problem[]> {
  const found = checkClaims(sources, vocabulary, claims);
  const files = new Set(found.map(({ file }) => file));
  const isArea = (source: ParsedFile) => source.part === "area" && files.has(source.file);
  if (!sources.some(isArea)) return found;
  const located = await Promise.all(sources.map((source) => (isArea(source) ? parseFile(opa, source) : source)));
  return checkClaims(located, vocabulary, claims);
}

function readIndex(text: string): PolicyIndex {
  const parsed = parsePolicyData(JSON.parse(text));
  if (!parsed.ok) throw new Error(formatPolicyIndexError(parsed.error));
  return parsed.value.index;
}

function isReader({ part }: ParsedFile): boolean {
  return part === "conditions" || part === "library";
}

/**
 * Tells whether conditions can be followed into the rules that they name. OPA finds errors in stages, and after types come
 * none that would make that impossible, such as a rule that depends on itself.
 */
function canFollowConditions(ofOpa: readonly Problem[]): boolean {
  return ofOpa.every(({ code }) => code === "opa.type" || code === "opa.undefined_reference");
}

/** Tells whether a problem may be absent once the syntax of another file of the package is right. */
function isAboutBroken({ code, file }: Problem, files: readonly RegoFile[], broken: ReadonlySet<string>): boolean {
  if (broken.size === 0 || (code !== "package.missing_schema" && code !== "title.package")) return false;
  const name = files.find((one) => one.file === file)?.package;
  return files.some((one) => broken.has(one.file) && one.package === name);
}

/** Leaves out problems of lines about which OPA has reported one: that is the cause of the others. */
function withoutThoseOf(ofOpa: readonly Problem[], problems: readonly Problem[]): readonly Problem[] {
  const lines = new Set(ofOpa.map(({ file, line }) => `${file}:${line}`));
  return problems.filter(({ file, line }) => !lines.has(`${file}:${line}`));
}

async function checkForReview(
  opa: Opa,
  sources: readonly ParsedFile[],
  whole: readonly RegoFile[],
): Promise<readonly Problem[]> {
  const own = whole.filter(({ file }) => file.startsWith("policies/access/")).map(({ file }) => file);
  return [...checkTitles(sources), ...(await checkFormat(opa, own))];
}

function checkRules(source: ParsedFile, builtIns: Vocabulary["builtIns"]): readonly Problem[] {
  switch (source.part) {
    case "area":
      return checkArea(source);
    case "roles":
      return checkRoles(source);
    case "conditions":
      return checkConditions(source, builtIns);
    case "invariants":
      return checkInvariants(source);
    default:
      return [];
  }
}
