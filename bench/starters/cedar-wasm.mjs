// Decides with cedar-wasm, whose policies are parsed once.
import { preparsePolicySet, statefulIsAuthorized } from "@cedar-policy/cedar-wasm/nodejs";
import { createHandler, readBeside } from "./blueprint.mjs";
import { verify } from "./verified-by-aws.mjs";

const { group, rules } = JSON.parse(readBeside("rules.json"));
const policies = rules.map(({ verb, path }) => {
  const pattern = JSON.stringify(path.replace(/\{\w+\}/, "*"));
  return `permit(principal in Group::${JSON.stringify(group)}, action == Action::"${verb}", resource)
when { context.path like ${pattern} && context.segments == ${path.split("/").length} && context.customer == principal.customer };`;
});
const parsed = preparsePolicySet("policies", { staticPolicies: policies.join("\n") });
if (parsed.type !== "success") throw new Error(JSON.stringify(parsed.errors));

export const handler = createHandler(verify, (claims, method, path) => {
  const principal = { type: "User", id: claims.sub };
  const groups = claims["cognito:groups"].map((id) => ({ type: "Group", id }));
  const answer = statefulIsAuthorized({
    principal,
    action: { type: "Action", id: method },
    resource: { type: "Api", id: "orders" },
    context: { path, segments: path.split("/").length, customer: path.split("/")[2] ?? "" },
    preparsedPolicySetId: "policies",
    entities: [
      { uid: principal, attrs: { customer: claims["custom:customer_id"] ?? "" }, parents: groups },
      ...groups.map((uid) => ({ uid, attrs: {}, parents: [] })),
    ],
  });
  return answer.type === "success" && answer.response.decision === "allow";
});
