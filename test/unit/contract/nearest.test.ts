import { expect, it } from "vitest";
import { formatChoice } from "../../../contract/nearest.ts";

const FLAGS = ["policies", "openapi", "cache-scope", "dist"];

it.each([
  ["polices", "policies"],
  ["policy", "policies"],
  ["open-api", "openapi"],
  ["cachescope", "cache-scope"],
  ["dsit", "dist"],
  ["dis", "dist"],
  ["", undefined],
  ["verbose", undefined],
])("the flag nearest to %j is %j", (typed, nearest) => {
  const all = "there are --policies, --openapi, --cache-scope, --dist";
  expect(formatChoice(typed, FLAGS, "--")).toBe(nearest === undefined ? all : `did you mean --${nearest}?`);
});

it("of two words as near, the first is named", () => {
  expect(formatChoice("tert", ["test", "text"])).toBe("did you mean test?");
});
