import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LogEntry } from "../../contract/decision-log.ts";
import type { TrailingSlash } from "../../contract/manifest.ts";
import { builtIn, createWorkspace } from "../../dev/workspace.ts";
import { type Lambda, startLambda } from "../../local/lambda.ts";
import type { Invocation } from "../../simulator/invocation.ts";
import { TEST_POLICIES } from "./policies.ts";
import { CLIENT_ID, type TestIssuer, USER_POOL_ID } from "./tokens.ts";

/** A running handler, exactly as it was built, with the packed keys of an issuer. */
export interface RunningAuthorizer extends AsyncDisposable {
  readonly invoke: (event: unknown) => Promise<Invocation>;
  /** The decision log so far. */
  readonly log: readonly LogEntry[];
}

/** Changes to the package before the handler starts, by the names of its files. */
type Damage = Readonly<Record<string, string | Uint8Array>>;

/** Builds the test policies in a folder of their own and starts the handler. */
export async function startAuthorizer(
  issuer: TestIssuer,
  environment: Readonly<Record<string, string>> = {},
  damage: Damage = {},
  { timeoutMs = 60_000, trailingSlash }: { timeoutMs?: number; trailingSlash?: TrailingSlash } = {},
): Promise<RunningAuthorizer> {
  const workspace = await createWorkspace(TEST_POLICIES);
  const keySets = join(workspace.root, "key-sets.json");
  await writeFile(keySets, JSON.stringify({ [issuer.issuer]: issuer.jwks }));
  await builtIn(workspace.root, { keySetsFile: keySets, trailingSlash });
  const folder = join(workspace.root, "dist", "authorizer");
  for (const [name, content] of Object.entries(damage)) await writeFile(join(folder, name), content);
  const log: LogEntry[] = [];
  const pool = { userPoolId: USER_POOL_ID, clientIds: [CLIENT_ID], tokenUse: "any" };
  const lambda: Lambda = await startLambda({
    handler: join(folder, "index.mjs"),
    environment: { TRUSTED_ISSUERS: JSON.stringify([pool]), ...environment },
    timeoutMs,
    onDecision: (entry) => log.push(entry),
  });
  return {
    invoke: lambda.invoke,
    log,
    async [Symbol.asyncDispose]() {
      await lambda.close();
      await workspace[Symbol.asyncDispose]();
    },
  };
}
