import type { Read } from "../../authorizer/policy/manifest.ts";
import { err, ok, type Result } from "../../authorizer/result.ts";
import { CAPABILITIES_FILE } from "../builtins.ts";
import { type Need, needsOf, readRequired } from "../cache/needs.ts";
import type { RuleIndex } from "../cache/token-answers.ts";
import type { Opa } from "../opa-run.ts";
import { compareProblems, type Problem } from "../problem.ts";
import { type ClaimUse, readsOfConditions, readsOfEngine, sortedReads } from "../reads.ts";
import { isPolicy, listRego, parseSource, type RegoFile, type Source } from "../sources.ts";
import { checkConditions } from "./conditions.ts";
import { checkPackage, checkSchemas } from "./files.ts";
import { checkArea, checkDuplicates, checkRoles } from "./literals.ts";
import { checkNames } from "./names.ts";
import { readOpaErrors } from "./opa-errors.ts";
import { type Exemption, findOpenings } from "./openings.ts";
import { checkTree } from "./tree.ts";
import { readVocabulary, type Vocabulary } from "./vocabulary.ts";

/** The compiled index (`data.engine.index.compiled`), as far as the build reads it. */
type PolicyIndex = ClaimUse & RuleIndex;

/** A policy without problems, and what the build needs of it. */
export interface CheckedPolicy {
  readonly files: readonly RegoFile[];
  readonly reads: readonly Read[];
  readonly exemptions: readonly Exemption[];
  /** By condition, what it reads besides the token. */
  readonly needs: ReadonlyMap<string, readonly Need[]>;
  /** The JSON text of the data document: the index, and the base data if there is any. */
  readonly data: string;
  /** The index of it. */
  readonly index: PolicyIndex;
}

/** The query for what is packed as data: the index, and the base data if there is any. */
export const DATA_DOCUMENT =
  'object.union({"engine": {"index": {"compiled": data.engine.index.compiled}}}, {"data": base | base := data.data})';

/**
 * Checks all policies: OPA's own checks, the form of each file, the promise that missing data never opens, and
 * `data.engine.problems`.
 *
 * @returns What was learnt, or every problem, sorted.
 * @throws If OPA can't be run.
 */
export async function checkPolicies(opa: Opa, root: string): Promise<Result<CheckedPolicy, readonly Problem[]>> {
  const misplaced = await checkTree(root);
  if (misplaced.length > 0) return err(misplaced);
  const evaluate = (format: string, query: string) =>
    opa("eval", "--format", format, "--ignore", "*_test.rego", "--data", "policies", query);
  const [checked, builtIns, problems, data, files] = await Promise.all([
    opa(
      "check",
      "--format",
      "json",
      "--strict",
      "--capabilities",
      CAPABILITIES_FILE,
      "--schema",
      "policies/schemas",
      "policies",
    ),
    readBuiltIns(opa),
    evaluate("raw", "data.engine.problems"),
    evaluate("raw", DATA_DOCUMENT),
    listRego(root, "policies"),
  ]);
  if (!checked.succeeded) return err(readOpaErrors(checked, builtIns));

  const sources = await Promise.all(files.filter(isPolicy).map((file) => parseSource(opa, file)));
  const readers = sources.filter(({ part }) => part === "conditions" || part === "library");
  const vocabulary = readVocabulary(builtIns, readers);
  const openings = readers.map((source) => findOpenings(source, vocabulary));
  const conditions = await readsOfConditions(opa, sources).catch((error: unknown) => {
    // What conditions must not refer to, `opa deps` may not find; that is a problem already.
    if (openings.some((opening) => opening.problems.length > 0))
      return { reads: [], ofRequest: new Map(), problems: [] };
    throw error;
  });
  const required = readRequired(sources, conditions.ofRequest);
  const found = [
    ...files.flatMap(checkPackage),
    ...checkSchemas(sources),
    ...sources.flatMap((source) => checkRules(source, builtIns)),
    ...checkDuplicates(sources),
    ...checkNames(sources, vocabulary),
    ...openings.flatMap((opening) => opening.problems),
    ...conditions.problems,
    ...(conditions.problems.length === 0 ? required.problems : []),
    ...(problems.succeeded ? placed(JSON.parse(problems.stdout), sources) : []),
  ];
  // What OPA says of a policy that can't be evaluated comes from the same mistakes, and in more words.
  for (const output of [problems, data]) {
    if (found.length === 0 && !output.succeeded) found.push(...readOpaErrors(output, builtIns));
  }
  if (found.length > 0) return err(found.sort(compareProblems));

  const { engine, data: base } = JSON.parse(data.stdout) as {
    engine: { index: { compiled: PolicyIndex } };
    data?: unknown;
  };
  const nothing = findNothing(base, "data.data");
  if (nothing !== undefined) {
    return err([{ file: "policies/data", line: 1, message: `${nothing} is null or an empty text; leave it out` }]);
  }
  const index = engine.index.compiled;
  if (Object.keys(index.grants).length === 0) {
    return err([{ file: "policies/access", line: 1, message: "there is no grant, so everything would be denied" }]);
  }
  return ok({
    files,
    reads: sortedReads([...conditions.reads, ...readsOfEngine(index)]),
    needs: needsOf(conditions.ofRequest, required.byCondition),
    exemptions: openings.flatMap((opening) => opening.exemptions),
    data: data.stdout,
    index,
  });
}

function checkRules(source: Source, builtIns: BuiltIns): readonly Problem[] {
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

type BuiltIns = Vocabulary["builtIns"];

/** All built-in functions of OPA, allowed or not. */
export async function readBuiltIns(opa: Opa): Promise<BuiltIns> {
  const { stdout } = await opa("capabilities", "--current");
  const { builtins } = JSON.parse(stdout) as {
    builtins: readonly {
      readonly name: string;
      readonly decl: { readonly args?: readonly unknown[]; readonly result?: { readonly type: string } };
    }[];
  };
  return new Map(
    builtins.map(({ name, decl: { args = [], result } }) => [
      name,
      { arity: args.length, isPredicate: result?.type === "boolean" },
    ]),
  );
}

/** The place of a base datum that a claim without a value would be equal to. */
function findNothing(datum: unknown, name: string): string | undefined {
  if (datum === null || datum === "") return name;
  if (typeof datum !== "object") return undefined;
  return Object.entries(datum)
    .map(([key, value]) => findNothing(value, `${name}.${key}`))
    .find((found) => found !== undefined);
}

/** Problems that the engine found, at the rules they are about. */
function placed(
  problems: readonly { readonly code: string; readonly where: string; readonly message: string }[],
  sources: readonly Source[],
): readonly Problem[] {
  const places = new Map<string, { readonly file: string; readonly line: number }>();
  for (const { file, module, package: name } of sources.filter(({ part }) => part === "area" || part === "roles")) {
    for (const { head, location } of module.rules ?? []) {
      const where = `${name.replace("access.", "")}.${head.ref.at(-1)?.value}`;
      if (!places.has(where)) places.set(where, { file, line: location.row });
    }
  }
  return problems.map(({ code, where, message }) => ({
    ...(places.get(where) ?? { file: "policies", line: 1 }),
    message: `${where}: ${message} [${code}]`,
  }));
}
