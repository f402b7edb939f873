import { isObject, isText, isTexts, own } from "../contract/json.ts";
import type { Choose } from "./alternatives.ts";
import { formatHidden, formatReference, isShown, withoutReferences } from "./references.ts";
import type { Scope } from "./scope.ts";

/** A value as a template writes it, and the scope of the names in it. */
export interface Written {
  readonly scope: Scope;
  readonly value: unknown;
}

/** Where an evaluation takes branches of conditions, and values of other stacks. */
export interface Surroundings {
  readonly choose: Choose;
  /** Finds the value of an export. */
  readonly findExport: (name: string, asker: Scope) => Written | undefined;
  /** Finds the value of an output of a stack. */
  readonly findOutput: (stackName: string, output: string, asker: Scope) => Written | undefined;
}

/** The means of an intrinsic function. */
export interface Evaluation {
  readonly scope: Scope;
  readonly around: Surroundings;
  /** Evaluates a value of the same scope. */
  readonly inner: (value: unknown) => unknown;
  /** Evaluates a value of another scope. */
  readonly elsewhere: (written: Written) => unknown;
}

/** The value of a function, undefined within for `AWS::NoValue`; or undefined if it can't be evaluated. */
export type Evaluated = { readonly value: unknown } | undefined;

type Intrinsic = (argument: unknown, evaluation: Evaluation) => Evaluated;

/** The intrinsic functions that can be evaluated without a deployment. */
export const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (name, evaluation) => (isText(name) ? refer(name, evaluation) : undefined),
  "Fn::GetAtt": getAttribute,
  "Fn::Sub": substitute,
  "Fn::Join": join,
  "Fn::If": branch,
  "Fn::FindInMap": findInMap,
  "Fn::ImportValue": importValue,
  "Fn::GetStackOutput": getStackOutput,
  "Fn::Select": select,
  "Fn::Split": split,
};

/** Attributes that have the same value as `Ref`, which templates use for either. */
const SAME_AS_REF = new Set([
  "AWS::ApiGateway::Authorizer.AuthorizerId",
  "AWS::ApiGateway::Deployment.DeploymentId",
  "AWS::ApiGateway::Resource.ResourceId",
  "AWS::ApiGateway::RestApi.RestApiId",
  "AWS::ApiGatewayV2::Api.ApiId",
  "AWS::ApiGatewayV2::Authorizer.AuthorizerId",
  "AWS::ApiGatewayV2::Deployment.DeploymentId",
  "AWS::Lambda::Alias.AliasArn",
  "AWS::Lambda::Version.FunctionArn",
]);

function refer(name: string, { scope, inner, elsewhere, around }: Evaluation): Evaluated {
  if (name === "AWS::NoValue") return { value: undefined };
  if (name === "AWS::StackName" && scope.stackName !== undefined) return { value: scope.stackName };
  if (name.startsWith("AWS::")) return { value: formatHidden(name.startsWith("AWS::Stack") ? scope.id : "", name) };
  const parameters = scope.template["Parameters"];
  const parameter = isObject(parameters) ? own(parameters, name) : undefined;
  if (!isObject(parameter)) {
    // AWS SAM has `Function.Alias` and the like.
    const [id = "", ...attribute] = name.split(".");
    return { value: formatReference(scope.id, id, attribute.join(".")) };
  }
  const hidden = { value: formatHidden(scope.id, name) };
  // The value is the name of a parameter that is read at deployment.
  if (String(parameter["Type"]).startsWith("AWS::SSM::")) return hidden;
  const given = scope.nestedIn === undefined ? undefined : own(scope.nestedIn.parameters, name);
  if (given !== undefined && scope.nestedIn !== undefined)
    return { value: elsewhere({ scope: scope.nestedIn.scope, value: given }) };
  if (scope.nestedIn !== undefined && parameter["Default"] !== undefined) return { value: inner(parameter["Default"]) };
  const { AllowedValues: allowed } = parameter;
  if (!Array.isArray(allowed) || allowed.length === 0) return hidden;
  return { value: allowed[around.choose(`${scope.id} parameter ${name}`, allowed.length)] };
}

function getAttribute(argument: unknown, evaluation: Evaluation): Evaluated {
  const { scope, inner, elsewhere } = evaluation;
  const written = isText(argument) ? [argument.split(".")[0] ?? "", argument.split(".").slice(1).join(".")] : argument;
  if (!Array.isArray(written)) return undefined;
  const [id, attribute] = [written[0], inner(written[1])];
  if (!isText(id) || !isText(attribute)) return undefined;
  const nested = scope.nested.get(id);
  if (nested !== undefined && attribute.startsWith("Outputs.")) {
    const output = outputOf(nested, attribute.slice("Outputs.".length));
    return output === undefined ? undefined : { value: elsewhere(output) };
  }
  const type = scope.resources.get(id)?.type ?? "";
  return { value: formatReference(scope.id, id, SAME_AS_REF.has(`${type}.${attribute}`) ? "" : attribute) };
}

