import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ApiKind } from "../../contract/api-kinds.ts";

export const KINDS = [
  "rest-token",
  "rest-request",
  "http-1",
  "http-2",
  "websocket",
] as const satisfies readonly ApiKind[];

/** An authorizer event; tests change it by {@link changed}. */
export type TestEvent = Readonly<Record<string, unknown>>;

/**
 * Creates the fixture of a kind, with a token in place of its own.
 *
 * @param token - Put as `Bearer <token>` where the kind has it; removed from there if undefined.
 */
export function createEvent(kind: ApiKind, token: string | undefined): TestEvent {
  const event = fixtureOf(kind);
  const bearer = token === undefined ? undefined : `Bearer ${token}`;
  const multi = bearer === undefined ? undefined : [bearer];
  switch (kind) {
    case "rest-token":
      return changed(event, { authorizationToken: bearer });
    case "http-1":
      return changed(event, { authorizationToken: bearer, identitySource: bearer, "headers.Authorization": bearer });
    case "http-2":
      return changed(event, { identitySource: multi, "headers.authorization": bearer });
    default:
      return changed(event, { "headers.Authorization": bearer, "multiValueHeaders.Authorization": multi });
  }
}

const fixtures = new Map<ApiKind, TestEvent>();

function fixtureOf(kind: ApiKind): TestEvent {
  const known = fixtures.get(kind);
  if (known !== undefined) return known;
  const file = join(import.meta.dirname, "..", "fixtures", "events", `${kind}.json`);
  const event = JSON.parse(readFileSync(file, "utf8")) as TestEvent;
  fixtures.set(kind, event);
  return event;
}

/** Changes an event to one for another request, which `ANY /{proxy+}` serves. A WebSocket's event has no other path. */
export function redirected(kind: ApiKind, event: TestEvent, method: string, path: string): TestEvent {
  const arnName = kind === "http-2" ? "routeArn" : "methodArn";
  const [api, stage] = String(event[arnName]).split("/");
  const template = path === "/" ? "/" : "/{proxy+}";
  const parameters = path === "/" ? {} : { proxy: path.slice(1) };
  const arn = { [arnName]: `${api}/${stage}/${method}${path}` };
  switch (kind) {
    case "rest-token":
      return changed(event, arn);
    case "rest-request":
    case "http-1":
      return changed(event, {
        ...arn,
        resource: template,
        path,
        httpMethod: method,
        pathParameters: parameters,
        "requestContext.resourcePath": template,
        "requestContext.path": kind === "http-1" ? path : `/${stage}${path}`,
        "requestContext.httpMethod": method,
      });
    case "http-2":
      return changed(event, {
        ...arn,
        routeKey: `ANY ${template}`,
        rawPath: path,
        pathParameters: parameters,
        "requestContext.routeKey": `ANY ${template}`,
        "requestContext.http.method": method,
        "requestContext.http.path": path,
      });
    default:
      return event;
  }
}

/** Copies an event with other values in fields, by their dotted path; `undefined` removes a field. */
export function changed(event: TestEvent, changes: Readonly<Record<string, unknown>>): TestEvent {
  const copy = structuredClone(event) as Record<string, unknown>;
  for (const [path, value] of Object.entries(changes)) {
    const names = path.split(".");
    const last = names.pop() ?? "";
    let target = copy;
    for (const name of names) {
      target[name] ??= {};
      target = target[name] as Record<string, unknown>;
    }
    if (value === undefined) delete target[last];
    else target[last] = value;
  }
  return copy;
}

/** Lists the dotted paths of all fields, nested ones included. */
export function pathsOf(value: object, prefix = ""): readonly string[] {
  return Object.entries(value).flatMap(([name, inner]) => {
    const path = `${prefix}${name}`;
    const isObject = typeof inner === "object" && inner !== null && !Array.isArray(inner);
    return isObject ? [path, ...pathsOf(inner, `${path}.`)] : [path];
  });
}
