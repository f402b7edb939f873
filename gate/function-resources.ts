import { isObject, isText } from "../contract/json.ts";
import { hasFunctionMark } from "./marks.ts";
import { isShown, toShown } from "./references.ts";
import type { ReadIntoModel } from "./resource-reader.ts";

/** Reads a function and its environment. */
const readFunction: ReadIntoModel = ({ draft, key, place, names, resource, each }) => {
  for (const { FunctionName: name, Environment: environment } of each("FunctionName", "Environment"))
    draft.functions.push({
      key,
      place,
      names: isText(name) ? [...names, name] : names,
      environment: toEnvironment(Object(environment).Variables),
      isMarked: hasFunctionMark(resource.metadata),
    });
};

/** Reads variables of an environment; those that the template does not show are undefined. */
export function toEnvironment(variables: unknown): Readonly<Record<string, string | undefined>> {
  const entries = Object.entries(isObject(variables) ? variables : {});
  return Object.fromEntries(
    entries.map(([name, value]) => [name, isText(value) && isShown(value) ? value : undefined]),
  );
}

const readName: ReadIntoModel = ({ draft, key, each }) => {
  for (const { FunctionName: of, Name: name } of each("FunctionName", "Name"))
    if (isText(of)) draft.functionNames.push({ key, of, name: toShown(name) });
};

/** The readers of functions, their versions and aliases. */
export const FUNCTION_READERS: Readonly<Record<string, ReadIntoModel>> = {
  "AWS::Lambda::Function": readFunction,
  "AWS::Lambda::Version": readName,
  "AWS::Lambda::Alias": readName,
};
