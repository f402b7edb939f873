import { readRuleValues } from "../build/policy/rule-values.ts";
import type { ParsedFile } from "../build/rego/files.ts";
import { type Rule, termsIn, textOf, variablesIn } from "../build/rego/syntax-tree.ts";

/**
 * Lists the conditions that nothing names any more without some grants. The build refuses a policy that has one, since readers
 * would take it for a protection. Conditions that no grant or denial named before are not listed.
 */
export function listUnnamed(sources: readonly ParsedFile[], dropped: ReadonlySet<string>): readonly string[] {
  const rules = readRuleValues(sources);
  const isDropped = ({ kind, name }: (typeof rules)[number]) => kind === "grant" && dropped.has(name);
  const left = new Set(rules.filter((rule) => !isDropped(rule)).flatMap(({ conditions }) => conditions));
  const candidates = rules.filter(isDropped).flatMap(({ conditions }) => conditions);
  const unnamed = new Set<string>();
  // A condition may refer to another one, which is unnamed as soon as the first is.
  for (let queue = candidates; queue.length > 0; ) {
    const [name = "", ...others] = queue;
    queue = others;
    if (left.has(name) || unnamed.has(name) || isReferredTo(name, sources, unnamed)) continue;
    unnamed.add(name);
    queue = [...queue, ...listReferences(sources, name)];
  }
  return [...unnamed].sort();
}

function isReferredTo(name: string, sources: readonly ParsedFile[], unnamed: ReadonlySet<string>): boolean {
  return rulesOf(sources).some((rule) => {
    const own = nameOf(rule);
    return own !== name && !unnamed.has(own) && wordsIn(rule).has(name);
  });
}

function listReferences(sources: readonly ParsedFile[], name: string): readonly string[] {
  const defined = new Set(rulesOf(sources.filter(({ part }) => part === "conditions")).map(nameOf));
  return rulesOf(sources)
    .filter((rule) => nameOf(rule) === name)
    .flatMap((rule) => [...wordsIn(rule)].filter((word) => word !== name && defined.has(word)));
}

function rulesOf(sources: readonly ParsedFile[]): readonly Rule[] {
  return sources
    .filter(({ part }) => part === "conditions" || part === "library")
    .flatMap(({ module }) => module.rules ?? []);
}

function nameOf({ head }: Rule): string {
  return String(head.ref[0]?.value);
}

/** Lists the variables and texts below a rule, with which it may refer to another one. */
function wordsIn(rule: Rule): ReadonlySet<string> {
  return new Set(termsIn(rule).flatMap((term) => (term.type === "var" || term.type === "string" ? [term.value] : [])));
}

/** Lists the imports of a file that none of the rules that are left uses. */
export function listUnusedImports({ module }: ParsedFile, isLeft: (rule: Rule) => boolean): readonly ImportPlace[] {
  const used = new Set((module.rules ?? []).filter(isLeft).flatMap((rule) => variablesIn(rule)));
  return (module.imports ?? []).flatMap(({ alias, path, location }) => {
    const name = alias ?? textOf(path).split(".").at(-1) ?? "";
    return used.has(name) ? [] : [{ row: location.row }];
  });
}

/** The row of an import. */
export interface ImportPlace {
  readonly row: number;
}
