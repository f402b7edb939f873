import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
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
}

/** An API Gateway in small: every request becomes an authorizer event, and the handler's answer is obeyed. */
export function createGateway({ kind, lambda, upstream, sourceIp }: GatewayOptions): Server {
  return createServer(async (request, response) => {
    const refuse = (status: number, body: object) =>
      response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
    const event = toEvent(kind, request, sourceIp ?? request.socket.remoteAddress ?? "", randomUUID());
    if (event === undefined) return refuse(400, { message: "Bad Request" });
    const judgement = judge(kind, await lambda().invoke(event.event), event.arn);
    if (!judgement.passes) return refuse(judgement.status, judgement.body);
    return upstream(request, response, judgement.context);
  });
}
