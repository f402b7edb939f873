import { groupBy } from "../../contract/group-by.ts";
import type { Opa } from "../opa/run.ts";
import type { ParsedFile } from "../rego/files.ts";
import { nameOfRule, type Rule } from "../rego/syntax-tree.ts";
import type { Assembly } from "./assembly.ts";
import { findEmptyData } from "./base-data.ts";
import type { DataPath } from "./data-files.ts";

/** A built-in function of OPA. */
export interface BuiltIn {
  readonly arity: number;
  /** True if its result is true or false. */
  readonly isPredicate: boolean;
}

/** The imports of a file: full names, by the names that the file uses. A part with other characters is in brackets: `data.data["a.b"]`. */
export type Imports = ReadonlyMap<string, string>;

/** One definition of a condition or a helper; a rule of one name can have several. */
export interface Definition {
  readonly rule: Rule;
  /** `data.access_lib` */
  readonly package: string;
  readonly imports: Imports;
}

/** The names that conditions and helpers can use. */
export interface Vocabulary {
  /** All built-in functions of OPA, allowed or not. */
  readonly builtIns: ReadonlyMap<string, BuiltIn>;
  /** Conditions and helpers by full name: `data.access.conditions.in_the_office`, `data.access_lib.is_ours`. */
  readonly helpers: ReadonlyMap<string, readonly Definition[]>;
  /** The places of base data that are empty, which a claim without a value could equal. */
  readonly emptyData: readonly DataPath[];
}

/** Lists all built-in functions of OPA, allowed or not. */
export async function readBuiltIns(opa: Opa): Promise<Vocabulary["builtIns"]> {
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

const builtInsByPath = new Map<string, Promise<Vocabulary["builtIns"]>>();

/** Lists the built-in functions as {@link readBuiltIns} does, and asks each executable of OPA once in a process. */
export function builtInsOf({ opa, opaPath }: Assembly): Promise<Vocabulary["builtIns"]> {
  const known = builtInsByPath.get(opaPath) ?? readBuiltIns(opa);
  builtInsByPath.set(opaPath, known);
  return known;
}

/**
 * Collects the conditions and helpers of some files. A package may have several files.
 *
 * @param base - The value of `data.data`; undefined if it is not known or does not matter.
 */
export function readVocabulary(
  builtIns: ReadonlyMap<string, BuiltIn>,
  sources: readonly ParsedFile[],
  base?: unknown,
): Vocabulary {
  const definitions = sources.flatMap((source) => {
    const imports = readImports(source);
    return (source.module.rules ?? []).map((rule) => ({ rule, package: `data.${source.package}`, imports }));
  });
  const helpers = groupBy(definitions, (one) => `${one.package}.${nameOfRule(one.rule)}`);
  return { builtIns, helpers, emptyData: base === undefined ? [] : findEmptyData(base) };
}

/** Finds the condition or helper that a full name leads to or into: `data.access_lib.limits.max` to `data.access_lib.limits`. */
export function findHelper(name: string, { helpers }: Vocabulary): readonly Definition[] | undefined {
  for (let end = name.length; end > 0; end = name.lastIndexOf(".", end - 1)) {
    const found = helpers.get(name.slice(0, end));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Tells whether every definition has the value `true`, so that the rule is true or undefined, and never false. */
export function isTest(definitions: readonly Definition[]): boolean {
  return definitions.every(({ rule: { head } }) => {
    return head.value?.type === "boolean" && head.value.value && head.key === undefined;
  });
}

/** Counts the arguments of a function; undefined for a rule without arguments. */
export function arityOf([definition]: readonly Definition[]): number | undefined {
  return definition?.rule.head.args?.length;
}

/** Reads the imports of a file. */
export function readImports({ module: { imports = [] } }: ParsedFile): Imports {
  return new Map(
    imports.map(({ path, alias }) => {
      const parts = path.type === "ref" ? path.value.map(({ value }) => String(value)) : [];
      return [alias ?? parts.at(-1) ?? "", formatFullName(parts)];
    }),
  );
}

/** Formats a full name, so that no two have one text: `data.data.office`, `data.data["a.b"]`. */
function formatFullName([first = "", ...parts]: readonly string[]): string {
  return [first, ...parts.map((part) => (/^\w+$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`))].join("");
}

/** Parses a full name of an import into its parts. */
export function parseFullName(name: string): readonly string[] {
  return [...name.matchAll(/\["(?:[^"\\]|\\.)*"\]|[^.[\]]+/g)].map(([part]) =>
    part.startsWith("[") ? String(JSON.parse(part.slice(1, -1))) : part,
  );
}
