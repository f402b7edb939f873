import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { WireRequest } from "../simulator/arrival.ts";
import type { Outcome, Simulator } from "../simulator/simulator.ts";
import type { Upstream } from "./upstream.ts";

/** What the local gateway is made of. */
export interface GatewayOptions {
  /** The API at this moment; another one after a rebuild. */
  readonly simulator: () => Simulator;
  readonly upstream: Upstream;
  /** The source address of all requests; the client's own if not set. */
  readonly sourceIp: string | undefined;
  /** Told of each request before the handler is; `id` comes back in the decision log, if the handler is asked. */
  readonly onRequest: (id: string, method: string, url: string) => void;
  /** Told of each request for which the handler is not asked: its answer is in the cache, or none is needed. */
  readonly onNotInvoked: (id: string, outcome: Outcome) => void;
}

/** The simulator on a port: what passes goes to the upstream, and `x-cache` says whether an answer was kept. */
export function createGateway({ simulator, upstream, sourceIp, onRequest, onNotInvoked }: GatewayOptions): Server {
  return createServer((request, response) => {
    // A client that goes away in the middle of its request is no reason to end.
    answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = randomUUID();
    onRequest(id, request.method ?? "", request.url ?? "");
    const wireRequest = toWireRequest(request, sourceIp ?? request.socket.remoteAddress ?? "", id);
    const outcome = await simulator().send(wireRequest, Date.now());
    if (outcome.event === undefined || outcome.cache === "hit") onNotInvoked(id, outcome);
    if (outcome.cache !== undefined) response.setHeader("x-cache", outcome.cache);
    if (outcome.context !== undefined) return upstream(request, response, outcome.context);
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
