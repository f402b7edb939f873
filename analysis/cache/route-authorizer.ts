import type { CacheContract } from "../../contract/manifest.ts";
import { nameOfRoute } from "../../contract/route.ts";

/** Which authorizer a method is to have; undefined if the build was not told of the method. */
export function findAuthorizer(contract: CacheContract, verb: string, path: string): string | undefined {
  const name = nameOfRoute({ verb, path });
  return contract.routes.find((route) => nameOfRoute(route) === name)?.authorizer;
}

/** What to do about a method that the build was not told of. */
export function unknownRoute(verb: string, path: string): string {
  return (
    `${verb} ${path} is not among the routes that dist/ was built for, so how long its answers hold is not known; ` +
    "run npm run build -- --openapi FILE with a document that has it"
  );
}
