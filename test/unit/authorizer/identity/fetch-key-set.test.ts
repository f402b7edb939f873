import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { fetchKeySet } from "../../../../authorizer/identity/fetch-key-set.ts";
import { err, ok } from "../../../../contract/result.ts";

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
    expect(await fetchFrom((_, response) => response.end('{"keys": []}'))).toEqual(ok({ keys: [] }));
  });

  it("gives it whatever the issuer calls it", async () => {
    const listener: RequestListener = (_, response) =>
      response.writeHead(200, { "content-type": "text/html" }).end("{}");
    expect(await fetchFrom(listener)).toEqual(ok({}));
  });

  it("takes a body of exactly as many bytes as it may have", async () => {
    const body = JSON.stringify("x".repeat(998));
    expect(await fetchFrom((_, response) => response.end(body))).toEqual(ok("x".repeat(998)));
    expect(await fetchFrom((_, response) => response.end(`${body} `))).toEqual(err("too_large"));
  });

  it.each<[string, RequestListener, string]>([
    ["another status", (_, response) => response.writeHead(404).end('{"keys": []}'), "status"],
    ["a redirect", (_, response) => response.writeHead(301, { location: "/keys" }).end(), "status"],
    ["something else than JSON", (_, response) => response.end("<html>"), "not_json"],
    ["nothing", (_, response) => response.end(), "not_json"],
    [
      "a body that is cut short",
      (_, response) => response.writeHead(200, { "content-length": 100 }).write("{}", () => response.destroy()),
      "unreachable",
    ],
    [
      "a body without end",
      (_, response) => void setInterval(() => response.write("x".repeat(500)), 1).unref(),
      "too_large",
    ],
    ["no connection", (request) => request.destroy(), "unreachable"],
  ])("has a fault for %s", async (_, listener, fault) => {
    expect(await fetchFrom(listener)).toEqual(err(fault));
  });

  it("has a fault for an answer that does not come", async () => {
    expect(await fetchFrom(() => {}, { timeoutMs: 50, maxBytes: 1_000 })).toEqual(err("timeout"));
  });

  it("has a fault for an answer that comes by drops", async () => {
    const drip: RequestListener = (_, response) => void setInterval(() => response.write(" "), 10).unref();
    expect(await fetchFrom(drip, { timeoutMs: 100, maxBytes: 1_000 })).toEqual(err("timeout"));
  });

  it("has a fault for a host that is not there", async () => {
    expect(await fetchKeySet("https://127.0.0.1:1/keys")).toEqual(err("unreachable"));
  });
});
