import type { WireRequest } from "../../simulator/arrival.ts";
import type { Invocation } from "../../simulator/invocation.ts";
import type { SimulatedApi, SimulatedAuthorizer, SimulatedRoute } from "../../simulator/simulated-api.ts";
import { createSimulator, type Outcome, type StageCaches } from "../../simulator/simulator.ts";

/** The code and settings that a version of a function fixes. */
export interface Configuration {
  /** The folder of the code. */
  readonly code: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A Lambda function: its newest configuration, its versions, its aliases, and who may invoke which of them. */
export interface FunctionState {
  readonly arn: string;
  latest: Configuration;
  readonly versions: Map<string, Configuration>;
  published: number;
  /** The version of each alias. */
  readonly aliases: Map<string, string>;
  /** The version that gets some invocations of an alias while CodeDeploy moves it. */
  readonly shifts: Map<string, { readonly version: string; readonly takes: () => boolean }>;
  /** By the statement's id. An empty qualifier is the function itself. */
  readonly permissions: Map<string, { readonly qualifier: string; readonly apiId: string }>;
}

/** An authorizer, as `CreateAuthorizer` and `UpdateAuthorizer` set it: in one call. */
export interface AuthorizerState extends SimulatedAuthorizer {
  readonly name: string;
  readonly uri: string;
}

/** The routes and authorizers that a stage serves: those of its deployment, or the API's own if it deploys by itself. */
export interface Snapshot {
  readonly routes: ReadonlyMap<string, SimulatedRoute>;
  readonly authorizers: ReadonlyMap<string, AuthorizerState>;
}

/** A stage. Its caches outlive its deployments; each authorizer has one. */
export interface StageState {
  readonly name: string;
  /** Undefined for a stage that deploys by itself. */
  deployment: string | undefined;
  /** A canary: some requests are served by another deployment. AWS does not document caches of its own, so it shares them. */
  canary?: { readonly deployment: string; readonly takes: () => boolean } | undefined;
  readonly caches: StageCaches;
}

/** An API. Its parts are replaced, not changed, so that a snapshot is two references. */
export interface ApiState {
  readonly kind: "rest" | "http";
  /** The paths of a REST API's resources. */
  readonly paths: Map<string, string>;
  current: Snapshot;
  readonly deployments: Map<string, Snapshot>;
  readonly stages: Map<string, StageState>;
}

/** Runs a version's handler, which sees the ARN that it was invoked by. */
export type Run = (configuration: Configuration, event: object, invokedFunctionArn: string) => Promise<Invocation>;

/** The part of an account that a deployment changes and a request passes through. */
export interface Cloud {
  readonly functions: Map<string, FunctionState>;
  readonly apis: Map<string, ApiState>;
  /** Exported outputs of stacks. */
  readonly exports: Map<string, unknown>;
  readonly send: (apiId: string, stage: string, request: WireRequest, nowMs: number) => Promise<Outcome>;
  /** Makes an id that was not used before. */
  readonly newId: (kind: string) => string;
}

const FUNCTION_ARN = /\/functions\/(arn:[^/]+:function:([^:/]+)(?::([^:/]+))?)\/invocations$/;

/** What a deployment of a REST API holds of its authorizers: AWS does not document which. */
export type Deployments = "hold authorizers" | "refer to authorizers";

/** Creates an empty account. */
export function createCloud(run: Run, deployments: Deployments = "hold authorizers"): Cloud {
  const functions = new Map<string, FunctionState>();
  const apis = new Map<string, ApiState>();
  let ids = 0;

  async function invoke(apiId: string, { uri }: AuthorizerState, event: object): Promise<Invocation> {
    const [, arn = "", name = "", qualifier = ""] = FUNCTION_ARN.exec(uri) ?? [];
    const lambda = functions.get(name);
    const mayInvoke = [...(lambda?.permissions.values() ?? [])].some(
      (one) => one.qualifier === qualifier && one.apiId === apiId,
    );
    if (lambda === undefined || !mayInvoke) return { error: "AccessDeniedException" };
    const configuration = findConfiguration(lambda, qualifier);
    return configuration === undefined ? { error: "ResourceNotFoundException" } : run(configuration, event, arn);
  }

  return {
    functions,
    apis,
    exports: new Map(),
    newId(kind) {
      ids += 1;
      return `${kind}${ids}`;
    },
    async send(apiId, stageName, request, nowMs) {
      const api = apis.get(apiId);
      const stage = api?.stages.get(stageName);
      if (api === undefined || stage === undefined) throw new Error(`there is no stage ${stageName} of ${apiId}`);
      const deployment = stage.canary?.takes() === true ? stage.canary.deployment : stage.deployment;
      const held = deployment === undefined ? api.current : api.deployments.get(deployment);
      if (held === undefined) throw new Error(`the deployment of ${stageName} was deleted`);
      const served = deployments === "hold authorizers" ? held : withCurrentAuthorizers(held, api.current);
      const simulator = createSimulator(
        toSimulatedApi(api, stageName, served),
        async (event, _alias, id) => {
          const authorizer = served.authorizers.get(id);
          return authorizer === undefined ? { error: "no authorizer" } : invoke(apiId, authorizer, event);
        },
        stage.caches,
      );
      return simulator.send(request, nowMs);
    },
  };
}

/** Finds the configuration that a qualifier names: an alias, a version, or the newest one without a qualifier. */
function findConfiguration(lambda: FunctionState, qualifier: string): Configuration | undefined {
  if (qualifier === "" || qualifier === "$LATEST") return lambda.latest;
  const shift = lambda.shifts.get(qualifier);
  const version = shift?.takes() === true ? shift.version : (lambda.aliases.get(qualifier) ?? qualifier);
  return lambda.versions.get(version);
}

/** Replaces the authorizers of a snapshot by those that the API has now; one that was deleted invokes nothing. */
function withCurrentAuthorizers(held: Snapshot, { authorizers }: Snapshot): Snapshot {
  const now = [...held.authorizers].map(([id, own]) => [id, authorizers.get(id) ?? { ...own, uri: "" }] as const);
  return { routes: held.routes, authorizers: new Map(now) };
}

const shapes = new WeakMap<Snapshot, SimulatedApi>();

function toSimulatedApi({ kind }: ApiState, stage: string, served: Snapshot): SimulatedApi {
  const known = shapes.get(served);
  if (known !== undefined && known.stage === stage) return known;
  const api = {
    kind,
    stage,
    routes: [...served.routes.values()],
    authorizers: Object.fromEntries(served.authorizers),
  };
  shapes.set(served, api);
  return api;
}
