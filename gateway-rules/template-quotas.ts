import { groupBy } from "../contract/group-by.ts";
import { isObject, isText } from "../contract/json.ts";
import type { Breach, BrokenRule } from "./rule.ts";

/** The largest environment of a function: the names and values of its variables, in bytes. */
const MAX_ENVIRONMENT_BYTES = 4096;

/** The largest resource policy of a function, a version or an alias, in bytes. */
const MAX_POLICY_BYTES = 20_480;

const MAX_TEMPLATE_BYTES = 1_000_000;
const MAX_RESOURCES = 500;

const LAMBDA_QUOTAS = 'Lambda developer guide, "Lambda quotas"';
const CLOUDFORMATION_QUOTAS = 'CloudFormation user guide, "Understand CloudFormation quotas"';

/**
 * The least length of a statement that lets an API invoke a function, without its id: names of JSON, principal, action, the ARN of
 * a function with a name of one letter, and the ARN of an API.
 */
const STATEMENT_BYTES = JSON.stringify({
  Sid: "",
  Effect: "Allow",
  Principal: { Service: "apigateway.amazonaws.com" },
  Action: "lambda:InvokeFunction",
  Resource: "arn:aws:lambda:eu-west-1:123456789012:function:f",
  Condition: {
    ArnLike: { "AWS:SourceArn": "arn:aws:execute-api:eu-west-1:123456789012:abcdefghij/authorizers/*" },
  },
}).length;

/** CloudFormation makes the id of a statement of the logical id, with the stack's name before it and twelve characters after it. */
const SID_BYTES = "s--123456789012".length;

/** The length of what a resource is referred to by, as far as AWS documents it. */
const REFERENCE_BYTES: Readonly<Record<string, number>> = {
  "AWS::Cognito::UserPool": "eu-west-1_".length + 9,
  "AWS::Cognito::UserPoolClient": 25,
};

/** A CloudFormation template, or the part of one that is known at synthesis. */
interface Template {
  readonly Resources?: Readonly<Record<string, unknown>>;
}

/**
 * Finds the quotas of Lambda and CloudFormation that a template passes. What is known at deployment only counts with its least
 * length, so that nothing is refused which fits.
 *
 * @param where - The place of a resource, for messages, by its logical id; the default is the logical id.
 */
export function findTemplateQuotas(
  template: unknown,
  where: (logicalId: string) => string = (logicalId) => logicalId,
): readonly BrokenRule[] {
  const resources = Object.entries(resourcesOf(template));
  const bytes = byteLength(JSON.stringify(template) ?? "");
  return [
    ...(bytes <= MAX_TEMPLATE_BYTES
      ? []
      : [
          toQuota("quota.template_bytes", CLOUDFORMATION_QUOTAS, {
            where: ["the template"],
            cause: `has ${bytes} bytes without white space, and ${MAX_TEMPLATE_BYTES} are the most`,
            remedy: "move APIs to another stack (AWS does not raise this quota)",
          }),
        ]),
    ...(resources.length <= MAX_RESOURCES
      ? []
      : [
          toQuota("quota.stack_resources", CLOUDFORMATION_QUOTAS, {
            where: ["the template"],
            cause: `has ${resources.length} resources, and ${MAX_RESOURCES} are the most`,
            remedy: "move APIs to another stack, or take {proxy+} where one backend serves many paths",
          }),
        ]),
    ...resources.flatMap(([id, resource]) => findEnvironmentQuota(resource, template, where(id))),
    ...findPolicyQuotas(resources),
  ];
}

/** Finds out whether the environment of a function is larger than Lambda allows. */
export function findEnvironmentQuota(resource: unknown, template: unknown, where: string): readonly BrokenRule[] {
  const { Type, Properties } = Object(resource);
  const variables = Object(Object(Properties).Environment).Variables;
  if (Type !== "AWS::Lambda::Function" || !isObject(variables)) return [];
  const types = resourcesOf(template);
  const sizes = Object.entries(variables).map(([name, value]) => [name, bytesOf(value, types)] as const);
  const bytes = sizes.reduce((sum, [name, size]) => sum + byteLength(name) + size, 0);
  if (bytes <= MAX_ENVIRONMENT_BYTES) return [];
  const [[name] = [""]] = sizes.toSorted(([, one], [, other]) => other - one);
  return [
    toQuota("quota.environment_bytes", LAMBDA_QUOTAS, {
      where: [where],
      cause: `the environment has at least ${bytes} bytes, and ${MAX_ENVIRONMENT_BYTES} are the most; ${name} has most of them`,
      remedy: `${toInstead(name)} (AWS does not raise this quota)`,
    }),
  ];
}

function toInstead(name: string): string {
  return name === "TRUSTED_ISSUERS"
    ? "pack issuers with the build (ISSUERS=FILE rego-authorizer build), or use an authorizer of its own for some of the APIs"
    : "make its value shorter";
}

/** Finds functions and aliases that more APIs may invoke than their resource policy has room for. */
function findPolicyQuotas(resources: readonly (readonly [string, unknown])[]): readonly BrokenRule[] {
  const permissions = resources.filter(([, resource]) => Object(resource).Type === "AWS::Lambda::Permission");
  const byFunction = groupBy(permissions, ([, resource]) =>
    JSON.stringify(Object(Object(resource).Properties).FunctionName),
  );
  return [...byFunction].flatMap(([name, own]) => {
    const bytes = own.reduce((sum, [id]) => sum + STATEMENT_BYTES + SID_BYTES + id.length + 1, 0);
    if (bytes <= MAX_POLICY_BYTES) return [];
    return [
      toQuota("quota.policy_bytes", LAMBDA_QUOTAS, {
        where: [name ?? "a function"],
        cause: `${own.length} permissions need at least ${bytes} bytes of its resource policy, and ${MAX_POLICY_BYTES} are the most`,
        remedy:
          "let some of the APIs invoke another alias of the function, or an authorizer of their own (AWS does not raise this quota)",
      }),
    ];
  });
}

function toQuota(code: string, source: string, breach: Breach): BrokenRule {
  return { ...breach, code, effect: "refused", source };
}

function resourcesOf(template: unknown): Readonly<Record<string, unknown>> {
  const { Resources }: Template = Object(template);
  return isObject(Resources) ? Resources : {};
}

/** Measures the least length of a value in a template. */
function bytesOf(value: unknown, resources: Readonly<Record<string, unknown>>): number {
  if (isText(value)) return byteLength(value);
  if (!isObject(value)) return value === undefined ? 0 : String(value).length;
  const { Ref, "Fn::Join": join, "Fn::Sub": sub } = value;
  if (isText(Ref)) return REFERENCE_BYTES[String(Object(resources[Ref]).Type)] ?? 0;
  if (Array.isArray(join) && Array.isArray(join[1])) {
    const [delimiter, parts]: readonly unknown[] = join;
    const list: readonly unknown[] = Array.isArray(parts) ? parts : [];
    const between = bytesOf(delimiter, resources) * Math.max(0, list.length - 1);
    return list.reduce<number>((sum, part) => sum + bytesOf(part, resources), between);
  }
  const text = Array.isArray(sub) ? sub[0] : sub;
  return isText(text) ? bytesOf(text.replaceAll(/\$\{[^!}][^}]*\}/g, ""), resources) : 0;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
