import { describe, expect, it } from "vitest";
import { readArguments } from "../../../cli/command.ts";
import { command } from "../../../cli/start.ts";
import { readStartOptions } from "../../../cli/start-options.ts";

const DEFAULTS = {
  policies: "policies",
  kind: "rest",
  upstream: undefined,
  sourceIp: undefined,
  port: 3000,
  consolePort: 3001,
  cacheTtlS: undefined,
  tokenSources: [{ from: "header", name: "Authorization" }],
  apiName: undefined,
  api: { documents: [], kind: undefined, cacheScope: "request", trailingSlash: "denied" },
  corsOrigin: undefined,
  passedOn: {},
  asJson: false,
};

function parseOptions(args: readonly string[], environment: Readonly<Record<string, string>>) {
  const given = readArguments(command, args);
  return "kind" in given ? given : readStartOptions(given, environment);
}

describe("the command line of rego-authorizer start", () => {
  it.each<[string, readonly string[], object]>([
    ["may be empty", [], {}],
    ["caches responses for five minutes", ["--cache"], { cacheTtlS: 300 }],
    ["caches responses for a second", ["--cache", "--cache-ttl", "1"], { cacheTtlS: 1 }],
    ["caches responses for an hour", ["--cache-ttl=3600", "--cache"], { cacheTtlS: 3600 }],
    [
      "names the document of the routes",
      ["--cache", "--openapi", "a.yaml", "--cache-scope", "token"],
      {
        cacheTtlS: 300,
        api: { documents: [{ api: undefined, file: "a.yaml" }], cacheScope: "token", trailingSlash: "denied" },
      },
    ],
    [
      "names the document of the routes without a cache",
      ["--openapi", "a.yaml"],
      {
        api: { documents: [{ api: undefined, file: "a.yaml" }], cacheScope: "request", trailingSlash: "denied" },
      },
    ],
    ["answers preflights of an origin", ["--cors", "http://localhost:5173"], { corsOrigin: "http://localhost:5173" }],
    ["answers preflights of every origin", ["--cors", "*"], { corsOrigin: "*" }],
    [
      "has every other option",
      ["--kind", "http", "--upstream", "http://localhost:8080", "--source-ip", "::1", "--json"],
      {
        kind: "http",
        api: { ...DEFAULTS.api, kind: "http" },
        upstream: new URL("http://localhost:8080"),
        sourceIp: "::1",
        asJson: true,
      },
    ],
  ])("%s", (_, args, changes) => {
    expect(parseOptions(args, {})).toEqual({ ok: true, value: { ...DEFAULTS, ...changes } });
  });

  it.each<[string, readonly string[], string]>([
    ["a TTL of 0", ["--cache", "--cache-ttl", "0"], "--cache-ttl must be a whole number from 1 to 3600"],
    [
      "a TTL above API Gateway's maximum",
      ["--cache", "--cache-ttl", "3601"],
      "--cache-ttl must be a whole number from 1 to 3600",
    ],
    [
      "a TTL that is not in digits",
      ["--cache", "--cache-ttl", "1e3"],
      "--cache-ttl must be a whole number from 1 to 3600",
    ],
    ["half a second", ["--cache", "--cache-ttl", "0.5"], "--cache-ttl must be a whole number from 1 to 3600"],
    ["a word for a time", ["--cache", "--cache-ttl", "long"], "--cache-ttl must be a whole number from 1 to 3600"],
    ["no text for a time", ["--cache", "--cache-ttl="], "--cache-ttl must be a whole number from 1 to 3600"],
    ["a time without a cache", ["--cache-ttl", "60"], "--cache-ttl needs --cache"],
    ["a cache scope without a cache", ["--openapi", "a.yaml", "--cache-scope", "token"], "--cache-scope needs --cache"],
    [
      "an origin with a path",
      ["--cors", "https://a.example/"],
      "--cors must be an origin, like https://app.example.com, or *",
    ],
    [
      "an origin without a scheme",
      ["--cors", "a.example"],
      "--cors must be an origin, like https://app.example.com, or *",
    ],
    [
      "the cache scope token without routes",
      ["--cache", "--cache-scope", "token"],
      "--cache-scope token needs --openapi",
    ],
    [
      "the cache scope token on an HTTP API",
      ["--cache", "--kind", "http", "--openapi", "a.yaml", "--cache-scope", "token"],
      "--cache-scope token is for REST APIs",
    ],
    ["an unknown cache scope", ["--cache", "--cache-scope", "all"], "--cache-scope must be request or token"],
    ["another kind", ["--kind", "soap"], "--kind must be rest or http"],
  ])("may not have: %s", (_, args, fault) => {
    expect(parseOptions(args, {})).toEqual({ ok: false, error: [fault] });
  });

  it("takes the ports from the environment", () => {
    expect(parseOptions([], { PORT: "0", CONSOLE_PORT: "65535" })).toMatchObject({
      value: { port: 0, consolePort: 65535 },
    });
    expect(parseOptions([], { PORT: "65536" })).toEqual({ ok: false, error: ["PORT must be a port number"] });
  });
});

it("the environment says where the token is", () => {
  const options = (TOKEN_SOURCE: string) => parseOptions([], { TOKEN_SOURCE });
  expect(options("cookie:session")).toMatchObject({
    ok: true,
    value: { tokenSources: [{ from: "cookie", name: "session" }] },
  });
  expect(options("body:x")).toEqual({ ok: false, error: [expect.stringMatching(/^TOKEN_SOURCE: must be /)] });
  expect(options("subprotocol")).toEqual({
    ok: false,
    error: [expect.stringMatching(/^TOKEN_SOURCE: no request to a REST API can have the token there/)],
  });
});

it("a slash at the end may be the same", () => {
  expect(parseOptions(["--trailing-slash", "same"], {})).toMatchObject({ value: { api: { trailingSlash: "same" } } });
  expect(parseOptions(["--trailing-slash", "yes"], {})).toMatchObject({ ok: false });
});
