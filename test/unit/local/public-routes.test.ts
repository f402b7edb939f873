import { expect, it } from "vitest";
import { toPublicRoutes } from "../../../contract/declared-access.ts";
import type { PublicRule } from "../../../contract/public-rules.ts";
import { toApi } from "../../../local/api.ts";
import { withPublicRoutes } from "../../../local/open-parts.ts";
import { createSimulator } from "../../../simulator/simulator.ts";

const RULES: readonly PublicRule[] = [
  { name: "ops.health", verbs: ["GET"], path: "/health" },
  { name: "ops.docs", verbs: ["GET"], path: "/docs/{page}" },
];

it.each(["rest", "http"] as const)(
  "a %s API lets public requests through without its authorizer, and no others",
  async (kind) => {
    const invoked: string[] = [];
    const api = withPublicRoutes(toApi(kind), toPublicRoutes(RULES));
    const simulator = createSimulator(api, async () => {
      invoked.push("authorizer");
      return { error: "Unauthorized" };
    });
    const send = async (method: string, path: string) => {
      invoked.length = 0;
      const request = { method, path, query: "", headers: [], sourceIp: "192.0.2.1", id: "1" };
      const { context } = await simulator.send(request, 0);
      return { passes: context !== undefined, invoked: [...invoked], context };
    };
    const through = { passes: true, invoked: [], context: {} };
    expect([await send("GET", "/health"), await send("GET", "/docs/faq")]).toEqual([through, through]);
    for (const [method, path] of [
      ["POST", "/health"],
      ["GET", "/docs/a/b"],
      ["GET", "/home"],
    ] as const) {
      expect(await send(method, path)).toMatchObject({ passes: false, invoked: ["authorizer"] });
    }
  },
);

it("with a document, its own routes are public or not", () => {
  const routes = ["GET /health", "GET /docs/faq", "GET /home", "POST /health"].map((text) => {
    const [verb = "", path = ""] = text.split(" ");
    return { verb, path };
  });
  expect(toPublicRoutes(RULES, routes)).toEqual([
    { verb: "GET", path: "/health" },
    { verb: "GET", path: "/docs/faq" },
  ]);
});
