import { Aws, Stack } from "aws-cdk-lib";
import { CfnStage, type IStage } from "aws-cdk-lib/aws-apigateway";
import { PolicyDocument } from "aws-cdk-lib/aws-iam";
import type { IamStatement } from "../../build/iam/statements.ts";

/** Characters of all inline policies of a role, white space not counted (IAM user guide, "IAM and AWS STS quotas"). */
export const MAX_INLINE_CHARS = 10_240;

/** The longest stage name (API Gateway developer guide, quotas), for one that is not known at synthesis. */
const UNKNOWN_STAGE = "s".repeat(128);

/** As long as an ARN's parts get; they are known at deployment only. */
const LONGEST_PREFIX = "arn:aws-us-gov:execute-api:ap-southeast-1:123456789012:abcdefghij";

/** The statements as IAM takes them, for the methods of one stage. */
export function toRoleDocument(statements: readonly IamStatement[], stage: IStage): PolicyDocument {
  return PolicyDocument.fromJson(toJson(statements, prefixOf(stage)));
}

/** Resources that are granted and have a wildcard. */
export function wildcardsOf(statements: readonly IamStatement[], stage: IStage): readonly string[] {
  const granted = statements.flatMap(({ Effect, Resource }) => (Effect === "Allow" ? Resource : []));
  return granted.filter((suffix) => suffix.includes("*")).map((suffix) => `${prefixOf(stage)}/${suffix}`);
}

function prefixOf({ restApi, stageName }: IStage): string {
  return `arn:${Aws.PARTITION}:execute-api:${Aws.REGION}:${Aws.ACCOUNT_ID}:${restApi.restApiId}/${stageName}`;
}

/** How many of {@link MAX_INLINE_CHARS} they take, at most. */
export function countChars(statements: readonly IamStatement[], stage: IStage): number {
  return JSON.stringify(toJson(statements, `${LONGEST_PREFIX}/${literalNameOf(stage) ?? UNKNOWN_STAGE}`)).replaceAll(
    /\s/g,
    "",
  ).length;
}

function toJson(statements: readonly IamStatement[], prefix: string): object {
  return {
    Version: "2012-10-17",
    Statement: statements.map(({ Effect, Resource, Condition }) => ({
      Effect,
      Action: "execute-api:Invoke",
      Resource: Resource.map((suffix) => `${prefix}/${suffix}`),
      ...(Condition && { Condition }),
    })),
  };
}

function literalNameOf(stage: IStage): string | undefined {
  const template = stage.node.defaultChild;
  const name = Stack.of(stage).resolve(CfnStage.isCfnStage(template) ? template.stageName : stage.stageName);
  return typeof name === "string" ? name : undefined;
}
