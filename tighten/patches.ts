import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { checkFormat } from "../build/policy/format.ts";
import type { CheckedPolicy } from "../build/policy/read-policy.ts";
import type { ParsedFile } from "../build/rego/files.ts";
import { formatUnifiedDiff } from "../build/unified-diff.ts";
import { editArea } from "./edit-rule.ts";
import type { Proposal } from "./proposals.ts";

/** The patches of proposals. */
export interface Patches {
  /** For each proposal its patch; undefined if its rule is not written in a form that can be edited. */
  readonly each: readonly (string | undefined)[];
  /** The patch of all proposals that can be edited. */
  readonly all: string;
  /** The files that the patch of all changes, with their new text, by the name in the assembly. */
  readonly files: ReadonlyMap<string, string>;
}

/** A new text of a file. */
interface Variant {
  readonly file: string;
  readonly before: string;
  after: string;
}

/**
 * Makes the patches of proposals.
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
  const { grants } = policy.index;
  const sources = await readAreas(policy);
  const ofFile = new Map(
    sources.map((source) => [source, proposals.filter(({ grant }) => grant.startsWith(`${source.area}.`))]),
  );
  const variants: Variant[] = [];
  const each: (Variant | undefined)[] = proposals.map(() => undefined);
  const ofAll: Variant[] = [];
  for (const [{ parsed, text, area }, own] of ofFile) {
    const editable: Proposal[] = [];
    for (const proposal of own) {
      if (!proposal.grant.startsWith(`${area}.`)) continue;
      const after = editArea(text, parsed, [proposal], grants);
      if (after === undefined) continue;
      editable.push(proposal);
      const variant = { file: parsed.file, before: text, after };
      each[proposals.indexOf(proposal)] = variant;
      variants.push(variant);
    }
    const after = editable.length === 0 ? undefined : editArea(text, parsed, editable, grants);
    if (after === undefined) continue;
    const variant = { file: parsed.file, before: text, after };
    ofAll.push(variant);
    variants.push(variant);
  }
  await format(policy, variants);
  const toPatch = ({ file, before, after }: Variant) => formatUnifiedDiff(nameOf(file), before, after);
  return {
    each: each.map((variant) => variant && toPatch(variant)),
    all: ofAll.map(toPatch).join(""),
    files: new Map(ofAll.map(({ file, after }) => [file, after])),
  };
}

interface Area {
  readonly parsed: ParsedFile;
  readonly area: string;
  readonly text: string;
}

function readAreas({ sources, folder }: CheckedPolicy): Promise<readonly Area[]> {
  return Promise.all(
    sources
      .filter(({ part }) => part === "area")
      .map(async (parsed) => ({
        parsed,
        area: parsed.package.replace(/^access\./, ""),
        text: await readFile(join(folder, parsed.file), "utf8"),
      })),
  );
}

/** Formats the new texts of files that OPA would not have written in another way, all in one run. */
async function format({ opa, folder }: CheckedPolicy, variants: readonly Variant[]): Promise<void> {
  const untidy = new Set(
    (await checkFormat(opa, [...new Set(variants.map(({ file }) => file))])).map(({ file }) => file),
  );
  const tidy = variants.filter(({ file }) => !untidy.has(file));
  if (tidy.length === 0) return;
  const place = await mkdtemp(join(folder, "formatting-"));
  const fileOf = (at: number) => join(place, `${at}.rego`);
  await Promise.all(tidy.map(({ after }, at) => writeFile(fileOf(at), after)));
  await opa("fmt", "--write", place);
  for (const [at, variant] of tidy.entries()) variant.after = await readFile(fileOf(at), "utf8");
  await rm(place, { recursive: true });
}
