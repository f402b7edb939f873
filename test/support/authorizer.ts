import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LogEntry } from "../../contract/log-entry.ts";
import type { TrailingSlash } from "../../contract/manifest.ts";
import { type Lambda, startLambda } from "../../local/lambda.ts";
import { copyPackage } from "./package-copies.ts";
import { TEST_POLICIES } from "./policies.ts";
import { CLIENT_ID, type TestIssuer, USER_POOL_ID } from "./tokens.ts";

/** A running handler, exactly as it was built, with the packed keys of one or more issuers. */
export interface RunningAuthorizer extends AsyncDisposable {
  readonly invoke: Lambda["invoke"];
  /** The decision log so far. */
  readonly log: readonly LogEntry[];
}

/** Changes to the package before the handler starts, by the names of its files. */
type Damage = Readonly<Record<string, string | Uint8Array>>;

/** What a handler is started with besides its environment and its package. */
interface StartOptions {
  readonly timeoutMs?: number;
  readonly policies?: Readonly<Record<string, string>>;
  /** Issuers whose keys are packed, too. */
  readonly others?: readonly TestIssuer[];
  readonly trailingSlash?: TrailingSlash;
}

/** Starts the handler of some policies, by default the test policies, from a package of its own. */
export async function startAuthorizer(
  issuer: TestIssuer | readonly TestIssuer[],
  environment: Readonly<Record<string, string>> = {},
  damage: Damage = {},
  { timeoutMs = 60_000, policies = TEST_POLICIES, others = [], trailingSlash }: StartOptions = {},
): Promise<RunningAuthorizer> {
  const copy = await copyPackage(policies, [issuer, others].flat(), trailingSlash);
  const { folder } = copy;
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
      await copy[Symbol.asyncDispose]();
    },
  };
}
