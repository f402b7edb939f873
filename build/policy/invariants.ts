import type { InvariantRegion, InvariantStatement, InvariantWho, LocatedInvariant } from "../../contract/invariants.ts";
import type { ParsedFile } from "../rego/files.ts";
import type { Term } from "../rego/syntax-tree.ts";
import { fieldOfTerm, textsIn } from "./rule-values.ts";

/**
 * Reads the invariants from syntax trees, sorted by name. They are written out as literals, so that nothing needs to be
 * evaluated. One that doesn't have the form of an invariant, which is a problem of its own, is left out.
 */
export function readInvariants(sources: readonly ParsedFile[]): readonly LocatedInvariant[] {
  return sources
    .filter(({ part }) => part === "invariants")
    .flatMap(({ file, module }) =>
      (module.rules ?? []).flatMap(({ head, location, annotations = [] }): readonly LocatedInvariant[] => {
        const [kind, name] = head.ref;
        const statement = toStatement(head.value);
        if (kind?.value !== "invariants" || name?.type !== "string" || statement === undefined) return [];
        const title = annotations.find((one) => one.title !== undefined)?.title;
        return [{ name: name.value, title, statement, file, line: location.row }];
      }),
    )
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function toStatement(value: Term | undefined): InvariantStatement | undefined {
  const region = toRegion(value);
  const disjoint = fieldOfTerm(value, "disjoint");
  if (disjoint?.type === "array") return { kind: "disjoint", whos: disjoint.value.map(toWho), region };
  if (region === undefined) return undefined;
  const requires = fieldOfTerm(value, "requires");
  if (requires !== undefined) return { kind: "requires", conditions: sortedTexts(requires), region };
  const never = fieldOfTerm(value, "never");
  if (never !== undefined) {
    return {
      kind: "never",
      who: toWho(never),
      isWhateverElse: fieldOfTerm(value, "whatever_else") !== undefined,
      region,
    };
  }
  for (const kind of ["only", "always"] as const) {
    const who = fieldOfTerm(value, kind);
    if (who !== undefined) return { kind, who: toWho(who), region };
  }
  return undefined;
}

function toRegion(value: Term | undefined): InvariantRegion | undefined {
  const path = fieldOfTerm(value, "path");
  if (path?.type !== "string") return undefined;
  return {
    verbs: sortedTexts(fieldOfTerm(value, "verbs")),
    path: path.value,
    apis: sortedTexts(fieldOfTerm(value, "api")),
  };
}

function toWho(term: Term): InvariantWho {
  const claims = fieldOfTerm(term, "claims");
  const byClaim = claims?.type === "object" ? claims.value : [];
  return {
    roles: sortedTexts(fieldOfTerm(term, "roles")),
    groups: sortedTexts(fieldOfTerm(term, "groups")),
    scopes: sortedTexts(fieldOfTerm(term, "scopes")),
    kinds: sortedTexts(fieldOfTerm(term, "kinds")),
    claims: byClaim.flatMap(([claim, values]) =>
      sortedTexts(values).map((value): readonly [string, string] => [String(claim.value), value]),
    ),
    issuers: sortedTexts(fieldOfTerm(term, "issuers")),
  };
}

function sortedTexts(term: Term | undefined): readonly string[] {
  return [...new Set(textsIn(term))].sort();
}
