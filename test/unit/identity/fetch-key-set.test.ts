import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { fetchKeySet } from "../../../authorizer/identity/fetch-key-set.ts";

/** Asks a server on this machine that answers in this way. */
async function fetchFrom(listener: RequestListener, limits = { timeoutMs: 5_000, maxBytes: 1_000 }): Promise<unknown> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    return await fetchKeySet(`http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`, limits);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

describe("fetchKeySet", () => {
  it("gives the JSON that the issuer answers", async () => {
    expect(await fetchFrom((_, response) => response.end('{"keys": []}'))).toEqual({ keys: [] });
  });

  it.each<[string, RequestListener]>([
    ["another status", (_, response) => response.writeHead(404).end('{"keys": []}')],
    ["a redirect", (_, response) => response.writeHead(301, { location: "/keys" }).end()],
    ["something else than JSON", (_, response) => response.end("<html>")],
    ["nothing", (_, response) => response.end()],
    [
      "a body that is cut short",
      (_, response) => response.writeHead(200, { "content-length": 100 }).write("{}", () => response.destroy()),
    ],
    ["a body without end", (_, response) => void setInterval(() => response.write("x".repeat(500)), 1).unref()],
    ["no connection", (request) => request.destroy()],
  ])("rejects %s", async (_, listener) => {
    await expect(fetchFrom(listener)).rejects.toThrow();
  });

  it("rejects an answer that does not come", async () => {
    await expect(fetchFrom(() => {}, { timeoutMs: 50, maxBytes: 1_000 })).rejects.toThrow();
  });

  it("rejects an answer that comes by drops", async () => {
    const drip: RequestListener = (_, response) => void setInterval(() => response.write(" "), 10).unref();
    await expect(fetchFrom(drip, { timeoutMs: 100, maxBytes: 1_000 })).rejects.toThrow();
  });
});
