import type { Api } from "../contract/api-kinds.ts";
import type { PublicRule } from "../contract/public-rules.ts";
import type { Finding, Place } from "./finding.ts";

/** A text that names a resource. Two texts are equal if they name the same one, whatever the template writes. */
export type Key = string;

/** An API that the files make. */
export interface GateApi {
  readonly key: Key;
  readonly place: Place;
  readonly names: readonly string[];
  readonly kind: Api;
  /** `disableExecuteApiEndpoint` is true in any case. */
  readonly isEndpointDisabled: boolean;
  /** Every change of it is deployed by itself: quick-create, and what AWS SAM makes. */
  readonly isDeployedByItself: boolean;
  /** The condition under which the API exists. */
  readonly condition: string | undefined;
}

/** One way in which a method is authorized. A method whose template has conditions may have several. */
export type Authorization =
  | { readonly kind: "none"; readonly cause: string }
  | { readonly kind: "iam" }
  /** It names an authorizer by its key, of this type (`CUSTOM`, `JWT`, …). */
  | { readonly kind: "authorizer"; readonly type: string; readonly authorizer: Key }
  /** The template does not show how it is authorized. */
  | { readonly kind: "unknown"; readonly cause: string };

/** A method of a REST API, a route of another API, or an operation of its document. */
export interface GateMethod {
  readonly key: Key;
  readonly place: Place;
  readonly api: Key;
  /** Its name in messages: `GET /orders`, `the route $default`. */
  readonly name: string;
  /** Undefined if the template does not show it. */
  readonly verb: string | undefined;
  readonly path: string | undefined;
  /** The route key of an HTTP or WebSocket API. */
  readonly routeKey: string | undefined;
  /** All of them must be in order. */
  readonly authorizations: readonly Authorization[];
  /** It answers a browser that asks what it may send, which sends no token. */
  readonly isPreflight: boolean;
  /** It is a preflight that a back end answers, which thus gets it without a token. */
  readonly isForwarded?: boolean;
  /** The authorizer of another kind that it keeps, by its mark, and why; see `marks.ts`. */
  readonly kept?: { readonly authorizer: Key; readonly reason: string } | undefined;
  /** The parts of a request in the key of the stage's response cache. */
  readonly cacheKeys: readonly string[];
  /** It comes with its API: an operation of the document, or the route of quick-create. */
  readonly isOfApiResource: boolean;
  readonly condition: string | undefined;
}

/** An authorizer: a resource, or a security scheme of a document. */
export interface GateAuthorizer {
  readonly key: Key;
  readonly place: Place;
  readonly names: readonly string[];
  /** Undefined if the files don't show it. */
  readonly name: string | undefined;
  readonly api: Key;
  /** The kind of its API, if the files show that and not which API it is. */
  readonly kind?: Api | undefined;
  /** Its type in lower case, such as `request`, `token`, `jwt`, `cognito_user_pools`. */
  readonly type: string;
  /** The text that names the function in its URI; undefined if it invokes none. */
  readonly invokes: string | undefined;
  /** In seconds; undefined if the template does not show it. */
  readonly ttlS: number | undefined;
  readonly identitySources: readonly string[];
  /** Its mark names a function; see `marks.ts`. */
  readonly markedFor: string | undefined;
  /** The public rules in its mark; undefined without a mark. */
  readonly markedRules?: readonly PublicRule[] | undefined;
  /** Its mark says that it only reports what the policy decides. */
  readonly markedMode?: "report" | undefined;
}

/** A Lambda function. */
export interface GateFunction {
  readonly key: Key;
  readonly place: Place;
  readonly names: readonly string[];
  /** The name that others may call it by in a text; undefined if the template gives it none. */
  readonly name: string | undefined;
  /** The values of its environment variables by name. A value that the template does not show is undefined. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Not even the names of its variables are shown, as in a plan that knows one of them after the apply only. */
  readonly hidesVariables?: boolean;
  readonly isMarked: boolean;
  /** The public rules of its policy, as its mark lists them; undefined without a mark. */
  readonly publicRules: readonly PublicRule[] | undefined;
}

/** An alias or a version of a function. */
export interface FunctionName {
  readonly key: Key;
  readonly of: Key;
  /** The name of an alias; undefined for a version, or if the files don't show it. */
  readonly name: string | undefined;
  /** It is a version, which has a number instead of a name. */
  readonly isVersion?: boolean;
}

/** A deployment: what stages serve. */
export interface GateDeployment {
  readonly key: Key;
  readonly place: Place;
  readonly names: readonly string[];
  readonly api: Key;
  /** Why it stays the same when methods change; undefined if it does not. */
  readonly staysBecause: string | undefined;
  /** The methods that it changes with; undefined if with all. */
  readonly covers: ReadonlySet<Key> | undefined;
  /** A stage that it makes by itself. */
  readonly makesStage: boolean;
}

/** A stage of an API. */
export interface GateStage {
  readonly place: Place;
  readonly names: readonly string[];
  /** Undefined if the files don't show it. */
  readonly name: string | undefined;
  readonly api: Key;
  readonly isAutoDeployed: boolean;
  readonly deployment: Key | undefined;
  /** The settings of its response cache, from `METHOD PATH`; see `response-cache.ts`. */
  readonly caching: readonly MethodCaching[];
}

/** Whether a stage caches the responses of some methods. */
export interface MethodCaching {
  readonly verb: string;
  readonly path: string;
  readonly isCaching: boolean;
}

/** A custom domain. */
export interface GateDomain {
  readonly key: Key;
  readonly name: string | undefined;
  /** It asks clients for certificates. */
  readonly hasMutualTls: boolean;
}

/** A way from a custom domain to an API. */
export interface GateMapping {
  readonly place: Place;
  readonly names: readonly string[];
  readonly api: Key;
  /** The domain's name, key or ARN, as the mapping gives it. */
  readonly domain: string;
}

/** A part of the files that can't be read. */
export interface Unreadable {
  readonly place: Place;
  readonly cause: string;
  readonly advice: string;
}

/** Everything that the files deploy. */
export interface Model {
  readonly apis: readonly GateApi[];
  readonly methods: readonly GateMethod[];
  readonly authorizers: readonly GateAuthorizer[];
  readonly functions: readonly GateFunction[];
  readonly functionNames: readonly FunctionName[];
  readonly deployments: readonly GateDeployment[];
  readonly stages: readonly GateStage[];
  readonly domains: readonly GateDomain[];
  readonly mappings: readonly GateMapping[];
  /** The APIs whose resource policy lets fewer callers in than an authorizer that allows everybody; see `resource-policy.ts`. */
  readonly closedApis: readonly Key[];
  readonly unreadable: readonly Unreadable[];
  /** The quotas of Lambda and CloudFormation that templates pass. */
  readonly quotas: readonly Finding[];
}

/** A model that is being filled. */
export type ModelDraft = { readonly [Part in keyof Model]: Model[Part][number][] };

/** Creates a model with nothing in it. */
export function createDraft(): ModelDraft {
  return {
    apis: [],
    methods: [],
    authorizers: [],
    functions: [],
    functionNames: [],
    deployments: [],
    stages: [],
    domains: [],
    mappings: [],
    closedApis: [],
    unreadable: [],
    quotas: [],
  };
}
