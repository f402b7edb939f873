import type { CacheContract } from "../../contract/manifest.ts";
import { nameOfRoute } from "../../contract/route.ts";

/** Finds the authorizer of a method; undefined if the build did not know the route. */
export function findAuthorizer(contract: CacheContract, verb: string, path: string): string | undefined {
  const name = nameOfRoute({ verb, path });
  return contract.routes.find((route) => nameOfRoute(route) === name)?.authorizer;
}

/** Says what to do about a method whose route the build did not know. */
export function unknownRoute(verb: string, path: string): string {
  return (
    `${verb} ${path} is not among the routes that dist/ was built for, so it is not known whether its responses may be ` +
    "cached; run rego-authorizer build --openapi FILE with a document that has it"
  );
}
