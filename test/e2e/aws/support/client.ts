import { appendFileSync } from "node:fs";
import { type IncomingHttpHeaders, request } from "node:http";
import { join } from "node:path";
import { type Credentials, signHeaders } from "./aws.ts";
import type { Run } from "./run.ts";

/** `probes`: the REST API that is deployed beside the example app. */
export type ApiName = "rest" | "http" | "iam" | "websocket" | "probes";

/** The purpose of a request: one that must be refused whatever the policy says is a negative control. */
export type Purpose = "request" | "control";

export interface Call {
  readonly api: ApiName;
  readonly method?: string;
  /** The path as it is sent, without the stage. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly token?: string | undefined;
  /** Credentials with which the request is signed. */
  readonly credentials?: Credentials;
  readonly purpose?: Purpose;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly elapsedMs: number;
}

/** One line of `requests.jsonl`. */
export interface Recorded {
  readonly api: ApiName;
  readonly purpose: Purpose;
  readonly status: number;
  readonly elapsedMs: number;
}

const STAGE = "/prod";

export function hostOf({ port, orders, identityPool, probes }: Run, api: ApiName): string {
  const ids: Readonly<Record<ApiName, string>> = {
    rest: orders.RestApiId,
    http: orders.HttpApiId,
    iam: identityPool.IamApiId,
    websocket: orders.WebSocketApiId,
    probes: probes.apiId,
  };
  return `${ids[api]}.execute-api.localhost:${port}`;
}

export function pathOf(api: ApiName, path: string): string {
  return api === "http" ? path : `${STAGE}${path}`;
}

/** Calls an API at 127.0.0.1 under its own host name, which some machines can't resolve; the path stays as it is. */
export async function call(run: Run, asked: Call): Promise<Reply> {
  const { api, method = "GET", path, headers = {}, token, credentials, purpose = "request" } = asked;
  const host = hostOf(run, api);
  const sent = { host, ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers };
  const target = { service: "execute-api", method, host, path: pathOf(api, path), headers };
  const signed = credentials === undefined ? sent : await signHeaders(target, run.region, credentials);
  const startMs = performance.now();
  const reply = await new Promise<Omit<Reply, "elapsedMs">>((resolve, reject) => {
    const connection = { host: "127.0.0.1", port: run.port, agent: false };
    const asking = request({ ...connection, method, path: target.path, headers: signed });
    asking.on("response", (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    asking.on("error", reject);
    asking.end();
  });
  const elapsedMs = performance.now() - startMs;
  record(run, { api, purpose, status: reply.status, elapsedMs });
  return { ...reply, elapsedMs };
}

export function record({ folder }: Pick<Run, "folder">, recorded: Recorded): void {
  appendFileSync(join(folder, "requests.jsonl"), `${JSON.stringify(recorded)}\n`);
}
