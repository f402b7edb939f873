import { once } from "node:events";
import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { request as httpsRequest } from "node:https";
import { pipeline } from "node:stream/promises";

/** Answers an allowed request, with the authorizer's context. */
export type Upstream = (
  request: IncomingMessage,
  response: ServerResponse,
  context: Readonly<Record<string, string>>,
) => Promise<void>;

/** Headers for the connection, which a proxy must not forward (RFC 9110, section 7.6.1). */
const HOP_BY_HOP = ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

/**
 * Creates a sample API that echoes the request, without its token, and the authorizer's context.
 *
 * @param readOrigins - Reads the origins whose pages may read its responses; `*` allows any.
 */
export function createSampleApi(readOrigins: () => readonly string[]): Upstream {
  return async (request, response, context) => {
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
    response.writeHead(200, { "content-type": "application/json", ...toPageHeaders(headers.origin, readOrigins()) });
    response.end(`${JSON.stringify(body, null, 2)}\n`);
  };
}

/** Makes the headers that let a page read a response, if its origin may. */
function toPageHeaders(origin: string | undefined, origins: readonly string[]): Readonly<Record<string, string>> {
  if (origins.includes("*")) return { "access-control-allow-origin": "*" };
  return origin !== undefined && origins.includes(origin)
    ? { "access-control-allow-origin": origin, vary: "Origin" }
    : {};
}

/**
 * Creates a proxy to another API. It adds the context as `x-authorizer-<name>` headers and removes such headers of the
 * client, as an integration's parameter mapping would.
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
      // Headers of the gateway, such as x-cache, replace those of the upstream.
      response.writeHead(incoming.statusCode ?? 502, { ...incoming.headers, ...response.getHeaders() });
      await pipeline(incoming, response);
    } catch (error) {
      // After the headers, only a closed connection can tell the client that the response is not complete.
      if (response.headersSent) throw error;
      response.writeHead(502, { "content-type": "application/json" });
      response.end(`${JSON.stringify({ message: "Bad Gateway" })}\n`);
    }
  };
}
