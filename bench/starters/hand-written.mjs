// Decides by a map from verb and route to the claim that must equal the parameter: the least that an index can be.
import { createHandler, readBeside } from "./blueprint.mjs";
import { verify } from "./verified-by-aws.mjs";

const rules = JSON.parse(readBeside("rules.json"));
const claimsByRoute = new Map(rules.map(({ verb, path, claim }) => [`${verb} ${path}`, claim]));

export const handler = createHandler(verify, (claims, { httpMethod, path, resource, pathParameters }) => {
  const groups = claims["cognito:groups"];
  if (groups.includes("Suspended") && path.startsWith("/customers/")) return false;
  const claim = claimsByRoute.get(`${httpMethod} ${resource}`);
  return claim !== undefined && groups.includes("Customers") && claims[claim] === pathParameters.customer_id;
});
