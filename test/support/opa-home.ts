import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findOpa } from "../../build/opa/find.ts";
import { OPA_VERSION, type Release } from "../../build/opa/release.ts";
import type { Result } from "../../contract/result.ts";

/** Writes an executable that claims to be some version of OPA. */
export function opaOf(version: string): string {
  return `#!/bin/sh\necho "Version: ${version}"\n`;
}

/** Makes the command that puts an OPA of the needed version where `go install` would. */
export const INSTALL = `printf '${opaOf(OPA_VERSION).replaceAll("\n", "\\n")}' > "$GOBIN/opa"
/bin/chmod 755 "$GOBIN/opa"
`;

/** A `go` that installs an OPA of the needed version. */
export const GO = `#!/bin/sh\n${INSTALL}`;

/** A home without OPA, with nothing on the `PATH` but what a test puts in `bin`. */
export interface OpaHome extends AsyncDisposable {
  readonly path: string;
  /** The lines that were printed. */
  readonly said: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The path of OPA in the cache folder. */
  readonly cached: string;
  /** Writes an executable, and returns its path. */
  readonly put: (path: string, text: string) => Promise<string>;
  readonly putInCache: (text: string, digestOf?: string) => Promise<string>;
  /** Lists the cache folder. */
  readonly listCache: () => Promise<readonly string[]>;
  readonly find: (environment?: Readonly<Record<string, string>>, release?: Release) => Promise<Result<string, string>>;
}

/** Creates such a home. Disposing of it removes it. */
export async function createOpaHome(): Promise<OpaHome> {
  const home = await mkdtemp(join(tmpdir(), "rego-authorizer-opa-"));
  const said: string[] = [];
  const cache = join(home, "cache", "rego-authorizer");
  const cached = join(cache, `opa-${OPA_VERSION}`, "opa");
  const environment = { HOME: home, XDG_CACHE_HOME: join(home, "cache"), PATH: join(home, "bin") };
  const put = async (path: string, text: string) => {
    const file = join(home, path);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, text, { mode: 0o755 });
    return file;
  };
  return {
    path: home,
    said,
    environment,
    cached,
    put,
    async putInCache(text, digestOf = text) {
      await put(cached.slice(home.length), text);
      await writeFile(`${cached}.sha256`, createHash("sha256").update(digestOf).digest("hex"));
      return cached;
    },
    listCache: async () => (await readdir(cache)).sort(),
    find: (more = {}, release) =>
      findOpa({
        environment: { ...environment, ...more },
        release,
        progress: { say: (line) => said.push(line), update: () => {} },
        packageFolder: home,
      }),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}

/** Serves a release on this machine. */
export async function withRelease<Value>(body: string, use: (url: string) => Promise<Value>): Promise<Value> {
  const server = createServer((_, response) => response.end(body)).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/opa`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}
