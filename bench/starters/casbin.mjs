// Decides with casbin: keyMatch2 for paths, and a denial overrides. What rules out most rules at least cost comes first.
import { newEnforcer, newModelFromString } from "casbin";
import { createHandler, readBeside } from "./blueprint.mjs";
import { verify } from "./verified-by-aws.mjs";

const MODEL = `[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act, own, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = (p.act == "*" || r.act == p.act) && inGroup(r.sub, p.sub) && keyMatch2(r.obj, p.obj) && owns(r.sub, p.own)
`;

const enforcer = await newEnforcer(newModelFromString(MODEL));
await enforcer.addFunction("inGroup", ({ claims }, group) => claims["cognito:groups"].includes(group));
await enforcer.addFunction("owns", ({ claims, customerId }, own) => own === "" || claims[own] === customerId);
await enforcer.addPolicies([
  ["Suspended", "/customers/:customer_id/*", "*", "", "deny"],
  ...JSON.parse(readBeside("rules.json")).map(({ verb, path, claim }) => {
    return ["Customers", path.replace(/\{(\w+)\}/, ":$1"), verb, claim, "allow"];
  }),
]);

export const handler = createHandler(verify, (claims, { httpMethod, path, pathParameters }) =>
  enforcer.enforce({ claims, customerId: pathParameters.customer_id }, path, httpMethod),
);
