import { expect, it } from "vitest";
import { parseLogFormat } from "../../../replay/log-format.ts";
import { createToLoggedRequest, type LogReading } from "../../../replay/logged-request.ts";
import { toRequestPath } from "../../../replay/request-path.ts";
import { toToday } from "../../../replay/today.ts";
import { unwrapLine } from "../../../replay/unwrap.ts";

const CLAIMS = new Set(["sub", "cognito:groups"]);
const PLAIN: LogReading = { format: undefined, kind: undefined, claims: CLAIMS };
const REST = { httpMethod: "GET", path: "/prod/a", resourcePath: "/a", stage: "prod", status: "200" };

/** Reads a line; gives the requests in it, or why they can't be replayed. */
function readAll(line: string, reading = PLAIN) {
  return unwrapLine(line).map((entry) => {
    const logged = entry.ok ? createToLoggedRequest(reading)(entry.value) : entry;
    return logged.ok ? logged.value : logged.error;
  });
}

const one = (entry: object, reading = PLAIN) => readAll(JSON.stringify(entry), reading)[0];

function restOf(changes: object) {
  const logged = one({ ...REST, ...changes });
  if (logged === undefined || typeof logged === "string") throw new Error(`${logged}`);
  return logged;
}

it.each<[string, object]>([
  ["variables", { "authorizer.claims.sub": "u", "authorizer.claims.cognito:groups": "-" }],
  [
    "variables with their sign",
    { "$context.authorizer.claims.sub": "u", "$context.authorizer.jwt.claims.cognito:groups": "" },
  ],
  ["variables with brackets", { "authorizer.claims.sub": "u", "authorizer.claims['cognito:groups']": "-" }],
  ["objects", { authorizer: { claims: { sub: "u", "cognito:groups": "-" } } }],
  ["a list of claims", { claims: { sub: "u", "cognito:groups": null } }],
  ["names of claims", { sub: "u", "cognito:groups": "-" }],
  ["the context of a Lambda authorizer", { "authorizer.sub": "u", "authorizer.lambda.cognito:groups": "-" }],
])("finds claims under the names of %s, whose sign for no value is no value", (_, keys) => {
  expect(one({ ...REST, ...keys })).toMatchObject({ kind: "rest", claims: { sub: "u", "cognito:groups": null } });
});

it("reads keys by the format that a stage has, whatever their names", () => {
  const format = parseLogFormat(
    '{"m": "$context.httpMethod", "p": {"of": "$context.path"}, "s": $context.status, "who": "$context.authorizer.claims.sub", "route": "$context.routeKey", "x": "a $context.stage"}',
  );
  if (!format.ok) throw new Error(format.error);
  const entry = { m: "GET", p: { of: "/a" }, s: 200, who: "u", route: "GET /a", x: "a prod", path: "/other" };
  expect(one(entry, { ...PLAIN, format: format.value })).toMatchObject({
    ...{ kind: "http", method: "GET", path: "/a", status: 200, claims: { sub: "u" } },
  });
  expect([parseLogFormat("$context.requestId $context.status").ok, parseLogFormat('{"a": "b"}').ok]).toEqual([
    false,
    false,
  ]);
});

it.each<[string, string]>([
  ["<log><id>1</id></log>", "line.xml"],
  ['203.0.113.7 - me [25/Nov/2026:13:05:00 +0000] "GET /a HTTP/1.1" 200 12 id', "line.clf"],
  ["203.0.113.7,GET,/a,200,id", "line.csv"],
  ["START RequestId: 1", "line.not_json"],
  ['"text"', "line.not_json"],
  ["{", "line.part_of_document"],
  ['{"httpMethod": "GET", "sub": "a", "sub": "b"}', "line.ambiguous"],
  ['{"httpMethod": "GET", "path": "/a"}', "fields.missing"],
  ['{"httpMethod": "GET", "method": "PUT", "path": "/a", "status": 200}', "fields.conflict"],
  ['{"httpMethod": "GET", "path": "/a", "status": "fine", "resourcePath": "/a"}', "fields.unreadable"],
  [
    '{"httpMethod": "GET", "path": "/a", "status": 200, "resourcePath": "/a", "requestTimeEpoch": "soon"}',
    "fields.unreadable",
  ],
  ['{"httpMethod": "GET", "path": "/a", "status": 200}', "kind.unknown"],
  ['{"httpMethod": "GET", "path": "/a", "status": 200, "routeKey": "$connect"}', "line.web_socket"],
])("says of %s why it can't be replayed: %s", (line, problem) => {
  expect(readAll(line)).toEqual([problem]);
});

