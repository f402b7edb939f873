import { parseSegment } from "./path-template.ts";

/** A verb (an HTTP method, `ANY`, or `CONNECT` of a WebSocket API) and a path template. */
export interface Route {
  readonly verb: string;
  readonly path: string;
}

/** A route of an OpenAPI document. */
export interface DeclaredRoute extends Route {
  /** Set if the document opens it to everybody. */
  readonly isOpen?: true;
  /** The routes, as `VERB /path`, that a condition of the document may remove while this one exists; missing if there are none. */
  readonly mayLack?: readonly string[];
}

/** A route, its API, and the place of it in a document. */
export interface LocatedRoute extends DeclaredRoute {
  /** The API's name; undefined if the document of a policy's only API has no name. */
  readonly api: string | undefined;
  readonly file: string;
  readonly line: number;
}

/** All HTTP methods of API Gateway, which `ANY` stands for. Sorted. */
export const HTTP_METHODS: readonly string[] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/** Lists the methods that a verb stands for: `ANY` for all HTTP methods, another verb for itself. */
export function methodsOf(verb: string): readonly string[] {
  return verb === "ANY" ? HTTP_METHODS : [verb];
}

/** Lists the methods that a set of verbs stands for, each once, sorted. */
export function methodsOfAll(verbs: readonly string[]): readonly string[] {
  return [...new Set(verbs.flatMap(methodsOf))].sort();
}

/** Removes the names of a template's parameters, which have no effect on matching: `/customers/{}`, `/files/{+}`. */
export function withoutNames(template: string): string {
  return template
    .split("/")
    .map((text) => {
      const segment = parseSegment(text);
      if (segment.kind === "literal") return text;
      return segment.isGreedy ? "{+}" : "{}";
    })
    .join("/");
}

/** Formats a route so that two routes for the same requests have the same text: `GET /customers/{}`. */
export function nameOfRoute({ verb, path }: Route): string {
  return `${verb} ${withoutNames(path)}`;
}
