import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { fetchKeySet } from "../../../../authorizer/identity/fetch-key-set.ts";
import { err, ok } from "../../../../contract/result.ts";

/** Fetches from a server on this machine that responds in this way. */
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
  it("returns the issuer's JSON", async () => {
    expect(await fetchFrom((_, response) => response.end('{"keys": []}'))).toEqual(ok({ keys: [] }));
  });

  it("accepts any content type", async () => {
    const listener: RequestListener = (_, response) =>
      response.writeHead(200, { "content-type": "text/html" }).end("{}");
    expect(await fetchFrom(listener)).toEqual(ok({}));
  });

  it("accepts a body of exactly the maximum size", async () => {
    const body = JSON.stringify("x".repeat(998));
    expect(await fetchFrom((_, response) => response.end(body))).toEqual(ok("x".repeat(998)));
    expect(await fetchFrom((_, response) => response.end(`${body} `))).toEqual(err("too_large"));
  });

  it.each<[string, RequestListener, string]>([
    ["another status", (_, response) => response.writeHead(404).end('{"keys": []}'), "status"],
    ["a redirect", (_, response) => response.writeHead(301, { location: "/keys" }).end(), "status"],
    ["a body other than JSON", (_, response) => response.end("<html>"), "not_json"],
    ["nothing", (_, response) => response.end(), "not_json"],
    [
      "a body that is cut short",
      (_, response) => response.writeHead(200, { "content-length": 100 }).write("{}", () => response.destroy()),
      "unreachable",
    ],
    [
      "an endless body",
      (_, response) => void setInterval(() => response.write("x".repeat(500)), 1).unref(),
      "too_large",
    ],
    ["no connection", (request) => request.destroy(), "unreachable"],
  ])("fails for %s", async (_, listener, fault) => {
    expect(await fetchFrom(listener)).toEqual(err(fault));
  });

  it("fails without a response in time", async () => {
    expect(await fetchFrom(() => {}, { timeoutMs: 50, maxBytes: 1_000 })).toEqual(err("timeout"));
  });

  it("fails for a response that trickles in", async () => {
    const drip: RequestListener = (_, response) => void setInterval(() => response.write(" "), 10).unref();
    expect(await fetchFrom(drip, { timeoutMs: 100, maxBytes: 1_000 })).toEqual(err("timeout"));
  });

  it.each(["127.0.0.1", "::1"])("fetches from this machine by its name: from a server on %s", async (address) => {
    const server = createServer((_, response) => response.end("{}")).listen(0, address);
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    expect(await fetchKeySet(`http://localhost:${port}/keys`)).toEqual(ok({}));
    // Whatever a name server says of a name, plain http goes to this machine.
    expect(await fetchKeySet(`http://keys.example.com:${port}/keys`)).toEqual(ok({}));
    server.close();
  });

  it("fails for an unknown host", async () => {
    expect(await fetchKeySet("https://127.0.0.1:1/keys")).toEqual(err("unreachable"));
  });
});
