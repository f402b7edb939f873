import type { ReadResource } from "./resource-reader.ts";
import { eventsOf, implicitIdOf } from "./sam-events.ts";
import { withGlobals } from "./sam-globals.ts";
import { addApi } from "./sam-resources.ts";
import type { RawResource, Scope } from "./scope.ts";

/** Adds the APIs that AWS SAM makes for events that name none. */
export function addImplicitApis(scope: Scope, toRead: (resource: RawResource) => ReadResource): void {
  for (const kind of ["rest", "http"] as const) {
    const id = implicitIdOf(kind);
    if (scope.resources.has(id)) continue;
    const resource: RawResource = {
      id,
      type: "AWS::Serverless::Api",
      properties: {},
      metadata: {},
      condition: undefined,
      dependsOn: [],
    };
    const read = toRead(resource);
    if (!eventsOf(scope, read, kind).some(({ api }) => api === undefined || api === id || api === read.key)) continue;
    const { Auth, Domain, DisableExecuteApiEndpoint, MethodSettings } = withGlobals(
      scope,
      kind === "rest" ? "Api" : "HttpApi",
      {},
    );
    const written = Object.entries({ Auth, Domain, DisableExecuteApiEndpoint, MethodSettings });
    for (const properties of read.eachOf(Object.fromEntries(written.filter(([, value]) => value !== undefined))))
      addApi(read, kind, properties);
  }
}
