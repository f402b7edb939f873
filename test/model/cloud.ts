import type { Api } from "../../contract/api-kinds.ts";
import type { WireRequest } from "../../simulator/arrival.ts";
import type { Invocation } from "../../simulator/invocation.ts";
import type { SimulatedApi, SimulatedAuthorizer, SimulatedRoute } from "../../simulator/simulated-api.ts";
import { createSimulator, type Outcome, type Simulator, type StageCaches } from "../../simulator/simulator.ts";

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
  readonly kind: Api;
  /** Its name, or the title of its document. */
  readonly title: string;
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
  /** Lists everything on which the responses of a stage depend. Two lists have equal members if its responses are the same. */
  readonly observe: (apiId: string, stage: string) => readonly unknown[];
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
  /** A simulator checks all rules of API Gateway when it is created, so each snapshot has one for each of its stages. */
  const simulators = new WeakMap<Snapshot, Map<StageState, Simulator>>();
  let ids = 0;

  function look(apiId: string, { uri }: AuthorizerState) {
    const [, arn = "", name = "", qualifier = ""] = FUNCTION_ARN.exec(uri) ?? [];
    const lambda = functions.get(name);
    const mayInvoke = [...(lambda?.permissions.values() ?? [])].some(
      (one) => one.qualifier === qualifier && one.apiId === apiId,
    );
    return { arn, lambda: mayInvoke ? lambda : undefined, qualifier };
  }

  async function invoke(apiId: string, authorizer: AuthorizerState, event: object): Promise<Invocation> {
    const { arn, lambda, qualifier } = look(apiId, authorizer);
    if (lambda === undefined) return { error: "AccessDeniedException" };
    const configuration = findConfiguration(lambda, qualifier);
    return configuration === undefined ? { error: "ResourceNotFoundException" } : run(configuration, event, arn);
  }

  function find(apiId: string, stageName: string) {
    const api = apis.get(apiId);
    const stage = api?.stages.get(stageName);
    if (api === undefined || stage === undefined) throw new Error(`there is no stage ${stageName} of ${apiId}`);
    return { api, stage };
  }

  function serve({ current, deployments: all }: ApiState, deployment: string | undefined): Snapshot {
    const held = deployment === undefined ? current : all.get(deployment);
    if (held === undefined) throw new Error("the deployment of a stage was deleted");
    return deployments === "hold authorizers" ? held : withCurrentAuthorizers(held, current);
  }

  function toSimulator(apiId: string, api: ApiState, stage: StageState, served: Snapshot): Simulator {
    const known = simulators.get(served) ?? new Map<StageState, Simulator>();
    simulators.set(served, known);
    const invokeOne = async (event: object, _alias: string | undefined, id: string) => {
      const authorizer = served.authorizers.get(id);
      return authorizer === undefined ? { error: "no authorizer" } : invoke(apiId, authorizer, event);
    };
    const simulator = known.get(stage) ?? createSimulator(toSimulatedApi(api, stage, served), invokeOne, stage.caches);
    known.set(stage, simulator);
    return simulator;
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
      const { api, stage } = find(apiId, stageName);
      const served = serve(api, stage.canary?.takes() === true ? stage.canary.deployment : stage.deployment);
      return toSimulator(apiId, api, stage, served).send(request, nowMs);
    },
    observe(apiId, stageName) {
      const { api, stage } = find(apiId, stageName);
      const served = serve(api, stage.deployment);
      const invoked = [...served.authorizers.values()].flatMap((authorizer) => {
        const { lambda, qualifier } = look(apiId, authorizer);
        return [lambda?.shifts.get(qualifier), lambda && findConfiguration(lambda, qualifier, false)];
      });
      return [stage, stage.canary, served, ...invoked];
    },
  };
}

/** Finds the configuration that a qualifier names: an alias, a version, or the newest one without a qualifier. */
function findConfiguration(lambda: FunctionState, qualifier: string, isShifting = true): Configuration | undefined {
  if (qualifier === "" || qualifier === "$LATEST") return lambda.latest;
  const shift = isShifting ? lambda.shifts.get(qualifier) : undefined;
  const version = shift?.takes() === true ? shift.version : (lambda.aliases.get(qualifier) ?? qualifier);
  return lambda.versions.get(version);
}

const together = new WeakMap<Snapshot, WeakMap<Snapshot["authorizers"], Snapshot>>();

/** Replaces the authorizers of a snapshot by those that the API has now; one that was deleted invokes nothing. */
function withCurrentAuthorizers(held: Snapshot, { authorizers }: Snapshot): Snapshot {
  const known = together.get(held) ?? new WeakMap<Snapshot["authorizers"], Snapshot>();
  together.set(held, known);
  const now = [...held.authorizers].map(([id, own]) => [id, authorizers.get(id) ?? { ...own, uri: "" }] as const);
  const snapshot = known.get(authorizers) ?? { routes: held.routes, authorizers: new Map(now) };
  known.set(authorizers, snapshot);
  return snapshot;
}

function toSimulatedApi({ kind }: ApiState, { name }: StageState, { routes, authorizers }: Snapshot): SimulatedApi {
  return { kind, stage: name, routes: [...routes.values()], authorizers: Object.fromEntries(authorizers) };
}
