import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type LocalKind, toEvent } from "./events.ts";
import { judge } from "./judge.ts";
import type { Lambda } from "./lambda.ts";
import type { Upstream } from "./upstream.ts";

/** What the local gateway is made of. */
export interface GatewayOptions {
  readonly kind: LocalKind;
  /** The handler at this moment; another one after a rebuild. */
  readonly lambda: () => Lambda;
  readonly upstream: Upstream;
  /** The source address of all requests; the client's own if not set. */
  readonly sourceIp: string | undefined;
  /** Told of each request before the handler is; `id` comes back in the decision log, if the handler is asked. */
  readonly onRequest: (id: string, method: string, url: string) => void;
  /** Told of each request for which the handler is not asked. */
  readonly onUnasked: (id: string) => void;
}

/** An API Gateway in small: every request becomes an authorizer event, and the handler's answer is obeyed. */
export function createGateway({ kind, lambda, upstream, sourceIp, onRequest, onUnasked }: GatewayOptions): Server {
  return createServer((request, response) => {
    // A client that goes away in the middle of its request is no reason to end.
    answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refuse = (status: number, body: object): void => {
      response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
    };
    const id = randomUUID();
    onRequest(id, request.method ?? "", request.url ?? "");
    const event = toEvent(kind, request, sourceIp ?? request.socket.remoteAddress ?? "", id);
    if (event === undefined) {
      onUnasked(id);
      return refuse(400, { message: "Bad Request" });
    }
    const judgement = judge(kind, await lambda().invoke(event.event), event.arn);
    if (!judgement.passes) return refuse(judgement.status, judgement.body);
    await upstream(request, response, judgement.context);
  }
}
