import { describe, expect, it } from "vitest";
import { checkTitles } from "../../build/policy/metadata.ts";
import { checkSchemas } from "../../build/policy/packages.ts";
import { listRego, parseFile } from "../../build/rego/files.ts";
import { opaIn } from "../support/opa.ts";
import { ORDERS_FOLDER } from "../support/orders-policies.ts";

async function sourcesIn(root: string, folder: string) {
  const opa = await opaIn(root);
  const files = (await listRego(root, folder)).filter(({ part }) => part !== "test");
  return Promise.all(files.map((file) => parseFile(opa, file)));
}

describe.each([
  ["the engine", process.cwd(), "policies/engine"],
  ["the policy of the example API", ORDERS_FOLDER, "access"],
])("%s", async (_, root, folder) => {
  const sources = await sourcesIn(root, folder);

  it("has a title for every package and public rule", () => {
    expect(sources.length).toBeGreaterThan(4);
    expect(checkTitles(sources)).toEqual([]);
  });

  it("declares the schema of the input in every file that reads it", () => {
    expect(checkSchemas(sources)).toEqual([]);
  });
});
