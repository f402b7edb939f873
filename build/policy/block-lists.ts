import type { ParsedFile } from "../rego/files.ts";
import { nameOfDatum } from "./base-data.ts";
import type { DataFiles } from "./data-files.ts";
import { toBlockList } from "./negations.ts";
import type { Problem } from "./problem.ts";
import { createContext, findAbsent, formatTerm, shapeOf } from "./term-shapes.ts";
import { readImports, type Vocabulary } from "./vocabulary.ts";

/**
 * Finds lists of base data for which `not … in` would hold of everything, since the list is missing, has another type, or has items
 * that are not text and so equal no id, parameter or header.
 */
export function checkBlockLists(
  readers: readonly ParsedFile[],
  vocabulary: Vocabulary,
  { base, locate }: DataFiles,
): readonly Problem[] {
  return readers.flatMap(({ file, module, ...source }) => {
    const imports = readImports({ file, module, ...source });
    return (module.rules ?? []).flatMap((rule) => {
      const definition = { rule, package: `data.${source.package}`, imports };
      const context = createContext(definition, {
        scope: { vocabulary },
        facts: { base, parameters: undefined },
        depth: 0,
      });
      return rule.body.flatMap(({ terms, negated, location }): readonly Problem[] => {
        const block = negated === true ? toBlockList(terms, context.scope) : undefined;
        if (block === undefined) return [];
        const name = formatTerm(block.list);
        const line = location?.row ?? rule.location.row;
        if (findAbsent(block.list, context) !== undefined) {
          const message = `the base data has no ${name}, so nothing is ever in it and this always holds; add it in data/, beside access/, with [] if it has no items yet`;
          return [{ code: "data.block_list", file, line, message }];
        }
        return (shapeOf(block.list, context).values ?? []).flatMap(({ value, path }): readonly Problem[] => {
          const { form } = shapeOf(block.item, context);
          const isPossible = (item: unknown) => typeof item === "string" && form?.isPossible(item) !== false;
          const wrong = Array.isArray(value) ? value.findIndex((item) => !isPossible(item)) : undefined;
          if (wrong === -1) return [];
          const isText = Array.isArray(value) && typeof value[wrong ?? 0] === "string";
          const datum = wrong === undefined ? path : [...(path ?? []), wrong];
          const place = datum === undefined ? { file, line } : locate(datum);
          const message =
            wrong === undefined
              ? `${nameOfDatum(datum ?? [])} is not a list, so \`not … in ${name}\` holds of everybody whom it names; write a list of texts`
              : isText
                ? `${nameOfDatum(datum ?? [])} is never equal to ${formatTerm(block.item)}, which is ${form?.description}, so \`not … in ${name}\` holds of what it names; correct it`
                : `${nameOfDatum(datum ?? [])} is not text, so \`not … in ${name}\` holds of what it names; write it in quotes`;
          return [{ code: "data.block_list", ...place, message }];
        });
      });
    });
  });
}
