import type { WireRequest } from "../../simulator/arrival.ts";
import type { Invocation } from "../../simulator/invocation.ts";
import type { SimulatedApi, SimulatedAuthorizer } from "../../simulator/simulated-api.ts";
import { createSimulator, type Outcome } from "../../simulator/simulator.ts";

/** Before an ARN's stage. */
export const API = "arn:aws:execute-api:eu-west-1:123456789012:local00api";

export const TOKEN_SOURCE = { rest: "method.request.header.Authorization", http: "$request.header.authorization" };

/** Creates an API of one stage and one authorizer, which caches responses under the token for five minutes. */
export function apiOf(
  kind: "rest" | "http",
  authorizer: Partial<SimulatedAuthorizer> = {},
  changes: Partial<SimulatedApi> = {},
): SimulatedApi {
  const main: SimulatedAuthorizer = {
    kind: kind === "rest" ? "rest-request" : "http-2",
    response: "iam",
    identitySources: [TOKEN_SOURCE[kind]],
    ttlS: 300,
    ...authorizer,
  };
  return {
    kind,
    stage: kind === "rest" ? "prod" : "$default",
    routes: [
      { verb: "ANY", path: "/", authorizer: "main" },
      { verb: "ANY", path: "/{proxy+}", authorizer: "main" },
    ],
    authorizers: { main },
    ...changes,
  };
}

/** Creates a request with a token; `undefined` for one without. */
export function requestOf(
  path: string,
  token: string | undefined = "alice",
  changes: Partial<WireRequest> = {},
): WireRequest {
  const headers = token === undefined ? [] : [["Authorization", token] as const];
  return { method: "GET", path, query: "", headers, sourceIp: "203.0.113.7", ...changes };
}

/** Creates a request without a token. */
export function anonymous(path: string, changes: Partial<WireRequest> = {}): WireRequest {
  return { ...requestOf(path), headers: [], ...changes };
}

/** Creates a response that allows some resources, each after the stage's slash; all of the ARN if it has one. */
export function allowing(...resources: readonly string[]): Invocation {
  return answering("Allow", resources);
}

export function denying(...resources: readonly string[]): Invocation {
  return answering("Deny", resources);
}

function answering(effect: string, resources: readonly string[]): Invocation {
  const statement = { Action: "execute-api:Invoke", Effect: effect, Resource: resources };
  return {
    response: {
      principalId: "me",
      policyDocument: { Version: "2012-10-17", Statement: [statement] },
      context: { roles: "a" },
    },
  };
}

/** Finds the ARN of an event of any kind. */
export function arnOf(event: object): string {
  const { methodArn, routeArn } = event as { readonly methodArn?: string; readonly routeArn?: string };
  return methodArn ?? routeArn ?? "";
}

/** Creates a simulator whose authorizer makes the usual mistake: it allows just the method and path of its event. */
export function echoing(api: SimulatedApi) {
  return createSimulator(api, async (event) => allowing(arnOf(event)));
}

/** Shortens an outcome to its status and cache use. */
export function brief({ status, cache }: Outcome): readonly [number, Outcome["cache"]] {
  return [status, cache];
}
