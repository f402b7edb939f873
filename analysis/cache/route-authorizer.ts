import type { CacheContract } from "../../contract/manifest.ts";
import { nameOfRoute } from "../../contract/route.ts";

/** The authorizers of each contract's routes. An app looks up each of its methods. */
const AUTHORIZERS = new WeakMap<CacheContract, ReadonlyMap<string, string>>();

/** Finds the authorizer of a method; undefined if the build did not know the route. */
export function findAuthorizer(contract: CacheContract, verb: string, path: string): string | undefined {
  const authorizers =
    AUTHORIZERS.get(contract) ?? new Map(contract.routes.map((route) => [nameOfRoute(route), route.authorizer]));
  AUTHORIZERS.set(contract, authorizers);
  return authorizers.get(nameOfRoute({ verb, path }));
}

/** Says what to do about a method whose route the build did not know. */
export function unknownRoute(verb: string, path: string): string {
  return (
    `${verb} ${path} is not among the routes that dist/ was built for, so it is not known whether its responses may be ` +
    "cached; run rego-authorizer build --openapi FILE with a document that has it"
  );
}