/** Finds the value of an output of a template. */
export function outputOf(scope: Scope, name: string): Written | undefined {
  const { Outputs: outputs } = scope.template;
  const output = isObject(outputs) ? own(outputs, name) : undefined;
  return isObject(output) ? { scope, value: output["Value"] } : undefined;
}

function substitute(argument: unknown, evaluation: Evaluation): Evaluated {
  const [text, values] = Array.isArray(argument) ? argument : [argument, {}];
  if (!isText(text)) return undefined;
  const replaced = text.split(/(\$\{[^}]*\})/).map((part) => {
    const [, literal, name] = /^\$\{(!?)\s*([^}]*?)\s*\}$/.exec(part) ?? [];
    if (name === undefined) return withoutReferences(part);
    if (literal === "!") return `\${${name}}`;
    const given = isObject(values) ? own(values, name) : undefined;
    if (given !== undefined) return evaluation.inner(given);
    const isAttribute = name.includes(".") && !evaluation.scope.resources.has(name);
    return (isAttribute ? getAttribute(name, evaluation) : refer(name, evaluation))?.value;
  });
  return toText(replaced);
}

function join(argument: unknown, { inner }: Evaluation): Evaluated {
  if (!Array.isArray(argument)) return undefined;
  const [separator, list] = [argument[0], inner(argument[1])];
  if (!isText(separator) || !Array.isArray(list)) return undefined;
  return toText(list.flatMap((part, at) => (at === 0 ? [part] : [separator, part])));
}

function toText(parts: readonly unknown[]): Evaluated {
  const texts = parts.map((part) => (typeof part === "number" || typeof part === "boolean" ? String(part) : part));
  return isTexts(texts) ? { value: texts.join("") } : undefined;
}

function branch(argument: unknown, { scope, around, inner }: Evaluation): Evaluated {
  if (!Array.isArray(argument) || argument.length !== 3 || !isText(argument[0])) return undefined;
  return { value: inner(argument[1 + around.choose(nameCondition(scope, argument[0]), 2)]) };
}

/** Names a condition as what decides between two branches, the first of which is the one where it is true. */
export function nameCondition(scope: Scope, condition: string): string {
  return `${scope.id} condition ${condition}`;
}

/**
 * Looks up a value of `Mappings`. A key that only the deployment knows has a branch for each key of the map, and the same one in
 * all lookups; a `DefaultValue` is one more.
 */
function findInMap(argument: unknown, { scope, around, inner }: Evaluation): Evaluated {
  if (!Array.isArray(argument)) return undefined;
  const keys: readonly unknown[] = argument.slice(0, 3).map(inner);
  const preset = isObject(argument[3]) ? argument[3]["DefaultValue"] : undefined;
  if (keys.length < 3 || !isTexts(keys)) return undefined;
  let found: unknown = scope.template["Mappings"];
  for (const [at, key] of keys.entries()) {
    if (!isObject(found)) break;
    let chosen: string | undefined = key;
    if (!isShown(key)) {
      const known = Object.keys(found).filter((one) => leadsOn(own(Object(found), one), keys.slice(at + 1)));
      const branches = known.length + (preset === undefined ? 0 : 1);
      // A key beyond those of the map leads to the default.
      chosen = branches === 0 ? undefined : known[around.choose(`${scope.id} key ${key} of ${known.join()}`, branches)];
    }
    found = chosen === undefined ? undefined : own(found, chosen);
  }
  const value = found ?? preset;
  return value === undefined ? undefined : { value: inner(value) };
}

/** Tells whether keys, some of which only the deployment knows, can lead to a value. */
function leadsOn(value: unknown, [key, ...others]: readonly string[]): boolean {
  if (key === undefined) return value !== undefined;
  if (!isObject(value)) return false;
  return isShown(key) ? leadsOn(own(value, key), others) : Object.values(value).some((one) => leadsOn(one, others));
}

function importValue(argument: unknown, { scope, around, inner, elsewhere }: Evaluation): Evaluated {
  const name = inner(argument);
  if (!isText(name)) return undefined;
  const found = around.findExport(name, scope);
  return { value: found === undefined ? formatHidden("", `import ${name}`) : elsewhere(found) };
}

function getStackOutput(argument: unknown, { scope, around, inner, elsewhere }: Evaluation): Evaluated {
  const { StackName: stack, OutputName: output } = Object(inner(argument));
  if (!isText(stack) || !isText(output)) return undefined;
  const found = around.findOutput(stack, output, scope);
  return { value: found === undefined ? formatHidden("", `output ${output} of ${stack}`) : elsewhere(found) };
}

function select(argument: unknown, { inner }: Evaluation): Evaluated {
  const evaluated = inner(argument);
  if (!Array.isArray(evaluated) || !Array.isArray(evaluated[1])) return undefined;
  const value: unknown = evaluated[1][Number(evaluated[0])];
  return value === undefined ? undefined : { value };
}

function split(argument: unknown, { inner }: Evaluation): Evaluated {
  const evaluated = inner(argument);
  if (!Array.isArray(evaluated) || !isTexts(evaluated)) return undefined;
  const [separator = "", text = ""] = evaluated;
  return separator !== "" && isShown(text) ? { value: text.split(separator) } : undefined;
}
