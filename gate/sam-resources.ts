import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isObject, isText } from "../contract/json.ts";
import { operationsOf } from "../openapi/operations.ts";
import { toCaching } from "./caching-settings.ts";
import { addDocument } from "./document-methods.ts";
import { isTrue } from "./flags.ts";
import { toEnvironment, withReadVariables } from "./function-resources.ts";
import { hasFunctionMark } from "./marks.ts";
import { parseTemplate } from "./read-template.ts";
import type { ReadIntoModel, ReadResource } from "./resource-reader.ts";
import { addSamAuthorizers, type SamApi, type SamKind, toSamAuthorization } from "./sam-auth.ts";
import { withSamSecurity } from "./sam-document.ts";
import { eventsOf, findHiddenEvents, isImplicit, routeOf, type SamEvent } from "./sam-events.ts";
import { withGlobals } from "./sam-globals.ts";
import type { Scope } from "./scope.ts";
import type { Properties } from "./stack-values.ts";

const API_PROPERTIES = [
  ...["Name", "Auth", "DefinitionBody", "DefinitionUri", "DisableExecuteApiEndpoint", "Domain"],
  ...["MergeDefinitions", "MethodSettings", "StageName"],
];

/** Creates the reader of one kind of APIs. */
function createApiReader(kind: SamKind): ReadIntoModel {
  return (read) => {
    const written = withGlobals(read.scope, kind === "rest" ? "Api" : "HttpApi", read.resource.properties);
    const picked = Object.fromEntries(
      API_PROPERTIES.flatMap((name) => (name in written ? [[name, written[name]]] : [])),
    );
    for (const properties of read.eachOf(picked)) addApi(read, kind, properties);
  };
}

/**
 * Adds an API of AWS SAM with its authorizers, its document, and the routes of events.
 *
 * AWS SAM makes a new deployment whenever the API changes, so its stage does not stay behind.
 */
export function addApi(read: ReadResource, kind: SamKind, properties: Properties): void {
  const { draft, key, place, names, resource, scope, refuse } = read;
  const { Name: name, Auth: auth, Domain: domain, DefinitionBody: body, DefinitionUri: uri } = properties;
  const api: SamApi = { key, place, kind, condition: resource.condition, auth: isObject(auth) ? auth : {} };
  draft.apis.push({
    ...api,
    names: isText(name) ? [...names, name] : names,
    isEndpointDisabled: isTrue(properties["DisableExecuteApiEndpoint"]),
    isDeployedByItself: true,
  });
  // AWS SAM makes a policy of it, which has conditions.
  if (api.auth["ResourcePolicy"] !== undefined) draft.closedApis.push(key);
  const { DomainName: domainName, MutualTlsAuthentication: tls } = Object(domain);
  if (isText(domainName)) {
    draft.domains.push({ key: `${key} domain`, name: domainName, hasMutualTls: isObject(tls) });
    draft.mappings.push({ place, names, api: key, domain: domainName });
  }
  const caching = toCaching(properties["MethodSettings"]);
  if (caching.length > 0)
    draft.stages.push({
      place,
      names,
      name: undefined,
      api: key,
      isAutoDeployed: true,
      deployment: undefined,
      caching,
    });
  const known = addSamAuthorizers(draft, api);
  const events = eventsOf(scope, read, kind).filter(
    ({ api: named }) =>
      named === key || named === resource.id || (named === undefined && isImplicit(resource.id, kind)),
  );
  const document = body ?? (uri === undefined ? undefined : readDefinition(scope, uri));
  if (body === undefined && uri !== undefined && document === undefined)
    refuse("the document of the API is not a local file, so its operations are not visible", "name its local file");
  else if (document !== undefined) {
    // Events change a document of HTTP APIs in any case, and one of REST APIs only if told so. Otherwise, they have no effect.
    const isMerged = body !== undefined && (kind === "http" || isTrue(properties["MergeDefinitions"]));
    const effective = events.filter(({ auth: own }) => isMerged || isTrue(Object(own).OverrideApiAuth));
    const own = new Map(effective.map((event) => [routeOf(event), Object(event.auth).Authorizer]));
    addDocument(draft, api, isObject(document) ? withSamSecurity(document, api, own) : document, known);
    const written = new Set(operationsOf(document).map(routeOf));
    if (isMerged) for (const event of events) if (!written.has(routeOf(event))) addEvent(draft, api, event);
  }
  if (document === undefined && uri === undefined) for (const event of events) addEvent(draft, api, event);
}

function addEvent(draft: ReadResource["draft"], api: SamApi, event: SamEvent): void {
  const { verb, path, place } = event;
  const isDefault = path === undefined;
  const authorizations = [toSamAuthorization(api, verb, event.auth)];
  draft.methods.push({
    key: `${api.key} ${verb} ${path}`,
    place,
    api: api.key,
    name: isDefault ? "the route $default" : `${verb} ${path}`,
    verb,
    path,
    routeKey: isDefault ? "$default" : undefined,
    authorizations,
    isPreflight: false,
    cacheKeys: [],
    isOfApiResource: true,
    condition: event.condition,
  });
}

/** Reads the file of a `DefinitionUri`; undefined if it is not a local one. */
function readDefinition(scope: Scope, uri: unknown): unknown {
  if (!isText(uri) || /^(s3|https?):/i.test(uri)) return undefined;
  try {
    const parsed = parseTemplate(readFileSync(join(dirname(scope.path), uri), "utf8"));
    return parsed.ok ? parsed.value : undefined;
  } catch {
    return undefined;
  }
}

/** Refuses events that could be routes. */
const readEvents: ReadIntoModel = ({ resource, refuse }) => {
  for (const name of findHiddenEvents(resource))
    refuse(`the template does not show the type of ${name}, which could make a route`, "write it out, with its Type");
};

const readFunction: ReadIntoModel = (read) => {
  const { scope, draft, key, place, names, resource, eachOf } = read;
  readEvents(read);
  const { Environment: environment, FunctionName: name } = withGlobals(scope, "Function", resource.properties);
  for (const found of eachOf({
    ...(name !== undefined && { name }),
    ...(environment !== undefined && { environment: withReadVariables(environment) }),
  }))
    draft.functions.push({
      key,
      place,
      names: isText(found["name"]) ? [...names, found["name"]] : names,
      name: isText(found["name"]) ? found["name"] : undefined,
      environment: toEnvironment(Object(found["environment"]).Variables),
      isMarked: hasFunctionMark(resource.metadata),
    });
};

/** The readers of AWS SAM. The APIs that it makes without a resource are added by `sam-implicit.ts`. */
export const SAM_READERS: Readonly<Record<string, ReadIntoModel>> = {
  "AWS::Serverless::Api": createApiReader("rest"),
  "AWS::Serverless::HttpApi": createApiReader("http"),
  "AWS::Serverless::Function": readFunction,
  "AWS::Serverless::StateMachine": readEvents,
};
