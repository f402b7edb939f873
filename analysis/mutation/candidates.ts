import { own } from "../../contract/json.ts";
import { type Segment, segmentsOf } from "../../contract/path-template.ts";
import type { IndexedNames, IndexedPlace, IndexedShape, PolicyIndex } from "../../contract/policy-index.ts";

/** The names of the grants and denials that match a request. */
export interface Candidates {
  readonly grants: readonly string[];
  readonly denials: readonly string[];
}

/** The parts of a request that decide which rules match it. */
export interface Asked {
  /** The API's name; undefined if it is not known. */
  readonly api: string | undefined;
  readonly method: string;
  readonly path: string;
}

/** Looks up the grants and denials that match a request, as `policies/engine/candidates.rego` does. */
export function findCandidates(index: PolicyIndex, { api, method, path }: Asked): Candidates {
  const segments = splitPath(path);
  if (segments === undefined) return { grants: [], denials: [] };
  const shapes = [
    ...(index.exact[segments.length] ?? []),
    ...index.greedy.filter((shape) => shape.segments <= segments.length),
  ];
  const places = shapes.flatMap((shape) => placeIn(shape, segments, method) ?? []);
  const named = places.flatMap(({ apis = {} }): readonly IndexedNames[] => {
    if (api !== undefined) return [own(apis, api) ?? {}];
    return Object.values(apis).map(({ denials = [] }) => ({ denials }));
  });
  const found: readonly IndexedNames[] = [...places, ...named];
  return {
    grants: [...new Set(found.flatMap(({ grants = [] }) => grants))],
    denials: [...new Set(found.flatMap(({ denials = [] }) => denials))],
  };
}

function placeIn(shape: IndexedShape, segments: readonly string[], method: string): IndexedPlace | undefined {
  const literals = shape.literals.map((at) => segments[at]).join("/");
  const methods = Object.hasOwn(shape.places, literals) ? shape.places[literals] : undefined;
  return methods !== undefined && Object.hasOwn(methods, method) ? methods[method] : undefined;
}

/** Splits a path into segments; undefined if it is not a path that a template can match. */
export function splitPath(path: string): readonly string[] | undefined {
  if (!path.startsWith("/")) return undefined;
  const segments = segmentsOf(path);
  return segments.includes("") ? undefined : segments;
}

/** Tells whether a template matches a path. */
export function matches(template: readonly Segment[], segments: readonly string[]): boolean {
  const last = template.at(-1);
  const isGreedy = last?.kind === "parameter" && last.isGreedy;
  if (isGreedy ? segments.length < template.length : segments.length !== template.length) return false;
  return template.every((segment, at) => segment.kind === "parameter" || segment.text === segments[at]);
}
