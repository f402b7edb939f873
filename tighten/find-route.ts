import { parseTemplate, segmentsOf } from "../contract/path-template.ts";
import { type LocatedRoute, methodsOf, withoutNames } from "../contract/route.ts";

/** The routes below a place of a path. */
interface Place {
  readonly literals: Map<string, Place>;
  parameter?: Place;
  /** The templates of routes that end here, and of those with a greedy parameter here, by method. */
  readonly here: Map<string, string>;
  readonly greedy: Map<string, string>;
}

/** Finds the template of the documented route of a request. */
export type FindRoute = (api: string | undefined, method: string, path: string) => string | undefined;

/**
 * Creates the search for the route of a request. The most exact template counts, as for API Gateway: at the first segment that
 * differs, a literal comes before a parameter, and that before a greedy one.
 */
export function createFindRoute(routes: readonly LocatedRoute[]): FindRoute {
  const apis = new Map<string | undefined, Place>();
  const all = createPlace();
  const written = new Map<string, string>();
  for (const route of routes) {
    // Documents may give the parameters of one template different names.
    const key = withoutNames(route.path);
    const template = written.get(key) ?? route.path;
    written.set(key, template);
    const own = apis.get(route.api) ?? createPlace();
    apis.set(route.api, own);
    for (const method of methodsOf(route.verb))
      for (const place of [own, all]) add(place, method, template, route.verb);
  }
  return (api, method, path) => find(apis.get(api) ?? all, segmentsOf(path), 0, method);
}

function createPlace(): Place {
  return { literals: new Map(), here: new Map(), greedy: new Map() };
}

function add(root: Place, method: string, template: string, verb: string): void {
  let place = root;
  let table = root.here;
  for (const segment of parseTemplate(template)) {
    if (segment.kind === "parameter" && segment.isGreedy) {
      table = place.greedy;
      break;
    }
    if (segment.kind === "parameter") place = place.parameter ??= createPlace();
    else {
      const next = place.literals.get(segment.text) ?? createPlace();
      place.literals.set(segment.text, next);
      place = next;
    }
    table = place.here;
  }
  if (verb !== "ANY" || !table.has(method)) table.set(method, template);
}

function find(place: Place, segments: readonly string[], at: number, method: string): string | undefined {
  const segment = segments[at];
  if (segment === undefined) return place.here.get(method);
  const literal = place.literals.get(segment);
  return (
    (literal && find(literal, segments, at + 1, method)) ??
    (place.parameter && find(place.parameter, segments, at + 1, method)) ??
    place.greedy.get(method)
  );
}
