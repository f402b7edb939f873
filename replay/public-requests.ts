import { judgeRoute, type PublicRule } from "../contract/public-rules.ts";

/**
 * Whether the policy opens a request to everybody, so that the authorizer is not invoked for it. `untold`: it does for some APIs, and
 * nobody says which one it is.
 */
export type RequestAccess = "public" | "closed" | "untold";

/** Judges whether the policy opens a method and path to everybody. */
export type JudgeRequest = (method: string, path: string) => RequestAccess;

/**
 * Creates the function that judges requests by the public rules of a policy.
 *
 * @param api - The name of the API that the log is of; undefined if it is not known.
 */
export function createJudgeRequest(rules: readonly PublicRule[], api: string | undefined): JudgeRequest {
  const ofAnyApi = rules.map(({ apis: _, ...rule }) => rule);
  return function judgeRequest(method, path) {
    // A path is the template that it alone matches. A brace in it makes nothing public by mistake.
    const route = { verb: method, path };
    if (judgeRoute(rules, route, [], api).kind === "public") return "public";
    return api === undefined && judgeRoute(ofAnyApi, route).kind === "public" ? "untold" : "closed";
  };
}
