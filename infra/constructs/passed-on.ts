import type { CfnResource } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import type { Dist } from "../../build/package/dist.ts";
import { parseContextClaims } from "../../contract/context-claims.ts";
import { isObject } from "../../contract/json.ts";
import { parseUsageKeyClaim } from "../../contract/usage-key-claim.ts";
import { isApiResource } from "./apis.ts";
import type { PolicyAuthorizerProps } from "./policy-authorizer-props.ts";
import { toSynthesisError } from "./synthesis-error.ts";
import { templateOf } from "./template.ts";
import { visitResourcesOf } from "./visit-resources.ts";

const NO_KEY =
  "the API takes the API key of its usage plans from the authorizer (apiKeySourceType AUTHORIZER), and the authorizer gives none, " +
  "so that API Gateway would refuse every method that requires a key; set usageKeyClaim, or take the key from a header";

/** Makes the variables for the claims that are passed on, with all faults in one error. */
export function toPassedOnVariables(
  construct: IConstruct,
  kind: string,
  { contextClaims, usageKeyClaim }: Pick<PolicyAuthorizerProps, "contextClaims" | "usageKeyClaim">,
  references: Dist["manifest"]["input_references"],
): Readonly<Record<string, string>> {
  const list = contextClaims === undefined || contextClaims.length === 0 ? undefined : JSON.stringify(contextClaims);
  const claims = parseContextClaims(list);
  const key = parseUsageKeyClaim(usageKeyClaim);
  const errors = [claims, key].flatMap((part) => (part.ok ? [] : [part.error].flat()));
  if (usageKeyClaim !== undefined && contextClaims?.includes(usageKeyClaim))
    errors.push("CONTEXT_CLAIMS: names the claim of USAGE_KEY_CLAIM, which is a secret; leave it out");
  if (usageKeyClaim !== undefined && references.some((read) => read[1] === "claims" && read[2] === usageKeyClaim))
    errors.push("USAGE_KEY_CLAIM: the policy reads this claim, so the decision log would have the API key");
  const named = errors.map((line) =>
    line.replaceAll("CONTEXT_CLAIMS", "contextClaims").replaceAll("USAGE_KEY_CLAIM", "usageKeyClaim"),
  );
  if (named.length > 0) throw toSynthesisError(construct, kind, named.join("\n"));
  return {
    ...(list !== undefined && { CONTEXT_CLAIMS: list }),
    ...(usageKeyClaim !== undefined && { USAGE_KEY_CLAIM: usageKeyClaim }),
  };
}

/** Checks, at the end of synthesis, that a REST API does not take API keys from an authorizer that gives none. */
export function checkKeySource(api: IConstruct, kind: string): void {
  let template: CfnResource | undefined;
  visitResourcesOf(api, (resource) => {
    if (isApiResource(resource)) template = resource;
  });
  const validate = () => {
    const { ApiKeySourceType, Body } = template === undefined ? {} : templateOf(template);
    return ApiKeySourceType === "AUTHORIZER" || hasKeySource(Body) ? [`${kind}: ${NO_KEY}`] : [];
  };
  api.node.addValidation({ validate });
}

/** Checks that an OpenAPI document does not take API keys from an authorizer that gives none. */
export function checkKeySourceOf(document: unknown, construct: IConstruct, kind: string): void {
  if (hasKeySource(document)) throw toSynthesisError(construct, kind, NO_KEY);
}

function hasKeySource(document: unknown): boolean {
  return isObject(document) && document["x-amazon-apigateway-api-key-source"] === "AUTHORIZER";
}
