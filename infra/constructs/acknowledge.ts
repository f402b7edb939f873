import { Stack, Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

/** Says why a finding of cdk-nag is none, for a construct and all below it. */
export function acknowledge(construct: IConstruct, id: string, reason: string): void {
  Validations.of(construct).acknowledge({ id, reason });
}

/** Of a managed policy of AWS's that a library construct brings along. */
export function acknowledgeManagedPolicy(construct: IConstruct, policy: string, reason: string): void {
  acknowledge(construct, `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${policy}]`, reason);
}

/** Of a resource with a wildcard in a policy. Findings are named by what it says, references in angle brackets. */
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