it("takes entries out of what CloudWatch Logs and its tools make of them", () => {
  const entry = JSON.stringify({ ...REST, sub: "u" });
  const [plain] = readAll(entry);
  const record = {
    messageType: "DATA_MESSAGE",
    logEvents: [
      { id: "1", message: entry },
      { id: "2", message: `${entry}\n` },
    ],
  };
  expect(readAll(`2026-11-25T13:05:00.000Z ${entry}`)).toEqual([plain]);
  expect(readAll(`2026-11-25T13:05:00.000000+00:00 a/stream ${entry}`)).toEqual([plain]);
  expect(readAll(`${entry}\t${entry}`)).toEqual([plain, plain]);
  expect(readAll(JSON.stringify(record))).toEqual([plain, plain]);
  expect(readAll(JSON.stringify({ messageType: "CONTROL_MESSAGE" }))).toEqual([]);
  expect(readAll("")).toEqual([]);
});

it("reads both forms of the time", () => {
  expect(restOf({ requestTimeEpoch: "1795611900000" }).timeMs).toBe(1_795_611_900_000);
  expect(restOf({ requestTime: "25/Nov/2026:13:05:00 +0000" }).timeMs).toBe(1_795_611_900_000);
  expect(restOf({}).timeMs).toBeUndefined();
});

const OWN = { domainName: "x.execute-api.eu-west-1.amazonaws.com" };
const CUSTOM = { domainName: "api.example.com" };

it.each<[string, object, string | undefined]>([
  ["the stage of the API's own domain", { ...OWN, path: "/prod/a" }, "/a"],
  ["the stage before the root", { ...OWN, path: "/prod/", resourcePath: "/" }, "/"],
  ["a segment that begins like the stage", { ...OWN, path: "/prod/production", resourcePath: "/{p+}" }, "/production"],
  ["a stage that is not part of the path", { ...OWN, path: "/a", stage: "$default" }, "/a"],
  [
    "a path like the stage on a custom domain",
    { ...CUSTOM, "customDomain.basePathMatched": "-", path: "/prod/a" },
    "/prod/a",
  ],
  ["a base path", { ...CUSTOM, "customDomain.basePathMatched": "v1/shop", path: "/v1/shop/a" }, "/a"],
  ["a base path that is not logged", { ...CUSTOM, path: "/v1/a" }, "/a"],
  ["a base path before a greedy route", { ...CUSTOM, path: "/v1/a/b", resourcePath: "/{p+}" }, undefined],
  ["no domain, and a route that tells", { path: "/prod/a" }, "/a"],
  ["no domain, and a route that does not tell", { path: "/prod/a", resourcePath: "/{p+}" }, undefined],
])("finds the path behind %s", (_, changes, path) => {
  const found = toRequestPath(restOf(changes));
  expect(found.ok ? found.value : undefined).toBe(path);
});

const CALLED = { claims: { sub: "u" } };

it.each<[string, object, string]>([
  ["reached the back end", { status: 500, integrationStatus: "500", ...CALLED }, "allowed"],
  ["was refused by the back end", { status: 403, integrationStatus: "200", ...CALLED }, "refused_behind"],
  ["was refused by the authorizer", { status: 403, "error.responseType": "ACCESS_DENIED", ...CALLED }, "refused"],
  ["was refused, which its status alone says", { status: 401 }, "refused"],
  ["lacked an API key", { status: 403, "error.responseType": "INVALID_API_KEY", ...CALLED }, "refused_behind"],
  ["was throttled", { status: 429, "error.responseType": "THROTTLED" }, "limited"],
  ["had no route", { status: 403, "error.responseType": "MISSING_AUTHENTICATION_TOKEN" }, "no_route"],
  ["met a failing authorizer", { status: 500, "error.responseType": "AUTHORIZER_FAILURE" }, "authorizer_failed"],
  ["was a preflight", { httpMethod: "OPTIONS", status: 204 }, "preflight"],
  ["succeeded", { status: 200, ...CALLED }, "allowed"],
])("tells whether a request %s", (_, changes, expected) => {
  const today = toToday(restOf(changes));
  expect(today.kind === "undecided" ? today.because : today.kind).toBe(expected);
});
