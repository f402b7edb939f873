import { isText } from "../contract/json.ts";
import { functionOfUri } from "./authorizations.ts";
import { findSameness } from "./deployment-identity.ts";
import { splitSources, toTtl } from "./document-methods.ts";
import { readKept, readMarkedFunction, readMarkedMode, readMarkedRules } from "./marks.ts";
import type { GateMethod } from "./model.ts";
import { toShown } from "./references.ts";
import type { ReadIntoModel, ReadResource } from "./resource-reader.ts";

// Resources that REST APIs have like HTTP and WebSocket APIs, under other names of properties.

/** The names of properties that differ. */
interface PropertyNames {
  /** The API's id. */
  readonly api: "RestApiId" | "ApiId";
  /** The type of an authorizer. */
  readonly type: "Type" | "AuthorizerType";
}

/**
 * Creates the reader of authorizers.
 *
 * @param kind - The kind of API, which decides what a missing TTL means.
 */
export function createAuthorizerReader({ api, type }: PropertyNames, kind: "rest" | "http"): ReadIntoModel {
  return function readAuthorizer({ draft, key, place, names, resource, each, eachOf }) {
    const marked = readMarkedFunction(resource.metadata);
    const own = [api, "Name", type, "AuthorizerUri", "AuthorizerResultTtlInSeconds", "IdentitySource"];
    for (const properties of each(...own)) {
      const { Name: name, AuthorizerUri: uri, IdentitySource: sources } = properties;
      const mark = marked === undefined ? undefined : eachOf({ marked })[0]?.["marked"];
      draft.authorizers.push({
        key,
        place,
        names: isText(name) ? [...names, name] : names,
        name: toShown(name),
        api: textOf(properties[api]) ?? "",
        type: String(properties[type]).toLowerCase(),
        invokes: functionOfUri(uri),
        ttlS: toTtl(properties["AuthorizerResultTtlInSeconds"], kind),
        identitySources: splitSources(sources),
        markedFor: textOf(mark),
        markedRules: readMarkedRules(resource.metadata),
        markedMode: readMarkedMode(resource.metadata),
      });
    }
  };
}

/** Creates the reader of deployments. */
export function createDeploymentReader({ api }: Pick<PropertyNames, "api">): ReadIntoModel {
  return function readDeployment({ draft, key, place, names, resource, each, refer }) {
    for (const properties of each(api, "StageName"))
      draft.deployments.push({
        key,
        place,
        names,
        api: textOf(properties[api]) ?? "",
        staysBecause: findSameness(resource),
        covers: new Set(resource.dependsOn.map(refer)),
        makesStage: properties["StageName"] !== undefined,
      });
  };
}

/** Reads which authorizer of another kind a method keeps, by its mark. */
export function readKeptBy({ resource, eachOf }: ReadResource): GateMethod["kept"] {
  const kept = readKept(resource.metadata);
  const authorizer = kept && textOf(eachOf({ authorizer: kept.authorizer })[0]?.["authorizer"]);
  return kept && authorizer !== undefined ? { authorizer, reason: kept.reason } : undefined;
}

function textOf(value: unknown): string | undefined {
  return isText(value) ? value : undefined;
}
