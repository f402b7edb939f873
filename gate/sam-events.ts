import { isObject, isText } from "../contract/json.ts";
import type { Place } from "./finding.ts";
import type { ReadResource } from "./resource-reader.ts";
import type { SamKind } from "./sam-auth.ts";
import { type RawResource, type Scope, toPlace } from "./scope.ts";

/** The resources with events. */
const SOURCES = ["AWS::Serverless::Function", "AWS::Serverless::StateMachine"];

const EVENT_TYPES: Readonly<
  Record<SamKind, { readonly type: string; readonly api: string; readonly implicit: string }>
> = {
  rest: { type: "Api", api: "RestApiId", implicit: "ServerlessRestApi" },
  http: { type: "HttpApi", api: "ApiId", implicit: "ServerlessHttpApi" },
};

/** A route that an event of a function makes. */
export interface SamEvent {
  readonly place: Place;
  /** The API that the event names; undefined for the one that AWS SAM makes. */
  readonly api: string | undefined;
  readonly verb: string;
  /** Undefined for the route `$default`. */
  readonly path: string | undefined;
  readonly auth: unknown;
  readonly condition: string | undefined;
}

/** Tells whether AWS SAM makes the API of this logical id for events that name none. */
export function isImplicit(id: string, kind: SamKind): boolean {
  return id === EVENT_TYPES[kind].implicit;
}

/** Finds the logical id of the API that AWS SAM makes for events that name none. */
export function implicitIdOf(kind: SamKind): string {
  return EVENT_TYPES[kind].implicit;
}

/** Lists the routes that events of a template make for one kind of APIs. */
export function eventsOf(scope: Scope, { eachOf }: Pick<ReadResource, "eachOf">, kind: SamKind): readonly SamEvent[] {
  const { type, api: idProperty } = EVENT_TYPES[kind];
  return [...scope.resources.values()].flatMap((resource) => {
    const { Events: events } = resource.properties;
    if (!SOURCES.includes(resource.type) || !isObject(events)) return [];
    return Object.entries(events).flatMap(([name, event]) => {
      if (!isObject(event) || event["Type"] !== type) return [];
      const place = toPlace(scope, resource.id);
      return eachOf({ event: event["Properties"] ?? {} }).map(({ event: properties }): SamEvent => {
        const { Path: path, Method: verb, Auth: auth, [idProperty]: api } = Object(properties);
        return {
          place: { ...place, id: `${resource.id}.Events.${name}` },
          api: isText(api) ? api : undefined,
          verb: toVerb(verb),
          path: isText(path) && path !== "$default" ? path : undefined,
          auth,
          condition: resource.condition,
        };
      });
    });
  });
}

/** Names the route of an event, or of an operation of a document. */
export function routeOf({
  verb,
  path = "/$default",
}: {
  readonly verb: string;
  readonly path: string | undefined;
}): string {
  return `${verb} ${path}`;
}

/** Finds the events of a resource whose type the template does not show, such as those under a condition. */
export function findHiddenEvents({ id, properties }: RawResource): readonly string[] {
  const { Events: events } = properties;
  if (events === undefined || events === null) return [];
  if (!isObject(events)) return [`${id}.Events`];
  const hidden = Object.entries(events).filter(([, event]) => !isObject(event) || !isText(event["Type"]));
  return hidden.map(([name]) => `${id}.Events.${name}`);
}

function toVerb(written: unknown): string {
  if (!isText(written) || written === "x-amazon-apigateway-any-method") return "ANY";
  return written.toUpperCase();
}
