import { isText } from "../contract/json.ts";
import { functionOfUri } from "./authorizations.ts";
import type { Place } from "./finding.ts";
import type { ModelDraft } from "./model.ts";
import type { Plan } from "./read-world.ts";
import { formatHidden } from "./references.ts";
import { type PlannedResource, type PlannedResources, readPlannedResources } from "./terraform-plan.ts";

/** A plan that is being read, and where its parts go. */
export interface PlanReading {
  readonly draft: ModelDraft;
  readonly all: readonly PlannedResource[];
  readonly planned: PlannedResources;
  readonly byKey: ReadonlyMap<string, PlannedResource>;
  /** Finds the integration of a REST API's method: of the same resource and verb. */
  readonly integrationOf: (method: PlannedResource) => PlannedResource | undefined;
  readonly placeOf: (resource: PlannedResource) => Place;
  readonly namesOf: (resource: PlannedResource) => readonly string[];
  /**
   * Finds the keys of the resources that an attribute names: of a type, by its value or by its expression. A value that names
   * none of the plan is its own key.
   */
  readonly keysOf: (resource: PlannedResource, attribute: string, types: readonly string[]) => readonly string[];
  /** Finds the functions in the URI of an authorizer. */
  readonly invokedBy: (resource: PlannedResource) => readonly (string | undefined)[];
  readonly isUnknown: (resource: PlannedResource, attribute: string) => boolean;
  readonly refuse: (resource: PlannedResource, cause: string, advice: string) => void;
}

const RESOURCE_TYPES = ["aws_api_gateway_resource", "aws_api_gateway_rest_api"];

const FUNCTION_TYPES = ["aws_lambda_function", "aws_lambda_alias"];

/** Creates the reading of a plan. */
export function createPlanReading(draft: ModelDraft, { file, content }: Plan, scope: string): PlanReading {
  const planned = readPlannedResources(scope, content);
  const byId = new Map<string, PlannedResource[]>();
  for (const one of planned.resources) {
    for (const id of new Set([one.values["id"], one.values["arn"], one.values["invoke_arn"]]))
      if (isText(id)) byId.set(id, [...(byId.get(id) ?? []), one]);
  }
  const placeOf = ({ address }: PlannedResource): Place => ({ file, id: address });
  const isUnknown = (resource: PlannedResource, attribute: string) => {
    const { [attribute]: unknown } = resource.unknown;
    return unknown === true;
  };

  const keysOf: PlanReading["keysOf"] = (resource, attribute, types) => {
    const value = resource.values[attribute];
    if (isText(value) && value !== "") {
      const found = (byId.get(value) ?? []).filter(({ type }) => types.includes(type));
      return found.length > 0 ? found.map(({ key }) => key) : [value];
    }
    const leaves = planned.leavesOf(resource, attribute).filter(({ base }) => types.includes(base.split(".")[0] ?? ""));
    const found = new Map(leaves.flatMap(planned.find).map((one) => [one.key, one]));
    // With `for_each` on both, the resources of one index belong together.
    const same = [...found.values()].filter(
      ({ index, module }) => index === resource.index && module === resource.module,
    );
    if (found.size > 1 && resource.index !== "" && same.length === 1) return same.map(({ key }) => key);
    if (found.size > 0) return [...found.keys()];
    return isUnknown(resource, attribute) || leaves.length > 0
      ? [formatHidden(scope, `${resource.address}.${attribute}`)]
      : [];
  };

  const nameOf = (one: PlannedResource) =>
    `${one.values["http_method"]} ${keysOf(one, "resource_id", RESOURCE_TYPES).join()}`;
  let integrations: ReadonlyMap<string, PlannedResource> | undefined;

  return {
    draft,
    all: planned.resources,
    planned,
    byKey: new Map(planned.resources.map((one) => [one.key, one])),
    integrationOf(method) {
      integrations ??= new Map(
        planned.resources.filter(({ type }) => type === "aws_api_gateway_integration").map((one) => [nameOf(one), one]),
      );
      return integrations.get(nameOf(method));
    },
    placeOf,
    namesOf: ({ address, values }) => [address, ...[values["name"], values["id"]].filter(isText)],
    keysOf,
    isUnknown,
    invokedBy(resource) {
      const uri = resource.values["authorizer_uri"];
      if (isText(uri)) return [byId.get(uri)?.[0]?.key ?? functionOfUri(uri)];
      const keys = keysOf(resource, "authorizer_uri", FUNCTION_TYPES);
      return keys.length === 0 ? [undefined] : keys;
    },
    refuse: (resource, cause, advice) => draft.unreadable.push({ place: placeOf(resource), cause, advice }),
  };
}
