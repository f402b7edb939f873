import { Aws, Stack } from "aws-cdk-lib";
import { CfnStage, type IStage } from "aws-cdk-lib/aws-apigateway";
import { PolicyDocument } from "aws-cdk-lib/aws-iam";
import { sizeOf, toDocument } from "../../analysis/iam/document.ts";
import type { IamStatement } from "../../contract/iam-export.ts";

/** A stage name of the greatest length (API Gateway developer guide, quotas), for a name that is not known at synthesis. */
const UNKNOWN_STAGE = "s".repeat(128);

/** An ARN prefix of the greatest length. The real parts are known at deployment only. */
const LONGEST_PREFIX = "arn:aws-us-gov:execute-api:ap-southeast-1:123456789012:abcdefghij";

/** Converts statements to an IAM policy document for the methods of one stage. */
export function toRoleDocument(statements: readonly IamStatement[], stage: IStage): PolicyDocument {
  return PolicyDocument.fromJson(toDocument({ statements }, prefixOf(stage)));
}

/** Lists the granted resources that have a wildcard. */
export function wildcardsOf(statements: readonly IamStatement[], stage: IStage): readonly string[] {
  const granted = statements.flatMap(({ Effect, Resource }) => (Effect === "Allow" ? Resource : []));
  return granted.filter((suffix) => suffix.includes("*")).map((suffix) => `${prefixOf(stage)}/${suffix}`);
}

function prefixOf({ restApi, stageName }: IStage): string {
  return `arn:${Aws.PARTITION}:execute-api:${Aws.REGION}:${Aws.ACCOUNT_ID}:${restApi.restApiId}/${stageName}`;
}

/** Counts the characters of a document as IAM does, with the longest possible ARNs. */
export function countChars(statements: readonly IamStatement[], stage: IStage): number {
  return sizeOf(toDocument({ statements }, `${LONGEST_PREFIX}/${literalNameOf(stage) ?? UNKNOWN_STAGE}`));
}

function literalNameOf(stage: IStage): string | undefined {
  const template = stage.node.defaultChild;
  const name = Stack.of(stage).resolve(CfnStage.isCfnStage(template) ? template.stageName : stage.stageName);
  return typeof name === "string" ? name : undefined;
}
