import type { InputReference } from "../../contract/manifest.ts";
import type { Opa } from "../opa/run.ts";
import type { ParsedFile } from "../rego/files.ts";
import { checkBlocks } from "./address-blocks.ts";
import { checkBlockLists } from "./block-lists.ts";
import { checkStatements } from "./condition-statements.ts";
import type { DataFiles } from "./data-files.ts";
import { type DeclaredFields, readDeclaredFields } from "./declared-fields.ts";
import { checkFailOpen, type Exemption, type FailOpenFindings } from "./fail-open.ts";
import { type ConditionReferences, referencesOfConditions } from "./input-references.ts";
import { type LateBy, readLateBy } from "./late-by.ts";
import { checkParameters } from "./missing-parameters.ts";
import { readMultiple } from "./multiple-values.ts";
import type { Problem } from "./problem.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** The problems of conditions and helpers, and the facts that the build derives from them. */
export interface ConditionChecks {
  readonly problems: readonly Problem[];
  readonly exemptions: readonly Exemption[];
  readonly references: readonly InputReference[];
  /** The references of each condition, without those to the principal. */
  readonly ofRequest: ConditionReferences["ofRequest"];
  /** The headers and query parameters that each condition declares as required. */
  readonly required: DeclaredFields["byCondition"];
  /** The headers and query parameters that each condition declares as having several values. */
  readonly multiple: DeclaredFields["byCondition"];
  /** How late a change of each condition may be noticed because time has passed, in seconds. */
  readonly lateBy: LateBy["byCondition"];
}

/** The findings for a policy whose conditions can't be checked yet. */
export const NO_CONDITIONS: ConditionChecks = {
  problems: [],
  exemptions: [],
  references: [],
  ofRequest: new Map(),
  required: new Map(),
  multiple: new Map(),
  lateBy: new Map(),
};

/** Checks conditions and helpers: what missing data could make true, what is never true, and what they read. */
export async function checkAllConditions(
  opa: Opa,
  sources: readonly ParsedFile[],
  vocabulary: Vocabulary,
  dataFiles: DataFiles,
  isTyped: boolean,
): Promise<ConditionChecks> {
  const readers = sources.filter(({ part }) => part === "conditions" || part === "library");
  const failOpen = readers.map((source) => checkFailOpen(source, vocabulary));
  const read = isTyped ? await readReferences(opa, sources, failOpen) : NOTHING_READ;
  const required = readDeclaredFields("required", sources, read.ofRequest);
  const multiple = readMultiple(sources, read.ofRequest, required.byCondition, vocabulary);
  const lateBy = readLateBy(sources, read.ofRequest);
  return {
    problems: [
      ...failOpen.flatMap((findings) => findings.problems),
      ...checkStatements(readers, vocabulary, dataFiles),
      ...checkBlockLists(readers, vocabulary, dataFiles),
      ...checkBlocks(readers, vocabulary, dataFiles),
      ...checkParameters(sources, vocabulary, dataFiles.base),
      ...read.problems,
      ...(isTyped && read.problems.length === 0
        ? [...required.problems, ...multiple.problems, ...lateBy.problems]
        : []),
    ],
    exemptions: failOpen.flatMap((findings) => findings.exemptions),
    references: read.references,
    ofRequest: read.ofRequest,
    required: required.byCondition,
    multiple: multiple.byCondition,
    lateBy: lateBy.byCondition,
  };
}

const NOTHING_READ: ConditionReferences = { references: [], ofRequest: new Map(), problems: [] };

/** Finds the fields that conditions read. `opa deps` fails on documents that don't exist; the fail-open check reports those. */
function readReferences(
  opa: Opa,
  sources: readonly ParsedFile[],
  failOpen: readonly FailOpenFindings[],
): Promise<ConditionReferences> {
  return referencesOfConditions(opa, sources).catch((error: unknown) => {
    if (failOpen.some((findings) => findings.problems.length > 0)) return NOTHING_READ;
    throw error;
  });
}
