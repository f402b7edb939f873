import { isObject, isText } from "../contract/json.ts";
import { hasFunctionMark, readMarkedRules } from "./marks.ts";
import { isShown, toShown } from "./references.ts";
import type { ReadIntoModel } from "./resource-reader.ts";

/** Reads a function and its environment. */
const readFunction: ReadIntoModel = ({ draft, key, place, names, resource, eachOf }) => {
  const { FunctionName: written, Environment: variables } = resource.properties;
  for (const { name, environment } of eachOf({ name: written, environment: withReadVariables(variables) }))
    draft.functions.push({
      key,
      place,
      names: isText(name) ? [...names, name] : names,
      name: isText(name) ? name : undefined,
      environment: toEnvironment(Object(environment).Variables),
      isMarked: hasFunctionMark(resource.metadata),
      publicRules: readMarkedRules(resource.metadata),
    });
};

/** The variables that the gate reads, of those that the function of a policy has. */
const READ_VARIABLES = ["API_CONTRACTS", "CACHE_CONTRACT", "TOKEN_SOURCE", "TRUSTED_ISSUERS", "UNQUALIFIED_CONTRACT"];

/** Leaves out the variables that the gate does not read, whose conditions would only multiply those that count. */
export function withReadVariables(environment: unknown): unknown {
  if (!isObject(environment) || !isObject(environment["Variables"])) return environment;
  const { Variables: variables } = environment;
  const inserted = Object.keys(variables).length === 1 && /^(Ref$|Fn::)/.test(Object.keys(variables)[0] ?? "");
  if (inserted) return environment;
  return {
    Variables: Object.fromEntries(Object.entries(variables).filter(([name]) => READ_VARIABLES.includes(name))),
  };
}

/** Reads variables of an environment; those that the template does not show are undefined. */
export function toEnvironment(variables: unknown): Readonly<Record<string, string | undefined>> {
  const entries = Object.entries(isObject(variables) ? variables : {});
  return Object.fromEntries(
    entries.map(([name, value]) => [name, isText(value) && isShown(value) ? value : undefined]),
  );
}

const readName: ReadIntoModel = ({ draft, key, resource, each }) => {
  const isVersion = resource.type === "AWS::Lambda::Version";
  for (const { FunctionName: of, Name: name } of each("FunctionName", "Name"))
    if (isText(of)) draft.functionNames.push({ key, of, name: toShown(name), isVersion });
};

/** The readers of functions, their versions and aliases. */
export const FUNCTION_READERS: Readonly<Record<string, ReadIntoModel>> = {
  "AWS::Lambda::Function": readFunction,
  "AWS::Lambda::Version": readName,
  "AWS::Lambda::Alias": readName,
};
