import { Annotations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { describePartly } from "../../contract/declared-access.ts";
import { judgeRoute } from "../../contract/public-rules.ts";
import { nameOfRoute, type Route } from "../../contract/route.ts";
import { describeClosed, type PublicRoutes } from "../../openapi/public-operations.ts";

/** The methods or routes of an API as they are added, and which of them the policy opens. */
export class PublicMethods {
  readonly #public: PublicRoutes;
  readonly #isPublic = new Map<string, { readonly route: Route; readonly isPublic: boolean }>();

  constructor(publicRoutes: PublicRoutes) {
    this.#public = publicRoutes;
  }

  /**
   * Tells whether a route is public, so that it gets no authorizer. Others may be added later, so that this is decided by the route
   * alone; {@link findErrors} looks at all of them.
   *
   * @param type - Its authorization. A public route with another one than `NONE` stays closed, with a warning.
   */
  add(resource: IConstruct, route: Route, type: unknown): boolean {
    const { publicRules, apiName } = this.#public;
    const access = judgeRoute(publicRules, route, [], apiName);
    this.#isPublic.set(nameOfRoute(route), { route, isPublic: access.kind === "public" });
    if (access.kind === "public" && type !== "NONE") {
      const line = describeClosed(`${route.verb} ${route.path}`, access, `the authorization ${String(type)}`);
      Annotations.of(resource).addWarningV2("rego-authorizer:public-closed", line);
    }
    return access.kind === "public";
  }

  /** Finds routes that are public in part, a line each. */
  findErrors(): readonly string[] {
    const { publicRules, apiName } = this.#public;
    const all = [...this.#isPublic.values()];
    const routes = all.map(({ route }) => route);
    return all.flatMap(({ route, isPublic }) => {
      const access = judgeRoute(publicRules, route, routes, apiName);
      const partly = describePartly(route, access);
      if (partly !== undefined) return [partly];
      if (access.kind !== "public" || isPublic) return [];
      return [
        describeClosed(`${route.verb} ${route.path}`, access, "an authorizer, since other verbs of its path are not"),
      ];
    });
  }
}
