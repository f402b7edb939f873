import { Stack } from "aws-cdk-lib";
import type { IStage } from "aws-cdk-lib/aws-apigateway";
import { PolicyStatement, Role, WebIdentityPrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { MAX_INLINE_CHARS } from "../../analysis/iam/document.ts";
import type { IamStatement } from "../../contract/iam-export.ts";
import { acknowledgeWildcard } from "./acknowledge.ts";
import { countChars, toRoleDocument, wildcardsOf } from "./role-document.ts";
import { toSynthesisError } from "./synthesis-error.ts";

/** The role for the sessions of one group. */
export interface GroupRoleProps {
  /** Who gets the role, in words for its description and for errors: `the group Admins`. */
  readonly holder: string;
  readonly statements: readonly IamStatement[];
  readonly stage: IStage;
  readonly identityPoolId: string;
  /** Sessions have claims as principal tags. */
  readonly hasTags: boolean;
}

const WHY_WILDCARDS =
  "The wildcard stands for a path parameter. The build proves that the document grants no request that the policy denies.";

/** Characters that IAM does not accept in a description: all but Latin-1 (API reference, "CreateRole"). */
const NOT_IN_DESCRIPTIONS = /[^\t\n\r -~\u00A1-\u00FF]/gu;

/** An IAM role for authenticated sessions of one identity pool, and for nobody else. */
export class GroupRole extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, { holder, statements, stage, identityPoolId, hasTags }: GroupRoleProps) {
    super(scope, id);
    const chars = countChars(statements, stage);
    if (chars > MAX_INLINE_CHARS) {
      const cause =
        `the role of ${holder} takes ${chars} characters, more than the ${MAX_INLINE_CHARS} that IAM allows; put paths together ` +
        "under greedy templates, give a denial a shorter list of verbs, or use the Lambda authorizer for this API";
      throw toSynthesisError(this, "PolicyRoles", cause);
    }
    const service = serviceIn(this);
    const principal = new WebIdentityPrincipal(service, {
      StringEquals: { [`${service}:aud`]: identityPoolId },
      "ForAnyValue:StringLike": { [`${service}:amr`]: "authenticated" },
    });
    this.role = new Role(this, "Role", {
      description: `What the policy grants ${holder}`.replaceAll(NOT_IN_DESCRIPTIONS, "?").slice(0, 1000),
      assumedBy: principal,
      inlinePolicies: { Policy: toRoleDocument(statements, stage) },
    });
    for (const resource of wildcardsOf(statements, stage)) acknowledgeWildcard(this.role, resource, WHY_WILDCARDS);
    if (hasTags)
      this.role.assumeRolePolicy?.addStatements(
        new PolicyStatement({ actions: ["sts:TagSession"], principals: [principal] }),
      );
  }
}

const SERVICE = "cognito-identity.amazonaws.com";

/** @see AWS GovCloud (US) user guide, "Amazon Cognito in AWS GovCloud (US)" */
const SERVICES_OF_GOVCLOUD: Readonly<Record<string, string>> = {
  "us-gov-west-1": "cognito-identity-us-gov.amazonaws.com",
  "us-gov-east-1": "cognito-identity.us-gov-east-1.amazonaws.com",
};

/** Finds the name of the identity pools' service in IAM. A stack for GovCloud must name its region; China has no user pools. */
function serviceIn(construct: Construct): string {
  return SERVICES_OF_GOVCLOUD[Stack.of(construct).region] ?? SERVICE;
}
