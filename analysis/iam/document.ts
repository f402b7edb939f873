import type { IamDocument, IamExport, IamStatement } from "../../contract/iam-export.ts";
import { err, ok, type Result } from "../../contract/result.ts";

/** The limit for all inline policies of a role together; white space does not count (IAM quotas). */
export const MAX_INLINE_CHARS = 10_240;

/** The limit for one managed policy; a role may have ten (IAM quotas). */
export const MAX_MANAGED_CHARS = 6_144;

/** A policy document as IAM takes it. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly object[];
}

/**
 * Makes the policy document of a group's role for one API.
 *
 * @param group - A Cognito group; undefined for users without a group.
 * @param arnPrefix - `arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod`, with or without a slash at its end.
 * @returns Undefined if no role of the policy names the group.
 */
export function toPolicyDocument(
  { groups, authenticated }: Pick<IamExport, "groups" | "authenticated">,
  group: string | undefined,
  arnPrefix: string,
): PolicyDocument | undefined {
  if (group === undefined) return toDocument(authenticated, arnPrefix);
  const document = Object.hasOwn(groups, group) ? groups[group] : undefined;
  return document && toDocument(document, arnPrefix);
}

/** Makes the policy document with these statements, for the methods of one API's stage. */
export function toDocument({ statements }: Pick<IamDocument, "statements">, arnPrefix: string): PolicyDocument {
  const prefix = arnPrefix.endsWith("/") ? arnPrefix : `${arnPrefix}/`;
  return {
    Version: "2012-10-17",
    Statement: statements.map(({ Effect, Resource, Condition }: IamStatement) => ({
      Effect,
      Action: "execute-api:Invoke",
      Resource: Resource.map((suffix) => `${prefix}${suffix}`),
      ...(Condition !== undefined && { Condition }),
    })),
  };
}

/** Computes the size of a document in characters, as IAM counts it. */
export function sizeOf(document: PolicyDocument): number {
  return JSON.stringify(document).length;
}

/**
 * Reads the ARN of an API's stage.
 *
 * Wildcards are refused: a `*` for the API or the stage matches slashes, so it could match a part of the path, too.
 */
export function parseApiArn(text: string): Result<string, string> {
  const isArn = /^arn:aws[\w-]*:execute-api:[a-z\d-]+:\d{12}:[a-z\d]+\/([\w-]{1,128}|\$default)\/?$/.test(text);
  if (isArn) return ok(text.replace(/\/$/, ""));
  return err("--api-arn must be like arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod, without wildcards");
}
