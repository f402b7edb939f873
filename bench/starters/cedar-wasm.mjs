// Decides with cedar-wasm. Policies are parsed once; their actions are routes, as Amazon Verified Permissions makes them of an API.
import { preparsePolicySet, statefulIsAuthorized } from "@cedar-policy/cedar-wasm/nodejs";
import { createHandler, readBeside } from "./blueprint.mjs";
import { verify } from "./verified-by-aws.mjs";

const permits = JSON.parse(readBeside("rules.json")).map(({ verb, path, claim }) => {
  const when = `principal has "${claim}" && principal["${claim}"] == context.customer_id`;
  return `permit(principal in Group::"Customers", action == Action::"${verb} ${path}", resource) when { ${when} };`;
});
const forbid = 'forbid(principal in Group::"Suspended", action, resource) when { context.path like "/customers/*" };';
const parsed = preparsePolicySet("policies", { staticPolicies: [forbid, ...permits].join("\n") });
if (parsed.type !== "success") throw new Error(JSON.stringify(parsed.errors));

export const handler = createHandler(verify, (claims, { httpMethod, path, resource, pathParameters }) => {
  const principal = { type: "User", id: claims.sub };
  const { "cognito:groups": groups, "custom:customer_id": customerId } = claims;
  const { response } = statefulIsAuthorized({
    principal,
    action: { type: "Action", id: `${httpMethod} ${resource}` },
    resource: { type: "Application", id: "orders" },
    context: { path, customer_id: pathParameters.customer_id },
    preparsedPolicySetId: "policies",
    entities: [
      {
        uid: principal,
        attrs: customerId === undefined ? {} : { "custom:customer_id": customerId },
        parents: groups.map((id) => ({ type: "Group", id })),
      },
    ],
  });
  return response?.decision === "allow";
});
