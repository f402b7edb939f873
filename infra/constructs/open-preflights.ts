import { Annotations, type CfnResource } from "aws-cdk-lib";
import { MARK_KEY, toPreflightMark } from "../../gate/marks.ts";
import { readProperty } from "./template.ts";

/**
 * Tells whether a route of an HTTP API says that it is open to preflights: it is for OPTIONS, and its authorization type is written
 * as `NONE`. A browser sends no token with them, so that an authorizer would answer 401 to every page of another origin.
 */
export function isOpenPreflight(route: CfnResource, verb: string): boolean {
  return verb === "OPTIONS" && readProperty(route, "AuthorizationType") === "NONE";
}

/** Leaves a route open, marks it for the gate, and warns that its back end gets requests without a token. */
export function leavePreflight(route: CfnResource, key: string): void {
  route.addMetadata(MARK_KEY, toPreflightMark());
  if (readProperty(route, "Target") === undefined) return;
  Annotations.of(route).addWarningV2(
    "rego-authorizer:open-preflight",
    `PolicyAuthorizer: the route ${key} stays open for preflights, and its back end gets requests without a token; let the API's CORS ` +
      "configuration answer them, and remove the route; or name the operation in the document that dist/ is built for, to close it",
  );
}
