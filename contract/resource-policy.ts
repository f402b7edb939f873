import { isObject, isText, parseJson } from "./json.ts";

/** The fault of a report-only API with such a resource policy, and what to do. */
export const CLOSED_BY_POLICY =
  "is report-only and has a resource policy that does not allow everybody by itself: the Allow of the authorizer is enough for callers whom the policy is silent about, so it would let more callers in than today; let the policy allow everybody, and deny the others explicitly, or do without report-only";

/**
 * Tells whether a REST API's resource policy lets fewer callers in than an authorizer's Allow would.
 *
 * Within an account, API Gateway lets a request through if either of the two allows it and neither denies it explicitly. So a policy
 * closes nothing by its silence once an authorizer allows. One that has an Allow of everything for everybody, and otherwise only explicit
 * denials, is the same with and without the authorizer.
 *
 * @param policy - The document; undefined if the API has none. One that is not visible closes.
 * @see API Gateway developer guide, "How API Gateway resource policies affect authorization workflow", table A
 */
export function closesByPolicy(policy: unknown): boolean {
  if (policy === undefined) return false;
  const document = isText(policy) ? parseJson(policy) : policy;
  const { Statement: statements } = isObject(document) ? document : {};
  return ![statements ?? []].flat().some(allowsEverybody);
}

function allowsEverybody(statement: unknown): boolean {
  if (!isObject(statement)) return false;
  const { Effect, Principal, Action, Resource, Condition } = statement;
  const { AWS: aws } = isObject(Principal) ? Principal : {};
  const isAny = (value: unknown, isEverything: (text: string) => boolean) =>
    [value].flat().some((one) => isText(one) && isEverything(one));
  return (
    Effect === "Allow" &&
    Condition === undefined &&
    (Principal === "*" || isAny(aws, (text) => text === "*")) &&
    isAny(Action, (text) => ["*", "execute-api:*", "execute-api:invoke"].includes(text.toLowerCase())) &&
    isAny(
      Resource,
      (text) => text === "*" || text === "execute-api:/*" || /^arn:[a-z*-]+:execute-api:\*:\*:\*(\/\*)?$/.test(text),
    )
  );
}
