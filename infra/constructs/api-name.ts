import { createHash } from "node:crypto";
import { Stack, Stage } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { isApiName, MAX_API_NAME_CHARS } from "../../contract/deployment-alias.ts";

const HASH_CHARS = 8;

/**
 * Names an API by its path, without its stack if that is the authorizer's, too. An alias of the authorizer has the name, so it
 * must not change as long as the API's construct stays where it is.
 */
export function toApiName(api: IConstruct, authorizer: IConstruct): string {
  const home = Stack.of(api) === Stack.of(authorizer) ? Stack.of(api) : (Stage.of(api) ?? api.node.root);
  const path = api.node.scopes.slice(home.node.scopes.length).map(({ node }) => node.id);
  const name = path
    .join("-")
    .replaceAll(/[^A-Za-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "");
  if (isApiName(name)) return name;
  const hash = createHash("sha256").update(path.join("/")).digest("hex").slice(0, HASH_CHARS);
  const end = name.slice(-(MAX_API_NAME_CHARS - HASH_CHARS - 1)).replace(/^-/, "");
  return end === "" ? hash : `${end}-${hash}`;
}
