import { createHash } from "node:crypto";
import { CfnResource, Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { templateOf } from "./template.ts";

/** The parts of a template by which two deployments of an authorizer differ if they may decide differently. */
interface DecidingParts {
  /** The digest of the function's code and settings in the template. */
  readonly Template: string;
  /** The function's versions, which follow values that are known at deployment only; none in another stack. */
  readonly Versions?: readonly unknown[];
}

/** Properties of a function that change no decision. */
const NEUTRAL = ["Description", "Tags", "LoggingConfig", "ReservedConcurrentExecutions"];

/** Lists the function of an authorizer, its versions and its aliases. */
export function findDeciding(authorizer: IConstruct): readonly CfnResource[] {
  const resources = authorizer.node.findAll().filter((node) => CfnResource.isCfnResource(node));
  return resources.filter(({ cfnResourceType }) => cfnResourceType.startsWith("AWS::Lambda::"));
}

/**
 * Computes what changes whenever the authorizer may decide differently: its code, policy, issuers, clients and settings.
 *
 * @param authorizer - The construct below which the function and its versions are.
 * @param stack - The stack that refers to it. A reference from another stack would forbid the versions to change.
 */
export function toDecidingParts(authorizer: IConstruct, stack: Stack): DecidingParts {
  const ofType = (type: string) => findDeciding(authorizer).filter(({ cfnResourceType }) => cfnResourceType === type);
  const functions = ofType("AWS::Lambda::Function").map((one) =>
    Object.entries(templateOf(one)).filter(([name]) => !NEUTRAL.includes(name)),
  );
  const versions = Stack.of(authorizer) === stack ? ofType("AWS::Lambda::Version").map(({ ref }) => ref) : [];
  return {
    Template: createHash("sha256").update(JSON.stringify(functions)).digest("hex"),
    ...(versions.length > 0 && { Versions: versions }),
  };
}
