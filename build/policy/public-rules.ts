import type { LocatedPublicRule, PublicRule } from "../../contract/public-rules.ts";
import type { ParsedFile } from "../rego/files.ts";
import { fieldOfTerm, textsIn } from "./rule-values.ts";

/**
 * Reads the public rules from syntax trees, sorted by name. They are written out as literals, so that nothing needs to be evaluated.
 * A rule without a path, which is a problem of its own, is left out.
 */
export function readPublicRules(sources: readonly ParsedFile[]): readonly LocatedPublicRule[] {
  return sources
    .filter(({ part }) => part === "area")
    .flatMap(({ file, package: name, module }) => {
      const area = name.replace(/^access\./, "");
      return (module.rules ?? []).flatMap(({ head, location, annotations = [] }): readonly LocatedPublicRule[] => {
        const [kind, key] = head.ref;
        const path = fieldOfTerm(head.value, "path");
        if (kind?.value !== "public" || path?.type !== "string") return [];
        const apis = [...textsIn(fieldOfTerm(head.value, "api"))].sort();
        const title = annotations.find((one) => one.title !== undefined)?.title;
        return [
          {
            area,
            name: `${area}.${key?.value}`,
            verbs: [...textsIn(fieldOfTerm(head.value, "verbs"))].sort(),
            path: path.value,
            ...(apis.length > 0 && { apis }),
            ...(title !== undefined && { title }),
            file,
            line: location.row,
          },
        ];
      });
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Leaves out the places, so that the rule is the same wherever the policy is written. */
export function toPublicRule({ name, verbs, path, apis, title }: LocatedPublicRule): PublicRule {
  return { name, verbs, path, ...(apis !== undefined && { apis }), ...(title !== undefined && { title }) };
}
