import { CfnResource, Fn, Stack, Token } from "aws-cdk-lib";
import type { CfnFunction } from "aws-cdk-lib/aws-lambda";
import type { IConstruct } from "constructs";
import { isObject } from "../../contract/json.ts";
import { toSynthesisError } from "./synthesis-error.ts";
import { templateOf } from "./template.ts";

/** The longest description of a version. @see CloudFormation template reference, `AWS::Lambda::Version` */
const MAX_DESCRIPTION_CHARS = 256;

/** Assumed lengths of values, by the type of the resource: of a pool's id with the longest region, and so on. */
const CHARS_BY_TYPE: Readonly<Record<string, number>> = {
  "AWS::Cognito::UserPool": 24,
  "AWS::Cognito::UserPoolClient": 26,
  "AWS::EC2::Subnet": 24,
  "AWS::EC2::SecurityGroup": 20,
};

/** The assumed length of a parameter and of whatever else is known at deployment only, and that of an attribute: an ARN. */
const CHARS_OF_OTHERS = 40;
const CHARS_OF_ATTRIBUTE = 75;

/**
 * Describes a version of the function by the values in its settings that are known at deployment only, such as a pool's id.
 *
 * CloudFormation publishes a version only if the template changes what identifies it, and replaces it if its description
 * changes. Without them, a new value would reach the function and none of its versions: a replaced user pool would leave the
 * old issuer in force.
 *
 * @returns Undefined if all values are known at synthesis.
 * @throws An error of synthesis if the values don't fit into a description, or CloudFormation would not notice their changes.
 */
export function describeDeployTimeValues(construct: IConstruct, lambda: CfnFunction): string | undefined {
  const stack = Stack.of(lambda);
  const { Environment, KmsKeyArn, VpcConfig, MemorySize } = templateOf(lambda);
  const resolved = [Environment, KmsKeyArn, Object(VpcConfig).SubnetIds, MemorySize];
  const dynamic = findDynamicReference(resolved);
  if (dynamic !== undefined) {
    const cause = `a setting of the authorizer has ${dynamic}, and CloudFormation does not notice when its value changes; give the value, or a CfnParameter of a type like AWS::SSM::Parameter::Value<String>`;
    throw toSynthesisError(construct, "PolicyAuthorizer", cause);
  }
  const values = [...new Map(findValues(resolved).map((value) => [JSON.stringify(value), value])).values()];
  if (values.length === 0) return undefined;
  const typeOf = typesOf(stack);
  const chars = values.reduce<number>((sum, value) => sum + 1 + charsOf(value, typeOf), 0);
  if (chars > MAX_DESCRIPTION_CHARS) {
    const cause =
      `the settings of the authorizer have ${values.length} values that are known at deployment only, such as ids of user pools, and the ` +
      `description of a version has room for about ${MAX_DESCRIPTION_CHARS} characters of them; give ids as texts (UserPool.fromUserPoolId), or pack the issuers at the build (ISSUERS)`;
    throw toSynthesisError(construct, "PolicyAuthorizer", cause);
  }
  return Fn.join(
    " ",
    values.map((value) => Token.asString(value)),
  );
}

/** Lists the references in a resolved value, without those that can't change in a stack: to its region, account and partition. */
function findValues(value: unknown): readonly object[] {
  if (Array.isArray(value)) return value.flatMap(findValues);
  if (!isObject(value)) return [];
  const [[name, argument] = [], ...others] = Object.entries(value);
  if (others.length > 0 || name === undefined) return Object.values(value).flatMap(findValues);
  if (name === "Ref") return typeof argument === "string" && argument.startsWith("AWS::") ? [] : [value];
  // A list of subnets may be a parameter of its own, which is joined in the settings.
  if (name === "Fn::Join" || name === "Fn::Split") return findValues(argument);
  return name.startsWith("Fn::") ? [value] : findValues(argument);
}

/**
 * Finds a dynamic reference, unless it names the version of its parameter, which has one value. Of one that contains a value that is
 * known at deployment only, it gives the text before that.
 */
function findDynamicReference(value: unknown): string | undefined {
  const found = JSON.stringify(value)?.match(/\{\{resolve:[^}"\\]*(?:\}\})?/g) ?? [];
  return found.find((reference) => !/^\{\{resolve:ssm:[^:]+:\d+\}\}$/.test(reference));
}

/** Creates a look-up of the types in the table above by logical id. */
function typesOf(stack: Stack): (logicalId: unknown) => string | undefined {
  const known = stack.node
    .findAll()
    .filter((node) => CfnResource.isCfnResource(node))
    .filter(({ cfnResourceType }) => Object.hasOwn(CHARS_BY_TYPE, cfnResourceType));
  const types = new Map<unknown, string>(known.map((node) => [stack.resolve(node.logicalId), node.cfnResourceType]));
  return (logicalId) => types.get(logicalId);
}

function charsOf(value: object, typeOf: (logicalId: unknown) => string | undefined): number {
  if ("Fn::GetAtt" in value) return CHARS_OF_ATTRIBUTE;
  const type = "Ref" in value ? typeOf(value.Ref) : undefined;
  return type === undefined ? CHARS_OF_OTHERS : (CHARS_BY_TYPE[type] ?? CHARS_OF_OTHERS);
}
