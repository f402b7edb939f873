import { CfnOutput, Lazy, Token } from "aws-cdk-lib";
import { CfnFunction, type Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import type { Dist } from "../../build/package/dist.ts";
import { summarizePolicy } from "./policy-summary.ts";
import { toSynthesisError } from "./synthesis-error.ts";

/** The key of the context that has the commit, such as in `cdk deploy -c rego-authorizer:commit=$(git rev-parse HEAD)`. */
const COMMIT_CONTEXT = "rego-authorizer:commit";

/** A commit's id, a tag or a build's number, as the value of a tag may have it. */
const COMMIT = /^[A-Za-z0-9][A-Za-z0-9._/+-]{0,127}$/;

/** The facts by which an operator recognizes a deployment. */
export interface DeploymentFacts {
  readonly lambda: LambdaFunction;
  readonly dist: Dist;
  /** The commit of the policy; undefined if the context of the app has it, or nobody says it. */
  readonly commit: string | undefined;
  /** Lists the names of the aliases that APIs invoke; called at the end of synthesis. */
  readonly aliases: () => readonly string[];
}

/**
 * Writes which policy a deployment has: the revision and commit into the function's tags and the stack's outputs, with the version
 * and the aliases; and the rules into the function's metadata, where `cdk diff` and a change set show what changes.
 *
 * The commit is in no property that is part of a version. So another commit with the same policy publishes no version, and moves no
 * alias.
 */
export function describeDeployment(
  construct: Construct,
  { lambda, dist, commit: given, aliases }: DeploymentFacts,
): void {
  const { revision } = dist.manifest;
  const commit: unknown = given ?? construct.node.tryGetContext(COMMIT_CONTEXT);
  if (commit !== undefined && !(typeof commit === "string" && (Token.isUnresolved(commit) || COMMIT.test(commit)))) {
    const cause = `the commit must be a text of at most 128 letters, digits and ._/+-; look at the prop commit, or the context ${COMMIT_CONTEXT}`;
    throw toSynthesisError(construct, "PolicyAuthorizer", cause);
  }
  const { defaultChild: resource } = lambda.node;
  if (CfnFunction.isCfnFunction(resource)) {
    resource.tags.setTag("rego-authorizer:revision", revision);
    if (commit !== undefined) resource.tags.setTag("rego-authorizer:commit", commit);
    resource.addMetadata("rego-authorizer:policy", summarizePolicy(dist.index, dist.publicRules));
  }
  const outputs = new Construct(construct, "Outputs");
  const output = (id: string, description: string, value: string) => new CfnOutput(outputs, id, { description, value });
  output("Revision", "The revision of the policy", revision);
  if (commit !== undefined) output("Commit", "The commit of the policy", commit);
  output(
    "Version",
    "The version of the authorizer's function to which the aliases move",
    lambda.currentVersion.version,
  );
  output(
    "Aliases",
    "The aliases by which APIs invoke the authorizer",
    Lazy.string({ produce: () => aliases().join(" ") || "none" }),
  );
}
