import { runUnsafeSimulation } from "@cloud-copilot/iam-simulate";

const ACCOUNT_ID = "123456789012";

/**
 * Tells whether the independent evaluator of IAM lets the role of a session invoke a method.
 *
 * @param tags - The principal tags of the session.
 * @throws For a result that has no known name.
 */
export function isAllowedByIam(document: object, arn: string, tags: Readonly<Record<string, string>>): boolean {
  const request = {
    principal: `arn:aws:sts::${ACCOUNT_ID}:assumed-role/group/session`,
    action: "execute-api:Invoke",
    resource: { resource: arn, accountId: ACCOUNT_ID },
    contextVariables: Object.fromEntries(
      Object.entries(tags).map(([tag, value]) => [`aws:PrincipalTag/${tag}`, value]),
    ),
  };
  const identityPolicies = [{ name: "role", policy: document }];
  const simulation = { request, identityPolicies, serviceControlPolicies: [], resourceControlPolicies: [] };
  const result: string = runUnsafeSimulation(simulation, {});
  if (!["Allowed", "ExplicitlyDenied", "ImplicitlyDenied"].includes(result)) throw new Error(`answers ${result}`);
  return result === "Allowed";
}
