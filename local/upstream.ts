import { once } from "node:events";
import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { request as httpsRequest } from "node:https";
import { pipeline } from "node:stream/promises";

/** Where requests that pass go, with the authorizer's context. */
export type Upstream = (
  request: IncomingMessage,
  response: ServerResponse,
  context: Readonly<Record<string, string>>,
) => Promise<void>;

/** About the connection, not the message: RFC 9110, section 7.6.1. */
const HOP_BY_HOP = ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

/** An API that answers with what it was given; the token aside, which is nobody's to print. */
export const sampleApi: Upstream = async (request, response, context) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { authorization: _, ...headers } = request.headers;
  const body = {
    method: request.method,
    path: request.url,
    headers,
    body: Buffer.concat(chunks).toString(),
    authorizer: context,
  };
  response.writeHead(200, { "content-type": "application/json" }).end(`${JSON.stringify(body, null, 2)}\n`);
};

/**
 * Sends requests on. The context goes along as `x-authorizer-<name>` headers, which replace what the client may have
 * sent under these names, as an integration's parameter mapping would.
 */
export function createProxy(target: URL): Upstream {
  const send = target.protocol === "https:" ? httpsRequest : httpRequest;
  return async (request, response, context) => {
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(
        ([name]) => !HOP_BY_HOP.includes(name) && !name.startsWith("x-authorizer-"),
      ),
    );
    for (const [name, value] of Object.entries(context)) headers[`x-authorizer-${name.toLowerCase()}`] = value;
    const path = `${target.pathname.replace(/\/$/, "")}${request.url}`;
    const outgoing = send(new URL(target), {
      method: request.method,
      path,
      headers: { ...headers, host: target.host },
    });
    try {
      const [[incoming]] = await Promise.all([
        once(outgoing, "response") as Promise<[IncomingMessage]>,
        pipeline(request, outgoing),
      ]);
      // What the gateway says, such as x-cache, the upstream can't.
      response.writeHead(incoming.statusCode ?? 502, { ...incoming.headers, ...response.getHeaders() });
      await pipeline(incoming, response);
    } catch (error) {
      // After its head an answer can only be broken off, which tells the client that it is not whole.
      if (response.headersSent) throw error;
      response.writeHead(502, { "content-type": "application/json" });
      response.end(`${JSON.stringify({ message: "Bad Gateway" })}\n`);
    }
  };
}
