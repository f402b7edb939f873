// Decides with casbin: keyMatch2 for paths, and a denial overrides.
import { newEnforcer, newModelFromString, StringAdapter } from "casbin";
import { createHandler, readBeside } from "./blueprint.mjs";
import { verify } from "./verified-by-aws.mjs";

const MODEL = `[request_definition]
r = sub, obj, act, customer
[policy_definition]
p = sub, obj, act, own, eft
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = g(r.sub, p.sub) && r.act == p.act && keyMatch2(r.obj, p.obj) && keyGet2(r.obj, p.obj, p.own) == r.customer
`;

const { role, group, rules } = JSON.parse(readBeside("rules.json"));
const lines = rules.map(({ verb, path, parameter }) => {
  return `p, ${role}, ${path.replace(/\{(\w+)\}/, ":$1")}, ${verb}, ${parameter}, allow`;
});
const adapter = new StringAdapter([...lines, `g, ${group}, ${role}`].join("\n"));
const enforcer = await newEnforcer(newModelFromString(MODEL), adapter);

export const handler = createHandler(verify, async (claims, method, path) => {
  for (const name of claims["cognito:groups"]) {
    if (await enforcer.enforce(name, path, method, claims["custom:customer_id"] ?? "")) return true;
  }
  return false;
});
