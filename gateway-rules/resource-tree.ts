import { segmentsOf } from "../contract/path-template.ts";
import type { ApiShape } from "./api-shape.ts";

/** A resource of a REST API below the root, with the first place that needs it. */
export interface ResourceNode {
  readonly path: string;
  readonly parent: string;
  /** Its own segment of the path. */
  readonly part: string;
  readonly where: string;
}

/** Lists the resources of a REST API below the root: those with methods, those without, and all above them, each once. */
export function nodesOf({ routes = [], resources = [] }: ApiShape): readonly ResourceNode[] {
  const nodes = new Map<string, ResourceNode>();
  for (const { path, where } of [...routes, ...resources]) {
    if (!path.startsWith("/")) continue;
    let parent = "/";
    for (const part of segmentsOf(path).filter((one) => one !== "")) {
      const own = `${parent === "/" ? "" : parent}/${part}`;
      if (!nodes.has(own)) nodes.set(own, { path: own, parent, part, where });
      parent = own;
    }
  }
  return [...nodes.values()];
}

/** Tells whether a segment is a variable of API Gateway: `{name}` or `{name+}`. */
export function isVariable(part: string): boolean {
  return /^\{[^{}]*\}$/.test(part);
}

/** Tells whether a segment is a greedy variable, which takes the rest of the path. */
export function isGreedy(part: string): boolean {
  return isVariable(part) && part.endsWith("+}");
}

/** Reads the name of a variable: `id` of `{id}`, `proxy` of `{proxy+}`. */
export function nameOfVariable(part: string): string {
  return part.slice(1, isGreedy(part) ? -2 : -1);
}
