import { parseTemplate } from "../../contract/path-template.ts";
import type { IndexedDenial, IndexedGrant, IndexedShape, PolicyIndex } from "../../contract/policy-index.ts";
import { methodsOfAll } from "../../contract/route.ts";
import type { Mutant } from "./mutants.ts";

type Places = Record<string, Record<string, { grants?: string[]; denials?: string[] }>>;

interface Shape {
  readonly segments: number;
  readonly literals: readonly number[];
  readonly isGreedy: boolean;
  readonly places: Places;
}

/** Arranges grants and denials for look-up, as `policies/engine/index.rego` does. The order of shapes may differ. */
export function arrange(
  grants: PolicyIndex["grants"],
  denials: PolicyIndex["denials"],
): Pick<PolicyIndex, "exact" | "greedy"> {
  const shapes = new Map<string, Shape>();
  const add = (kind: "grants" | "denials", name: string, { path, verbs }: IndexedGrant | IndexedDenial) => {
    const template = parseTemplate(path);
    const kinds = template.map((segment) => (segment.kind === "literal" ? "l" : segment.isGreedy ? "r" : "p")).join("");
    const literals = template.flatMap((segment, at) => (segment.kind === "literal" ? [at] : []));
    const shape = shapes.get(kinds) ?? {
      segments: template.length,
      literals,
      isGreedy: kinds.endsWith("r"),
      places: Object.create(null),
    };
    shapes.set(kinds, shape);
    const key = template.flatMap((segment) => (segment.kind === "literal" ? [segment.text] : [])).join("/");
    const methods = shape.places[key] ?? Object.create(null);
    shape.places[key] = methods;
    for (const method of methodsOfAll(verbs)) {
      const place = methods[method] ?? {};
      place[kind] = [...(place[kind] ?? []), name].sort();
      methods[method] = place;
    }
  };
  for (const [name, grant] of Object.entries(grants)) add("grants", name, grant);
  for (const [name, denial] of Object.entries(denials)) add("denials", name, denial);
  const listed = ({ segments, literals, places }: Shape): IndexedShape => ({ segments, literals, places });
  const exact = [...shapes.values()].filter(({ isGreedy }) => !isGreedy);
  const longest = Math.max(0, ...exact.map(({ segments }) => segments));
  return {
    exact: Array.from({ length: longest + 1 }, (_, length) =>
      exact.filter(({ segments }) => segments === length).map(listed),
    ),
    greedy: [...shapes.values()].filter(({ isGreedy }) => isGreedy).map(listed),
  };
}

/** Makes the whole index of a mutant. */
export function toMutatedIndex(index: PolicyIndex, { changed }: Mutant): PolicyIndex {
  const grants: Record<string, IndexedGrant> = { ...index.grants };
  const denials: Record<string, IndexedDenial> = { ...index.denials };
  let { roles } = index;
  for (const one of changed) {
    if (one.kind === "roles") roles = one.roles;
    else if (one.kind === "grant") grants[one.name] = one.rule;
    else if (one.rule !== undefined) denials[one.name] = one.rule;
    else delete denials[one.name];
  }
  return { ...arrange(grants, denials), grants, denials, roles };
}
