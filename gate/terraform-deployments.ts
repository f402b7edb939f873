import { groupBy } from "../contract/group-by.ts";
import { isObject } from "../contract/json.ts";
import type { Leaf, PlannedResource } from "./terraform-plan.ts";
import type { PlanReading } from "./terraform-reading.ts";

/** The attributes of methods and routes that say how they are authorized. */
const AUTHORIZING = new Set(["authorization", "authorization_type", "authorizer_id"]);

const API_TYPES = ["aws_api_gateway_rest_api", "aws_apigatewayv2_api"];

/**
 * Creates the reader of deployments. Terraform replaces a deployment when its `triggers` change. They change with a method if
 * they read the whole method or its authorization; its `id` stays the same.
 */
export function readDeployment(apiAttribute: "rest_api_id" | "api_id", methodType: string) {
  return (resource: PlannedResource, reading: PlanReading): void => {
    const { draft, keysOf, placeOf, namesOf, planned } = reading;
    const { values, expressions } = resource;
    const leaves = planned.leavesOf(resource, "triggers");
    const byBase = groupBy(leaves, ({ base, module }) => `${module.address} ${base}`);
    const read = [...byBase.values()].filter(readsAuthorization);
    const ofMethods = read.flatMap((group) => (isOf(group, methodType) ? group.flatMap(planned.find) : []));
    const readsDocument = leaves.some(
      ({ base, attribute }) => API_TYPES.some((type) => base.startsWith(`${type}.`)) && attribute.startsWith("body"),
    );
    draft.deployments.push({
      key: resource.key,
      place: placeOf(resource),
      names: namesOf(resource),
      api: keysOf(resource, apiAttribute, API_TYPES)[0] ?? "",
      staysBecause: findSameness(
        expressions["triggers"],
        values["triggers"],
        leaves,
        ofMethods.length > 0 || readsDocument,
      ),
      covers: readsFiles(leaves) ? undefined : new Set(ofMethods.map(({ key }) => key)),
      // Older versions of the provider make a stage with a deployment.
      makesStage: typeof values["stage_name"] === "string" && values["stage_name"] !== "",
    });
  };
}

function findSameness(
  expression: unknown,
  value: unknown,
  leaves: readonly Leaf[],
  readsMethods: boolean,
): string | undefined {
  if (expression === undefined && !isObject(value)) return "it has no triggers";
  if (isObject(expression) && Object.hasOwn(expression, "constant_value")) return "its triggers are constant";
  if (readsMethods || readsFiles(leaves)) return undefined;
  const [hidden] = leaves.filter(({ base }) => /^(local|var|module|data|each|count)\./.test(base));
  if (hidden !== undefined) return `its triggers read ${hidden.text}, and the plan does not show what that depends on`;
  return "its triggers read neither how methods are authorized nor the document";
}

/** Tells whether triggers depend on the files of the configuration or on the time: they have no reference, or one to a path. */
function readsFiles(leaves: readonly Leaf[]): boolean {
  return leaves.length === 0 || leaves.some(({ text }) => text.startsWith("path."));
}

/** Tells whether a resource is read as a whole, or how it is authorized. Each reference is followed by its own beginnings. */
function readsAuthorization(group: readonly Leaf[]): boolean {
  const attributes = group.map(({ attribute }) => attribute).filter((attribute) => attribute !== "");
  return attributes.length === 0 || attributes.some((attribute) => AUTHORIZING.has(attribute));
}

function isOf(group: readonly Leaf[], type: string): boolean {
  return group.some(({ base }) => base.startsWith(`${type}.`));
}
