import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createWorkspace } from "../../dev/workspace.ts";
import { callFrom, createPage, findChromium } from "../support/browser.ts";
import { type Started, signIn, startLocally } from "../support/local-start.ts";
import { LOCAL_POLICIES } from "../support/policies.ts";

// Pages of other origins call the local gateway from Chromium, which sends its own preflights and enforces their answers.

const chromium = findChromium(process.env);

/** A document for both kinds of API, whose `/home` may be called by pages of one origin. */
function toDocument(origin: string): string {
  const header = (name: string) => `method.response.header.Access-Control-Allow-${name}`;
  const responseParameters = {
    [header("Origin")]: `'${origin}'`,
    [header("Methods")]: "'GET'",
    [header("Headers")]: "'authorization'",
  };
  const integration = { type: "mock", responses: { default: { statusCode: "204", responseParameters } } };
  const cors = { allowOrigins: [origin], allowMethods: ["GET"], allowHeaders: ["authorization"] };
  return JSON.stringify({
    openapi: "3.0.1",
    "x-amazon-apigateway-cors": cors,
    paths: { "/home": { get: {}, options: { "x-amazon-apigateway-integration": integration } }, "/admin": { get: {} } },
  });
}

/** The flags of a start that answers preflights of an origin. */
const WAYS: Readonly<Record<string, (origin: string) => readonly string[]>> = {
  "--cors": (origin) => ["--cors", origin],
  "the document of a REST API": () => ["--openapi", "openapi.json"],
  "the document of an HTTP API": () => ["--openapi", "openapi.json", "--kind", "http"],
};

/** What a script gets for a response that the browser keeps from it. */
const KEPT = { error: "TypeError" };

async function tokenOf({ issuer }: Started, user: string): Promise<string> {
  const { body } = await signIn(issuer, user);
  return (body["AuthenticationResult"] as { IdToken: string }).IdToken;
}

/** Returns the requests that reached the gateway, with what it decided, in alphabetical order. */
function requestsOf(started: Started): readonly string[] {
  const lines = started.output().match(/^(GET|OPTIONS) .*$/gm) ?? [];
  return lines.map((line) => line.replace(/ \d+ µs$/, "").replaceAll(/ +/g, " ")).sort();
}

if (chromium === undefined)
  console.warn("There is no Chromium, so no page is tried: put chromium on the PATH, or name it in CHROMIUM.");

describe.skipIf(chromium === undefined)("a page in Chromium whose preflights are answered by", () => {
  it.each(Object.entries(WAYS))(
    "%s reads what its user may, and one of another origin does not",
    async (_, toFlags) => {
      await using page = await createPage();
      await using other = await createPage();
      await using workspace = await createWorkspace(LOCAL_POLICIES);
      await writeFile(join(workspace.root, "openapi.json"), toDocument(page.origin));
      await using started = await startLocally(workspace.root, toFlags(page.origin));
      const [url, authorization] = [`${started.gateway}/home`, `Bearer ${await tokenOf(started, "customer")}`];
      const withToken = { url, headers: { authorization } };

      const [replies = [], others] = await callFrom(chromium ?? "", [
        [page, [withToken, { url }, { url, headers: { authorization, "x-other": "1" } }]],
        [other, [withToken]],
      ]);
      const [allowed, ...kept] = replies;
      expect(allowed).toMatchObject({ status: 200, body: expect.stringContaining('"grants": "home.read"') });
      // API Gateway adds no CORS headers to a refusal, and the header `x-other` is not allowed.
      expect({ kept, others }).toEqual({ kept: [KEPT, KEPT], others: [KEPT] });
      const preflight = "OPTIONS /home gets 204, and the authorizer is not invoked";
      await started.printed(/(?:^OPTIONS .*\s[\s\S]*){3}/m);
      expect(requestsOf(started)).toEqual([
        "GET /home - deny token.missing",
        "GET /home customer allow home.read",
        ...[preflight, preflight, preflight],
      ]);
    },
  );
});
