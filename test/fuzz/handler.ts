import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { builtIn, createWorkspace } from "../../dev/workspace.ts";
import { captureOutput } from "../../local/captured-output.ts";
import { CONDITIONS_REGO } from "../support/arbitraries.ts";
import { toFiles } from "../support/rego.ts";
import { CLIENT_ID, USER_POOL_ID } from "../support/tokens.ts";
import { FUZZ_POLICY } from "./policy.ts";
import { createTokens, type Tokens } from "./tokens.ts";

/** The handler built from the fuzzer's policy, in this process. */
export interface FuzzedHandler extends AsyncDisposable {
  readonly handler: (event: unknown) => Promise<unknown>;
  readonly tokens: Tokens;
}

/** Builds and imports the handler, and drops its decision log. */
export async function importHandler(): Promise<FuzzedHandler> {
  const tokens = await createTokens();
  const workspace = await createWorkspace({ ...toFiles(FUZZ_POLICY), "access/conditions.rego": CONDITIONS_REGO });
  const keySets = join(workspace.root, "key-sets.json");
  await writeFile(keySets, JSON.stringify({ [tokens.issuer.issuer]: tokens.issuer.jwks }));
  await builtIn(workspace.root, { keySetsFile: keySets });
  const pool = { userPoolId: USER_POOL_ID, clientIds: [CLIENT_ID], tokenUse: "any" };
  process.env["TRUSTED_ISSUERS"] = JSON.stringify([pool]);
  process.env["TOKEN_SOURCE"] = "header:Authorization,cookie:session,query:token,subprotocol";
  captureOutput(() => {});
  const module = pathToFileURL(join(workspace.root, "dist", "authorizer", "index.mjs")).href;
  const { handler } = (await import(module)) as Pick<FuzzedHandler, "handler">;
  return { handler, tokens, [Symbol.asyncDispose]: () => workspace[Symbol.asyncDispose]() };
}
