import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inject } from "vitest";
import { createHandler } from "../../authorizer/create-handler.ts";
import type { LogEntry } from "../../contract/log-entry.ts";
import type { RunningAuthorizer } from "../support/authorizer.ts";
import { CLIENT_ID, type TestIssuer, USER_POOL_ID } from "../support/tokens.ts";

// Replaces test/support/authorizer.ts where Stryker changes the sources: this authorizer runs them in this process,
// instead of the bundle, in which nothing is changed. Its package is built once.

export async function startAuthorizer(
  issuer: TestIssuer,
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningAuthorizer> {
  const folder = await mkdtemp(join(tmpdir(), "rego-authorizer-mutation-"));
  await cp(inject("package"), folder, { recursive: true });
  await writeFile(join(folder, "key-sets.json"), JSON.stringify({ [issuer.issuer]: issuer.jwks }));
  const log: LogEntry[] = [];
  const pool = { userPoolId: USER_POOL_ID, clientIds: [CLIENT_ID], tokenUse: "any" };
  const handler = createHandler(
    { TRUSTED_ISSUERS: JSON.stringify([pool]), ...environment },
    pathToFileURL(`${folder}/`),
    { record: (entry) => log.push(entry), warn: () => {} },
  );
  return {
    log,
    invoke: (event) =>
      handler(event).then(
        (response) => ({ response }),
        (error: Error) => ({ error: error.message }),
      ),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
