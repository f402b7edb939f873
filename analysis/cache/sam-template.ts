import type { CachingApi } from "../../contract/api-kinds.ts";
import { isApiName } from "../../contract/deployment-alias.ts";
import { isObject, isText, own } from "../../contract/json.ts";
import { err, ok, type Result } from "../../contract/result.ts";
import { nameOfRoute, type Route } from "../../contract/route.ts";
import type { DescribedApi } from "./described-apis.ts";
import {
  aliasIdOf,
  FUNCTION_ID,
  ISSUERS_PARAMETER,
  permissionIdOf,
  type SamApi,
  type SamVariables,
  toFunctionProperties,
  toResources,
} from "./sam-parts.ts";
import { toSamAuthorizer, toSamNames } from "./sam-settings.ts";

/** A template of AWS SAM with long forms of the functions, as a plain value. */
type Template = Readonly<Record<string, unknown>>;

/** A value, and the place in the template where it is written. */
interface SamEdit {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** An event of a function that makes a route of an API. */
interface SamEvent extends Route {
  /** Where it is in the template. */
  readonly path_in_template: readonly string[];
  readonly kind: CachingApi;
  /** The logical id of its API; undefined for the one that AWS SAM makes. */
  readonly api: string | undefined;
  /** Its authorizer, if it names one. */
  readonly authorizer: unknown;
}

const KINDS: Readonly<Record<CachingApi, { readonly event: string; readonly id: string; readonly type: string }>> = {
  rest: { event: "Api", id: "RestApiId", type: "AWS::Serverless::Api" },
  http: { event: "HttpApi", id: "ApiId", type: "AWS::Serverless::HttpApi" },
};

/** Lists the routes that the events of a template make, and that name no authorizer of their own. */
export function readSamRoutes(template: Template): readonly Route[] {
  const open = eventsOf(template).filter(({ authorizer }) => authorizer === undefined);
  return [...new Map(open.map(({ verb, path }) => [`${verb} ${path}`, { verb, path }])).values()];
}

/** A contract, by the names of APIs and by their kinds, and the variables that follow from it. */
export interface SamContract {
  readonly apis: Readonly<Record<string, DescribedApi>>;
  /** Makes the variables of the function for the APIs that the template has. */
  readonly toVariables: (apis: readonly DescribedApi[]) => SamVariables;
  /** The folder with the package: `dist/authorizer`. */
  readonly codeUri: string;
}

/**
 * Completes a template of AWS SAM: every event gets the authorizer of its route, every API its authorizers, and the template the
 * function with its log, role, aliases, permissions and flush.
 *
 * Events that name an authorizer stay as they are, `NONE` and `AWS_IAM` among them.
 *
 * @returns The values to write, or a line for each error.
 */
export function completeSamTemplate(
  template: Template,
  contract: SamContract,
): Result<readonly SamEdit[], readonly string[]> {
  const events = eventsOf(template).filter(({ authorizer }) => authorizer === undefined);
  const resources = Object(template["Resources"]);
  const errors: string[] = [];
  const apis = new Map<string, SamApi>();
  const used = new Map<string, Set<string>>();
  const edits: SamEdit[] = [];
  for (const event of events) {
    const { path_in_template: place, kind, api: id } = event;
    const where = `${place[1]}.Events.${place[4]}`;
    const problem = findProblem(event, resources);
    if (id === undefined || problem !== undefined) {
      errors.push(`${where}: ${problem}`);
      continue;
    }
    const described = own<DescribedApi>(contract.apis, id) ?? own<DescribedApi>(contract.apis, kind);
    const authorizer = described === undefined ? undefined : findAuthorizerOf(described, event);
    if (described === undefined || authorizer === undefined) {
      errors.push(
        `${where}: ${event.verb} ${event.path} is not among the routes of the contract; leave out --openapi, or add it to the document`,
      );
      continue;
    }
    apis.set(id, { id, alias: `${id}-${described.contract}`, described });
    used.set(id, (used.get(id) ?? new Set()).add(authorizer));
    edits.push({ path: [...place, "Properties", "Auth", "Authorizer"], value: toSamNames(described)[authorizer] });
  }
  if (errors.length === 0 && edits.length === 0)
    errors.push("the template has no event of an API without an authorizer of its own");
  if (errors.length > 0) return err(errors);
  const all = [...apis.values()];
  return ok([
    ...edits,
    ...all.flatMap((api) => toApiEdits(api, used.get(api.id), resources)),
    ...toParts(template, all, contract),
  ]);
}

function findProblem({ kind, api, path }: SamEvent, resources: Readonly<Record<string, unknown>>): string | undefined {
  const { type, id: property } = KINDS[kind];
  if (api === undefined)
    return `names no API, and the one that AWS SAM makes can't wait for a permission; add a resource of the type ${type}, and ${property}: !Ref to it`;
  if (!isApiName(api)) return `its API ${api} can't be the name of an alias; give the API another logical id`;
  const { Type: found, Properties: properties } = Object(own(resources, api));
  if (found !== type) return `${property} names ${api}, which is not a resource of the type ${type} in the template`;
  if (path === "")
    return "makes the route $default, which has no path that a policy could name; write ANY /{proxy+} and ANY /";
  const { DefinitionBody: body, DefinitionUri: uri } = Object(properties);
  return body === undefined && uri === undefined
    ? undefined
    : `the API ${api} is made from a document, so its authorizers belong there: rego-authorizer openapi`;
}

function findAuthorizerOf({ methods }: DescribedApi, event: SamEvent): string | undefined {
  const wanted = nameOfRoute(event);
  const found = Object.entries(methods).find(([method]) => {
    const [verb = "", path = ""] = method.split(" ");
    return nameOfRoute({ verb, path }) === wanted;
  });
  return found?.[1];
}

/** Gives an API its authorizers. It waits for the permission to invoke them. */
function toApiEdits(api: SamApi, names: ReadonlySet<string> = new Set(), resources: Readonly<Record<string, unknown>>) {
  const { DependsOn: before = [] } = Object(own(resources, api.id));
  const { kind, authorizers } = api.described;
  return [
    ...Object.entries(authorizers).flatMap(([name, authorizer]) =>
      names.has(name) && kind !== "websocket"
        ? [
            {
              path: ["Resources", api.id, "Properties", "Auth", "Authorizers", toSamNames(api.described)[name] ?? name],
              value: toSamAuthorizer(kind, authorizer, { Ref: aliasIdOf(api) }, false),
            },
          ]
        : [],
    ),
    { path: ["Resources", api.id, "DependsOn"], value: [...[before].flat(), permissionIdOf(api)] },
  ];
}

/** Adds the function and the resources beside it. What the template says about the function itself counts. */
function toParts(template: Template, apis: readonly SamApi[], contract: SamContract): readonly SamEdit[] {
  const { Properties: written, Metadata: metadata } = Object(own(Object(template["Resources"]), FUNCTION_ID));
  const variables = contract.toVariables(apis.map(({ described }) => described));
  const { Variables: ownVariables } = Object(Object(written).Environment);
  const hasIssuers = Object.hasOwn(Object(ownVariables), "TRUSTED_ISSUERS");
  const place = ["Resources", FUNCTION_ID];
  const { Environment: _, ...properties } = Object(toFunctionProperties(contract.codeUri, variables));
  const issuers = { Type: "String", Description: "The value of TRUSTED_ISSUERS: a JSON list of issuers" };
  return [
    { path: [...place, "Type"], value: "AWS::Serverless::Function" },
    // The package is built; AWS SAM would look for a package.json.
    { path: [...place, "Metadata"], value: { ...Object(metadata), SkipBuild: true } },
    ...Object.entries(properties)
      .filter(([name]) => !Object.hasOwn(Object(written), name))
      .map(([name, value]) => ({ path: [...place, "Properties", name], value })),
    ...Object.entries({ ...variables, ...(!hasIssuers && { TRUSTED_ISSUERS: { Ref: ISSUERS_PARAMETER } }) }).map(
      ([name, value]) => ({ path: [...place, "Properties", "Environment", "Variables", name], value }),
    ),
    ...(hasIssuers ? [] : [{ path: ["Parameters", ISSUERS_PARAMETER], value: issuers }]),
    ...Object.entries(toResources(apis)).map(([id, value]) => ({ path: ["Resources", id], value })),
  ];
}

function eventsOf(template: Template): readonly SamEvent[] {
  return Object.entries(Object(template["Resources"])).flatMap(([id, resource]) => {
    const { Properties: properties } = Object(resource);
    return Object.entries(Object(Object(properties).Events)).flatMap(([name, event]) => {
      const { Type: type, Properties: settings } = Object(event);
      const kind = (["rest", "http"] as const).find((one) => KINDS[one].event === type);
      return kind === undefined ? [] : [toEvent(["Resources", id, "Properties", "Events", name], kind, settings)];
    });
  });
}

function toEvent(place: readonly string[], kind: CachingApi, settings: unknown): SamEvent {
  const { Path: path, Method: verb, Auth: auth, [KINDS[kind].id]: api } = Object(settings);
  const { Ref: referred } = isObject(api) ? api : { Ref: api };
  return {
    path_in_template: place,
    kind,
    verb: isText(verb) && verb !== "x-amazon-apigateway-any-method" ? verb.toUpperCase() : "ANY",
    path: isText(path) && path !== "$default" ? path : "",
    api: isText(referred) ? referred : undefined,
    authorizer: Object(auth).Authorizer,
  };
}
