import { Stack, Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** Acknowledges a finding of cdk-nag for a construct and its children, with the reason. */
export function acknowledge(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}

/** Acknowledges an AWS managed policy that a library construct attaches. */
export function acknowledgeManagedPolicy(construct: IConstruct, policy: string, reason: string): void {
  acknowledge(construct, `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${policy}]`, reason);
}

/** Acknowledges a wildcard resource in a policy. cdk-nag names the finding by the resource, with references in angle brackets. */
export function acknowledgeWildcard(construct: IConstruct, resource: string, reason: string): void {
  acknowledge(construct, `AwsSolutions-IAM5[Resource::${flatten(Stack.of(construct).resolve(resource))}]`, reason);
}

function flatten(value: unknown): string {
  const { Ref: reference, "Fn::GetAtt": attribute, "Fn::Join": joined } = Object(value);
  if (reference !== undefined) return `<${reference}>`;
  if (attribute !== undefined) return `<${attribute.join(".")}>`;
  if (joined !== undefined) return joined[1].map(flatten).join(joined[0]);
  return String(value);
}
