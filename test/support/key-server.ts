import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { generate } from "selfsigned";
import { parseLogEntry } from "../../contract/decision-log.ts";
import type { LogEntry } from "../../contract/log-entry.ts";
import type { Invocation } from "../../simulator/invocation.ts";
import type { RunningAuthorizer } from "./authorizer.ts";
import { copyPackage } from "./package-copies.ts";
import { TEST_POLICIES } from "./policies.ts";
import { CLIENT_ID, USER_POOL_ID } from "./tokens.ts";

/** An issuer's key endpoint on this machine, over TLS, that responds as the test sets it. */
export interface KeyServer extends AsyncDisposable {
  answer: RequestListener;
  readonly requests: () => number;
  readonly url: string;
  /** A file with the certificate that clients must trust. */
  readonly certificate: string;
}

export async function startKeyServer(): Promise<KeyServer> {
  const folder = await mkdtemp(join(tmpdir(), "rego-authorizer-tls-"));
  const names = [{ type: 7, ip: "127.0.0.1" } as const];
  const pems = await generate([{ name: "commonName", value: "127.0.0.1" }], {
    keySize: 2048,
    algorithm: "sha256",
    extensions: [{ name: "subjectAltName", altNames: names }],
  });
  const certificate = join(folder, "certificate.pem");
  await writeFile(certificate, pems.cert);
  let requests = 0;
  const server = createServer({ key: pems.private, cert: pems.cert }, (request, response) => {
    requests += 1;
    keyServer.answer(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const keyServer: KeyServer = {
    answer: (_, response) => response.writeHead(500).end(),
    requests: () => requests,
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    certificate,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await rm(folder, { recursive: true });
    },
  };
  return keyServer;
}

/** A running handler that fetches keys. */
interface FetchingAuthorizer extends RunningAuthorizer {
  /** The lines so far that are no decisions. */
  readonly others: readonly string[];
}

/** Starts the handler as built, without packed keys, in a process that trusts a key server's certificate. */
export async function startWithKeysFrom(
  server: KeyServer,
  trusted: string | undefined = server.certificate,
): Promise<FetchingAuthorizer> {
  const copy = await copyPackage(TEST_POLICIES, []);
  const handler = pathToFileURL(join(copy.folder, "index.mjs")).href;
  const pool = { userPoolId: USER_POOL_ID, clientIds: [CLIENT_ID], tokenUse: "any", jwksUri: server.url };
  const child = fork(join(import.meta.dirname, "handler-process.ts"), [handler], {
    env: { TRUSTED_ISSUERS: JSON.stringify([pool]), ...(trusted && { NODE_EXTRA_CA_CERTS: trusted }) },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  await once(child, "message");
  const log: LogEntry[] = [];
  const others: string[] = [];
  const waiting = new Map<number, (invocation: Invocation) => void>();
  child.on("message", (message: { printed: string } | ({ id: number } & Invocation)) => {
    if ("printed" in message) {
      const entry = parseLogEntry(message.printed);
      if (entry.ok) log.push(entry.value);
      else others.push(message.printed);
      return;
    }
    const { id, ...invocation } = message;
    waiting.get(id)?.(invocation);
    waiting.delete(id);
  });
  let lastId = 0;
  return {
    log,
    others,
    invoke: (event) =>
      new Promise((resolve) => {
        lastId += 1;
        waiting.set(lastId, resolve);
        child.send({ id: lastId, event });
      }),
    async [Symbol.asyncDispose]() {
      child.kill();
      await once(child, "exit");
      await copy[Symbol.asyncDispose]();
    },
  };
}
