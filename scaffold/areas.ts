import { parseTemplate } from "../contract/path-template.ts";
import type { DocumentedRoute } from "../openapi/documented-routes.ts";

/** A part of an API that gets a file of its own. */
export interface Area {
  /** A package can have this name: `access.<name>`. */
  readonly name: string;
  readonly routes: readonly NamedRoute[];
}

/** A route with the name of its grant, which no other grant of the area has. */
export interface NamedRoute extends DocumentedRoute {
  readonly grant: string;
}

/** An area with more routes is divided by the next literal of their paths. */
const MAX_ROUTES = 12;

/** The deepest literal that an area is named for. */
const MAX_LITERALS = 3;

/** Packages of the product, and words that Rego does not take as the name of a package. */
const TAKEN = new Set([
  ...["conditions", "invariants", "roles"],
  ...["as", "contains", "data", "default", "else", "every", "false", "if", "import", "in", "input"],
  ...["not", "null", "package", "some", "true", "with"],
]);

/**
 * Divides the routes of an API into areas by the first literal of their paths, and large areas by the next literal, too.
 * Literals that differ only in letter case or punctuation are in one area, so that no two areas have one file name.
 */
export function toAreas(routes: readonly DocumentedRoute[], literals = 1): readonly Area[] {
  const byName = new Map<string, DocumentedRoute[]>();
  for (const route of routes) {
    const name = toAreaName(route.path, literals);
    byName.set(name, [...(byName.get(name) ?? []), route]);
  }
  const divided = [...byName].flatMap(([name, ofName]) =>
    ofName.length > MAX_ROUTES && literals < MAX_LITERALS
      ? toAreas(ofName, literals + 1)
      : [{ name, routes: toNamed(ofName) }],
  );
  return literals === 1 ? merge(divided) : divided;
}

/** Merges areas of one name, which `/a-b` and `/a/b` can have. */
function merge(areas: readonly Area[]): readonly Area[] {
  const byName = new Map<string, readonly DocumentedRoute[]>();
  for (const { name, routes } of areas) byName.set(name, [...(byName.get(name) ?? []), ...routes]);
  return [...byName]
    .map(([name, routes]) => ({ name, routes: toNamed(routes) }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function toAreaName(path: string, literals: number): string {
  const texts = parseTemplate(path).flatMap((segment) => (segment.kind === "literal" ? [segment.text] : []));
  const name = toName(texts.slice(0, literals).join("_"));
  if (name === "") return "root";
  return TAKEN.has(name) || /^\d|_test$/.test(name) ? `area_${name}`.replace(/_test$/, "_tests") : name;
}

function toNamed(routes: readonly DocumentedRoute[]): readonly NamedRoute[] {
  const taken = new Set<string>();
  return routes.map((route) => {
    const { id = "", verb, path } = route;
    const wanted = toName(id.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")) || toName(`${verb} ${path}`);
    let grant = wanted;
    for (let count = 2; taken.has(grant); count++) grant = `${wanted}_${count}`;
    taken.add(grant);
    return { ...route, grant };
  });
}

/** Converts a text to a name of lower-case letters, digits and underscores. */
function toName(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "");
}
