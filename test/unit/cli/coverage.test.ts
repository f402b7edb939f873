import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Outcome, readArguments } from "../../../cli/command.ts";
import { command } from "../../../cli/coverage.ts";
import { createWorkspace, type Workspace } from "../../../dev/workspace.ts";
import { OPENED_PARTS, TWO_APIS } from "../../support/two-apis.ts";

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace({
    ...TWO_APIS,
    "access/open.rego": OPENED_PARTS["access/open.rego"],
    "../shop.json": JSON.stringify({
      ...{ openapi: "3.0.3", info: { title: "Shop", version: "1" } },
      paths: { "/health": { get: {} }, "/prices": { get: {} }, "/users/{id}": { get: {}, delete: {} } },
    }),
  });
});
afterAll(() => workspace[Symbol.asyncDispose]());

async function cover(...names: readonly string[]) {
  const documents = names.flatMap((name) => ["--openapi", `${name}=${join(workspace.root, "shop.json")}`]);
  const given = readArguments(command, ["--policies", workspace.policies, "--format", "json", ...documents]);
  const outcome: Outcome = "kind" in given ? given : await command.run(given);
  if (outcome.kind !== "done" || outcome.output === undefined) throw new Error(JSON.stringify(outcome));
  const { routes_without_rule: routes, rules_without_route: rules } = JSON.parse(outcome.output);
  return {
    routes: routes.map(({ api, verb, path }: Record<string, string>) => `${api} ${verb} ${path}`),
    rules: rules.map(({ kind, name, file, line }: Record<string, string | number>) =>
      [kind, name, `${file}:${line}`.replace(`${workspace.root}/`, "")].join(" "),
    ),
  };
}

it("finds that public rules and rules for named APIs reach the routes of their APIs", async () => {
  expect(await cover("orders", "billing")).toEqual({ routes: ["orders GET /prices"], rules: [] });
});

it("finds that rules for an API without a document reach nothing", async () => {
  expect(await cover("orders")).toEqual({
    routes: ["orders GET /prices"],
    rules: [
      "grant billing.read policies/access/billing.rego:3",
      "denial billing.kept policies/access/billing.rego:5",
      "public open.prices policies/access/open.rego:9",
    ],
  });
});
