// Decides by a map from verb and path, with every parameter as one sign: the least that an index can be.
import { createHandler, readBeside } from "./blueprint.mjs";
import { verify } from "./verified-by-aws.mjs";

const { group, rules } = JSON.parse(readBeside("rules.json"));
const owners = new Map(rules.map(({ verb, path, claim }) => [`${verb} ${path.replace(/\{\w+\}/, "{}")}`, claim]));

export const handler = createHandler(verify, (claims, method, path) => {
  const [root, customers, customer, ...rest] = path.split("/");
  const claim = owners.get(`${method} ${[root, customers, "{}", ...rest].join("/")}`);
  return claim !== undefined && claims["cognito:groups"].includes(group) && claims[claim] === customer;
});
