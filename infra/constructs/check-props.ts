import type { IConstruct } from "constructs";
import type { Dist } from "../../build/package/dist.ts";
import { KIND } from "./api-configurations.ts";
import type { PolicyAuthorizerProps } from "./policy-authorizer-props.ts";
import { toSynthesisError } from "./synthesis-error.ts";
import { attributesAmong, decidingAttributes, findWritable } from "./writable-claims.ts";

/**
 * Checks that the props of a PolicyAuthorizer fit its build, and that no user can write what the policy decides on.
 *
 * @throws An error of synthesis for what is known at once. Users' attributes are checked at the end of synthesis.
 */
export function checkProps(authorizer: IConstruct, props: PolicyAuthorizerProps, dist: Dist): void {
  const { trustedIssuers, acknowledgeWritableClaimsOfPacked, vpc, usageKeyClaim, unqualifiedContract } = props;
  if (vpc !== undefined && !dist.hasKeySets) {
    const cause =
      "in a VPC without outbound access the Lambda can't fetch key sets, and dist/ has none; run KEY_SETS=FILE rego-authorizer build";
    throw toSynthesisError(authorizer, KIND, cause);
  }
  const { id } = dist.manifest.cache_contract;
  if (unqualifiedContract !== undefined && unqualifiedContract !== id) {
    const cause =
      `unqualifiedContract is not ${id}, the cache contract of dist/; authorizers that are deployed may cache what this policy does not ` +
      "allow. Deploy the policy that is deployed now with this version first, and change it afterwards";
    throw toSynthesisError(authorizer, KIND, cause);
  }
  if (
    unqualifiedContract !== undefined &&
    dist.manifest.input_references.some((read) => read.join(".") === "request.api")
  ) {
    const cause =
      "unqualifiedContract: the policy has rules for named APIs, and an authorizer whose URI names no alias does not say which API it is " +
      "for; deploy a policy without such rules until every URI names an alias, and leave unqualifiedContract out afterwards";
    throw toSynthesisError(authorizer, KIND, cause);
  }
  const deciding = decidingAttributes(dist.manifest.input_references);
  // Who can write the claim with the API key can use another's quota.
  const attributes = [
    ...new Set([...deciding, ...attributesAmong(usageKeyClaim === undefined ? [] : [usageKeyClaim])]),
  ];
  if (dist.packedIssuers !== undefined && attributes.length > 0 && acknowledgeWritableClaimsOfPacked !== true) {
    const cause =
      `the policy decides on ${attributes.join(", ")}, and it is not visible at synthesis whether users of the issuers that the build ` +
      "has packed can write them; check WriteAttributes and self sign-up, then set acknowledgeWritableClaimsOfPacked";
    throw toSynthesisError(authorizer, KIND, cause);
  }
  // The check runs at the end of synthesis, since clients can change until then.
  const find = () =>
    trustedIssuers.flatMap((issuer) => ("userPool" in issuer ? findWritable(authorizer, issuer, attributes) : []));
  const validate = () => [...new Set(find())].map((line) => `${KIND}: ${line}`);
  authorizer.node.addValidation({ validate });
}
