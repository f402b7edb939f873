import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkFormat } from "../build/policy/format.ts";
import type { CheckedPolicy } from "../build/policy/read-policy.ts";
import { readRuleValues } from "../build/policy/rule-values.ts";
import { type ParsedFile, parseFile } from "../build/rego/files.ts";
import { formatUnifiedDiff } from "../build/unified-diff.ts";
import { dropConditions, editArea, listEditable, type SourceText, toSourceText } from "./edit-rule.ts";
import type { Proposal } from "./proposals.ts";
import { listUnnamed } from "./unnamed-conditions.ts";

/** One or more proposals as a patch. */
export interface Patch {
  readonly text: string;
  /** The conditions that the patch removes, since nothing names them any more. */
  readonly unnamed: readonly string[];
  /** The files that it changes, with their new text, by the name in the assembly. */
  readonly files: ReadonlyMap<string, string>;
}

/** The patches of proposals. */
export interface Patches {
  /** For each proposal its patch; undefined if there are too many or their files too large, or its rule can't be edited. */
  readonly each: readonly (Patch | undefined)[];
  /** The patch of all proposals that can be edited. */
  readonly all: Patch;
  /** Tells whether the rule of a proposal is written in a form that can be edited. */
  readonly isEditable: (proposal: Proposal) => boolean;
}

/** The most proposals that have a patch of their own, besides the one of all. */
const MAX_EACH = 200;

/** The most text that OPA formats for them. It takes a second for a large file. */
const MAX_EACH_CHARS = 2_000_000;

/** Takes the first proposals that may have a patch of their own. */
function takeFirst(proposals: readonly Proposal[], sources: readonly Source[]): readonly Proposal[] {
  let room = MAX_EACH_CHARS;
  return proposals.slice(0, MAX_EACH).filter(({ grant }) => {
    room -= sources.find(({ grants }) => grants.has(grant))?.source.text.length ?? 0;
    return room >= 0;
  });
}

/** A new text of a file. */
interface Variant {
  readonly source: Source;
  text: string;
}

/** The new texts of some proposals. */
interface Draft {
  readonly variants: readonly Variant[];
  readonly unnamed: readonly string[];
}

interface Source {
  readonly parsed: ParsedFile;
  readonly source: SourceText;
  /** The names of the grants that it defines. */
  readonly grants: ReadonlySet<string>;
}

/**
 * Makes the patches of proposals. A condition that only dropped grants named is removed with them, since the build refuses it.
 *
 * A file that OPA would not write in another way stays such a file; in another file, only the rules change.
 *
 * @param nameOf - The name that patches give a file of the assembly.
 */
export async function toPatches(
  policy: CheckedPolicy,
  proposals: readonly Proposal[],
  nameOf: (file: string) => string,
): Promise<Patches> {
  const sources = await readSources(policy, proposals);
  const draft = (some: readonly Proposal[]) => toDraft(policy, sources, some);
  const ofSource = (source: Source) => proposals.filter(({ grant }) => source.grants.has(grant));
  const { grants } = policy.index;
  const edited = sources.flatMap((source) => listEditable(source.source, source.parsed, ofSource(source), grants));
  const isEdited = new Set(edited);
  const editable = proposals.filter((proposal) => isEdited.has(proposal));
  const ofAll = draft(editable);
  const own = new Map(takeFirst(editable, sources).map((proposal) => [proposal, draft([proposal])]));
  const drafts = [ofAll, ...own.values()];
  await format(
    policy,
    drafts.flatMap(({ variants }) => variants),
  );
  const toPatch = ({ variants, unnamed }: Draft): Patch => ({
    text: variants
      .map(({ source: { parsed, source }, text }) => formatUnifiedDiff(nameOf(parsed.file), source.text, text))
      .join(""),
    unnamed,
    files: new Map(variants.map(({ source, text }) => [source.parsed.file, text])),
  });
  const each = proposals.map((proposal) => {
    const mine = own.get(proposal);
    return mine && toPatch(mine);
  });
  return { each, all: toPatch(ofAll), isEditable: (proposal) => isEdited.has(proposal) };
}

function toDraft(
  { index, sources: parsed }: CheckedPolicy,
  sources: readonly Source[],
  proposals: readonly Proposal[],
): Draft {
  const areas = sources.flatMap((source): readonly Variant[] => {
    const own = proposals.filter(({ grant }) => source.grants.has(grant));
    if (own.length === 0) return [];
    const text = editArea(source.source, source.parsed, own, index.grants);
    return text === undefined ? [] : [{ source, text }];
  });
  const dropped = proposals.flatMap(({ kind, grant }) => (kind === "drop grant" ? [grant] : []));
  const unnamed = listUnnamed(parsed, new Set(dropped));
  const conditions = sources
    .filter((source) => source.parsed.part === "conditions")
    .flatMap((source): readonly Variant[] => {
      const text = dropConditions(source.source, source.parsed, new Set(unnamed));
      return text === undefined || text === source.source.text ? [] : [{ source, text }];
    });
  return { variants: [...areas, ...conditions], unnamed };
}

/** Reads the sources of a policy. Of the areas with a proposal, it parses the terms with their locations, which an edit needs. */
function readSources(
  { sources, folder, opa }: CheckedPolicy,
  proposals: readonly Proposal[],
): Promise<readonly Source[]> {
  const values = readRuleValues(sources).filter(({ kind }) => kind === "grant");
  return Promise.all(
    sources.map(async (parsed) => {
      const grants = new Set(values.flatMap(({ file, name }) => (file === parsed.file ? [name] : [])));
      const isEdited = parsed.part === "area" && proposals.some(({ grant }) => grants.has(grant));
      return {
        parsed: isEdited ? await parseFile(opa, parsed) : parsed,
        source: toSourceText(await readFile(join(folder, parsed.file), "utf8")),
        grants,
      };
    }),
  );
}

/** Formats the new texts of files that OPA would not have written in another way, all in one run. */
async function format({ opa, folder }: CheckedPolicy, variants: readonly Variant[]): Promise<void> {
  const files = [...new Set(variants.map(({ source }) => source.parsed.file))];
  const untidy = new Set((await checkFormat(opa, files)).map(({ file }) => file));
  const tidy = variants.filter(({ source }) => !untidy.has(source.parsed.file));
  if (tidy.length === 0) return;
  const place = await mkdtemp(join(folder, "formatting-"));
  const fileOf = (at: number) => join(place, `${at}.rego`);
  await Promise.all(tidy.map(({ text }, at) => writeFile(fileOf(at), text)));
  await opa("fmt", "--write", place);
  for (const [at, variant] of tidy.entries()) variant.text = await readFile(fileOf(at), "utf8");
  await rm(place, { recursive: true });
}
