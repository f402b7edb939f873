import { parseSegment } from "./path-template.ts";

/** A method of an API: `GET`, `ANY`, a WebSocket API's `CONNECT`; and a path template. */
export interface Route {
  readonly verb: string;
  readonly path: string;
}

/** All HTTP methods of API Gateway, which `ANY` stands for. Sorted. */
export const HTTP_METHODS: readonly string[] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/** Lists the HTTP methods that a verb stands for; `CONNECT` stands for itself. */
export function methodsOf(verb: string): readonly string[] {
  return verb === "ANY" ? HTTP_METHODS : [verb];
}

/** Lists the methods that a set of verbs stands for, each once, sorted. */
export function methodsOfAll(verbs: readonly string[]): readonly string[] {
  return [...new Set(verbs.flatMap(methodsOf))].sort();
}

/** Replaces the names of a template's parameters, which decide nothing: `/customers/{}`, `/files/{+}`. */
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

/** Formats a route so that two routes of the same requests are equal: `GET /customers/{}`. */
export function nameOfRoute({ verb, path }: Route): string {
  return `${verb} ${withoutNames(path)}`;
}
