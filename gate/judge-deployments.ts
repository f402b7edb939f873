import { groupBy } from "../contract/group-by.ts";
import type { Finding, Place } from "./finding.ts";
import type { GateApi, GateDeployment, GateMethod, GateStage, Key, Model } from "./model.ts";
import { toReadable } from "./references.ts";

const MAX_NAMED = 5;

const ACCEPT = "or accept it by its name, with the reason, if something else deploys the API after each change";

/** Finds methods whose stage would go on serving what was deployed before: a change of authorization would not reach it. */
export function findStaleStages({ apis, methods, stages, deployments }: Model): readonly Finding[] {
  const apiOf = new Map(apis.map((api) => [api.key, api]));
  const stagesOf = groupBy(stages, ({ api }) => api);
  const deploymentsOf = groupBy(deployments, ({ api }) => api);
  const byKey = groupBy(deployments, ({ key }) => key);
  return [...groupBy(methods, ({ api }) => api)].flatMap(([key, own]): readonly Finding[] => {
    const api = apiOf.get(key);
    if (api?.isDeployedByItself === true || key === "") return [];
    const context: Context = { key, api, methods: own, byKey };
    const makers = (deploymentsOf.get(key) ?? []).filter(({ makesStage }) => makesStage);
    const served = stagesOf.get(key) ?? [];
    const found = [
      ...served.flatMap((stage) => judgeStage(stage, context)),
      ...makers.flatMap((one) => judgeDeployment(one, one.place, one.names, context)),
    ];
    return served.length + makers.length > 0 ? found : [noStage(context)];
  });
}

interface Context {
  readonly key: Key;
  readonly api: GateApi | undefined;
  readonly methods: readonly GateMethod[];
  readonly byKey: ReadonlyMap<Key, readonly GateDeployment[]>;
}

function noStage(context: Context): Finding {
  const { api, methods } = context;
  const [first] = methods;
  return stale(
    context,
    api?.place ?? first?.place ?? { file: "", id: "" },
    [],
    `no stage of ${nameOf(context)} is in the files, so nothing deploys ${listNames(methods)}`,
    `give the API a stage, and a deployment that changes with its methods, ${ACCEPT}`,
  );
}

function judgeStage(stage: GateStage, context: Context): readonly Finding[] {
  const { isAutoDeployed, deployment, place, names } = stage;
  if (isAutoDeployed) return [];
  const found = deployment === undefined ? [] : (context.byKey.get(deployment) ?? []);
  if (found.length > 0) return found.flatMap((one) => judgeDeployment(one, place, [...names, ...one.names], context));
  const cause =
    deployment === undefined
      ? `the stage ${called(place)} is not deployed automatically, and has no deployment`
      : `the stage ${called(place)} serves the deployment ${toReadable(deployment)}, which is not in the files`;
  const advice = `turn automatic deployment on, or give it a deployment that changes with the methods, ${ACCEPT}`;
  return [
    stale(context, place, names, `${cause}, so changes of ${listNames(context.methods)} do not reach it`, advice),
  ];
}

function judgeDeployment(
  { key, names, staysBecause, covers, place: own }: GateDeployment,
  place: Place,
  stageNames: readonly string[],
  context: Context,
): readonly Finding[] {
  const missing =
    covers === undefined ? [] : context.methods.filter((method) => !method.isOfApiResource && !covers.has(method.key));
  const all = [...stageNames, ...names];
  const what = `the deployment ${called(own)}`;
  if (staysBecause !== undefined) {
    const cause = `${what} does not change with the methods, since ${staysBecause}, so the stage goes on serving the old ones`;
    return [
      stale(context, place, all, cause, `make it a Deployment of the CDK, or put a digest into its id, ${ACCEPT}`),
    ];
  }
  if (missing.length === 0) return [];
  const cause = `${what} does not change with ${listNames(missing)}, on which it does not depend, so the stage goes on serving the old ones`;
  const advice = `make them with addMethod before the deployment, or add them to its digest and DependsOn, ${ACCEPT}`;
  return [stale(context, place, [...all, toReadable(key)], cause, advice, missing)];
}

function stale(
  { key, api, methods }: Context,
  place: Place,
  names: readonly string[],
  cause: string,
  advice: string,
  concerned: readonly GateMethod[] = methods,
): Finding {
  const shown = toReadable(key);
  const ofMethod = concerned.length === 1 ? concerned.map((method) => method.place.id) : [];
  const ofApi = [...(api?.names ?? []), shown, shown.replace(/^\$\{(.*)\}$/s, "$1")];
  return { code: "stage.stale", place, cause, advice, names: [...names, ...ofApi, ...ofMethod] };
}

function nameOf({ api, key }: Context): string {
  return api === undefined ? `the API ${toReadable(key)}` : called(api.place);
}

function called({ path, id }: Place): string {
  return path ?? id;
}

function listNames(methods: readonly GateMethod[]): string {
  const names = [...new Set(methods.map(({ name }) => name))];
  const more = names.length - MAX_NAMED;
  return `${names.slice(0, MAX_NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
