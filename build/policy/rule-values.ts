import type { ParsedFile } from "../rego/files.ts";
import type { Term } from "../rego/syntax-tree.ts";

/** The parts of a grant or denial that the build compares with other things, as they are written. */
export interface RuleValues {
  readonly kind: "grant" | "denial";
  /** `orders.refund` */
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** The names of the APIs that it is for; empty: all. */
  readonly apis: readonly string[];
  readonly verbs: readonly string[];
  /** Undefined if it is missing or not a string. */
  readonly path: string | undefined;
  /** The conditions of `when` or `unless`. */
  readonly conditions: readonly string[];
  /** The claims of `where`. */
  readonly claims: readonly string[];
}

/** Reads grants and denials from syntax trees, so that a policy without an index has them, too. */
export function readRuleValues(sources: readonly ParsedFile[]): readonly RuleValues[] {
  return sources
    .filter(({ part }) => part === "area")
    .flatMap(({ file, package: area, module }) =>
      (module.rules ?? []).flatMap(({ head, location }): readonly RuleValues[] => {
        const [kind, name] = head.ref;
        if (kind?.value !== "grants" && kind?.value !== "denials") return [];
        const path = fieldOfTerm(head.value, "path");
        return [
          {
            kind: kind.value === "grants" ? "grant" : "denial",
            name: `${area.replace(/^access\./, "")}.${name?.value}`,
            file,
            line: location.row,
            apis: textsIn(fieldOfTerm(head.value, "api")),
            verbs: textsIn(fieldOfTerm(head.value, "verbs")),
            path: path?.type === "string" ? path.value : undefined,
            conditions: [...textsIn(fieldOfTerm(head.value, "when")), ...textsIn(fieldOfTerm(head.value, "unless"))],
            claims: textsIn(fieldOfTerm(head.value, "where")),
          },
        ];
      }),
    );
}

/** Gives the value of a key of a literal object. */
export function fieldOfTerm(term: Term | undefined, key: string): Term | undefined {
  if (term?.type !== "object") return undefined;
  return term.value.find(([own]) => own.value === key)?.[1];
}

/** Lists the texts in a literal set or list, or the values of a literal object. */
function textsIn(term: Term | undefined): readonly string[] {
  const items =
    term?.type === "object"
      ? term.value.map(([, value]) => value)
      : term?.type === "set" || term?.type === "array"
        ? term.value
        : [];
  return items.flatMap((item) => (item.type === "string" ? [item.value] : []));
}
