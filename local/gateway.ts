import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { WireRequest } from "../simulator/arrival.ts";
import type { Outcome, Simulator } from "../simulator/simulator.ts";
import type { Upstream } from "./upstream.ts";

/** The parts and settings of the local gateway. */
export interface GatewayOptions {
  /** Gives the current API; a rebuild replaces it. */
  readonly simulator: () => Simulator;
  readonly upstream: Upstream;
  /** The source address of all requests; the client's own if not set. */
  readonly sourceIp: string | undefined;
  /** Called for each request before the authorizer is invoked; the decision log then has the same `id`. */
  readonly onRequest: (id: string, method: string, url: string) => void;
  /** Called for each request without an invocation: its response is cached, or the gateway answers by itself. */
  readonly onNotInvoked: (id: string, outcome: Outcome) => void;
}

/** Creates a server for the simulator. It proxies allowed requests to the upstream; `x-cache` shows whether the response was cached. */
export function createGateway({ simulator, upstream, sourceIp, onRequest, onNotInvoked }: GatewayOptions): Server {
  return createServer((request, response) => {
    // A client may close the connection in the middle of a request; the server must go on.
    answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = randomUUID();
    onRequest(id, request.method ?? "", request.url ?? "");
    const wireRequest = toWireRequest(request, sourceIp ?? request.socket.remoteAddress ?? "", id);
    const outcome = await simulator().send(wireRequest, Date.now());
    if (outcome.event === undefined || outcome.cache === "hit") onNotInvoked(id, outcome);
    if (outcome.cache !== undefined) response.setHeader("x-cache", outcome.cache);
    for (const [name, value] of Object.entries(outcome.headers)) response.setHeader(name, value);
    if (outcome.context !== undefined) return upstream(request, response, outcome.context);
    if (outcome.body === undefined) return void response.writeHead(outcome.status).end();
    response.writeHead(outcome.status, { "content-type": "application/json" });
    response.end(`${JSON.stringify(outcome.body)}\n`);
  }
}

function toWireRequest(request: IncomingMessage, sourceIp: string, id: string): WireRequest {
  const [path = "", ...rest] = (request.url ?? "").split("?");
  const { rawHeaders } = request;
  return {
    method: request.method ?? "",
    path,
    query: rest.join("?"),
    headers: rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ""] as const] : [])),
    sourceIp,
    id,
  };
}
