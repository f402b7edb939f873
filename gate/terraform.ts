import { isObject, isText } from "../contract/json.ts";
import type { ModelDraft } from "./model.ts";
import type { Plan } from "./read-world.ts";
import { createPlanReading } from "./terraform-reading.ts";
import { TERRAFORM_READERS, WITHOUT_METHODS } from "./terraform-resources.ts";

/** Providers' types that could have methods. */
const COULD_HAVE_METHODS =
  /^(aws_api_gateway_|aws_apigatewayv2_|awscc_apigateway|aws_serverlessapplicationrepository_|aws_cloudformation_stack|awscc_cloudformation_stack|aws_servicecatalog_provisioned_product|awscc_servicecatalog_cloud_formation_provisioned_product)/;

/** Adds what a plan of Terraform deploys to a model. */
export function addPlan(draft: ModelDraft, plan: Plan, scope: string): void {
  const refuse = (cause: string, advice: string) =>
    draft.unreadable.push({ place: { file: plan.file, id: "" }, cause, advice });
  const { content } = plan;
  const AGAIN = "plan again, and print it with terraform show -json PLAN";
  if (!isObject(content["planned_values"]) || !isObject(content["configuration"])) {
    refuse("is not a plan: it has no planned_values and configuration, as a state has none", AGAIN);
    return;
  }
  if (!/^[01]\./.test(String(content["format_version"])))
    refuse(`has the format ${String(content["format_version"])}, which the gate does not know`, "use a newer version");
  if (content["errored"] === true) refuse("the plan ended with an error, so it lacks resources", AGAIN);
  if (content["complete"] === false || [content["deferred_changes"] ?? []].flat().length > 0)
    refuse(
      "the plan is not complete: it defers or leaves out changes",
      "plan without -target, and apply what it waits for",
    );
  const reading = createPlanReading(draft, plan, scope);
  const missing = listMissing(content, new Set(reading.all.map(({ address }) => address)));
  if (missing.length > 0)
    refuse(`planned_values lack ${missing.join(", ")}, which resource_changes have, so the plan was cut`, AGAIN);
  for (const resource of reading.all) {
    const reader = Object.hasOwn(TERRAFORM_READERS, resource.type) ? TERRAFORM_READERS[resource.type] : undefined;
    if (reader !== undefined) reader(resource, reading);
    else if (
      COULD_HAVE_METHODS.test(resource.type) &&
      !WITHOUT_METHODS.has(resource.type) &&
      couldHaveApi(resource.values)
    )
      reading.refuse(
        resource,
        `the gate does not know the type ${resource.type}, which could have methods`,
        "use a newer version of rego-authorizer, write the API with the types of the provider aws, or check its template by itself",
      );
  }
}

/** Lists the resources with methods that will be there after the apply, and that the planned values lack. */
function listMissing({ resource_changes: changes }: Plan["content"], planned: ReadonlySet<string>): readonly string[] {
  return [changes ?? []].flat().flatMap((one) => {
    const { address, mode, type, change } = Object(one);
    const isMade = mode === "managed" && isText(type) && isText(address) && isObject(Object(change).after);
    return isMade && COULD_HAVE_METHODS.test(type) && !planned.has(address) ? [address] : [];
  });
}

/** Tells whether the template of a stack, if there is one, could have an API. */
function couldHaveApi({ template_body: template }: Readonly<Record<string, unknown>>): boolean {
  return !isText(template) || /ApiGateway|Serverless|Transform|Stack|MODULE/.test(template);
}
