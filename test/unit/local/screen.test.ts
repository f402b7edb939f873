import { expect, it } from "vitest";
import { formatNotInvoked } from "../../../local/screen.ts";
import type { Outcome } from "../../../simulator/simulator.ts";

const OUTCOME: Outcome = {
  status: 200,
  body: {},
  context: undefined,
  cache: undefined,
  event: undefined,
  arn: undefined,
  answeredAtMs: undefined,
};

it.each<[string, Partial<Outcome>, string]>([
  [
    "a cached response with its age",
    { cache: "hit", answeredAtMs: 1_000 },
    "GET    /orders                      cached 12 s ago: 200",
  ],
  [
    "a malformed path",
    { status: 400 },
    "GET    /orders?a=1                  is no percent-encoded text: 400, and the authorizer is not asked",
  ],
  ["a missing token", { status: 401 }, "GET    /orders?a=1                  gets 401, and the authorizer is not asked"],
])("the terminal shows %s", (_, changes, line) => {
  expect(formatNotInvoked({ method: "GET", url: "/orders?a=1" }, { ...OUTCOME, ...changes }, 13_999)).toBe(line);
});
