import { expect, it } from "vitest";
import { formatNotInvoked } from "../../../local/screen.ts";
import type { Outcome } from "../../../simulator/simulator.ts";

const OUTCOME: Outcome = {
  status: 200,
  body: {},
  headers: {},
  context: undefined,
  cache: undefined,
  event: undefined,
  arn: undefined,
  respondedAtMs: undefined,
};

it.each<[string, Partial<Outcome>, string]>([
  [
    "a cached response with its age",
    { cache: "hit", respondedAtMs: 1_000 },
    "GET    /orders                      cached 12 s ago: 200",
  ],
  [
    "a path that is not percent-encoded correctly",
    { status: 400 },
    "GET    /orders?a=1                  is not percent-encoded correctly: 400, and the authorizer is not invoked",
  ],
  [
    "a missing token",
    { status: 401 },
    "GET    /orders?a=1                  gets 401, and the authorizer is not invoked",
  ],
])("the terminal shows %s", (_, changes, line) => {
  expect(formatNotInvoked({ method: "GET", url: "/orders?a=1" }, { ...OUTCOME, ...changes }, 13_999)).toBe(line);
});
